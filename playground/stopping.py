"""Ends a text before a stop string, in whatever pieces it arrives. Knows neither tokens nor models."""

from collections.abc import Sequence
from dataclasses import dataclass

from playground.problem import Problem, Sentence

MOST = 16  # stop strings of one text
LONGEST = 200  # characters of one


@dataclass(slots=True)
class Stopper:
    """Passes text on, except what may be the beginning of a stop string: that waits until it is known.

    The stop string that is complete first ends the text; of those complete at once, the longest. So the result is the
    same however the text is cut into pieces. `hit` is that string, None so far.

    Raises:
        Problem: too many stop strings, or one that is empty, endless or no text.
    """

    stops: Sequence[str]
    hit: str | None = None
    _held: str = ""

    def __post_init__(self) -> None:
        if len(self.stops) > MOST:
            raise Problem(TOO_MANY.format(given=len(self.stops), most=MOST))
        for stop in self.stops:
            if not stop:
                raise Problem(EMPTY)
            if len(stop) > LONGEST:
                raise Problem(TOO_LONG.format(given=len(stop), most=LONGEST))
            if any("\ud800" <= character <= "\udfff" for character in stop):  # bytes that are no UTF-8
                raise Problem(NOT_TEXT)

    def feed(self, text: str) -> str:
        """What can be shown after `text` has come; nothing more once a stop string was hit."""
        if self.hit is not None:
            return ""
        text = self._held + text
        found = [(text.index(stop) + len(stop), -len(stop), stop) for stop in self.stops if stop in text]
        if found:
            end, _, self.hit = min(found)
            return text[: end - len(self.hit)]
        shown = len(text) - max((_begun(text, stop) for stop in self.stops), default=0)
        self._held = text[shown:]
        return text[:shown]

    def finish(self) -> str:
        """What was held back and turned out to be no stop string."""
        return "" if self.hit is not None else self._held


def _begun(text: str, stop: str) -> int:
    """How many characters at the end of `text` are the beginning of `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)


TOO_MANY = Sentence(
    "{given} stop strings were given; at most {most} can be.", "给出了 {given} 个停止串，最多 {most} 个。"
)
EMPTY = Sentence(
    "A stop string is empty; it would end every text at once. Leave it out.",
    "停止串为空，任何文本都会立即结束。请去掉它。",
)
TOO_LONG = Sentence(
    "A stop string has {given} characters; at most {most} can be used.",
    "有一个停止串长 {given} 个字符，最多 {most} 个。",
)
NOT_TEXT = Sentence("A stop string is not valid UTF-8 text.", "停止串不是有效的 UTF-8 文本。")
