"""Text from an exported file, piece by piece as it is written. Neither torch nor `models`; knows no page."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playground.problem import Problem, Sentence
from playground.sampling import Sampling
from playground.session import DAMAGED, Session
from playground.stopping import Stopper

MOST = 100_000  # tokens of one text: minutes, not days
LONGEST = 8192  # tokens of a prompt: seconds, not minutes
AT_ONCE = 1024  # tokens of a prompt that are read together: the memory for their scores grows with it


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a text ended, and how fast it was written."""

    reason: Sentence
    prompt_tokens: int
    tokens: int
    first_token_seconds: float
    tokens_per_second: float | None  # of the tokens after the first; None if there was one only
    provider: str
    unknown: tuple[str, ...] = ()  # characters of the prompt that the model never saw
    stop: str | None = None  # the stop string before which the text ended

    def to_dict(self) -> dict[str, object]:
        """As `generate --json` writes it."""
        return {
            "ended": self.reason.en,
            "stop": self.stop,
            "prompt_tokens": self.prompt_tokens,
            "tokens": self.tokens,
            "first_token_seconds": self.first_token_seconds,
            "tokens_per_second": self.tokens_per_second,
            "provider": self.provider,
            "unknown": list(self.unknown),
        }


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more text, never half a character; the last piece carries the ending."""

    text: str
    ending: Ending | None = None


@dataclass(slots=True)
class _Clock:
    """How many tokens were read, asked for and written, and when: it began, the first came."""

    prompt: int
    asked: int
    tokens: int = 0
    begun: float = 0.0
    first: float = 0.0

    def start(self) -> None:
        self.begun = time.perf_counter()

    def tick(self) -> None:
        self.tokens += 1
        self.first = self.first or time.perf_counter()

    def speed(self) -> float | None:
        return (self.tokens - 1) / (time.perf_counter() - self.first) if self.tokens > 1 else None


def generate(
    session: Session, prompt: str, tokens: int = 200, sampling: Sampling | None = None, stops: Sequence[str] = ()
) -> Iterator[Piece]:
    """Continue `prompt` by up to `tokens` tokens; fewer before a stop string and where the model's positions end.

    Raises (at once, not at the first piece):
        Problem: a prompt that is empty, no valid text or longer than can be read; `tokens` out of range; a stop
            string that makes no sense; a file whose tokenizer is damaged.
    """
    if not 1 <= tokens <= MOST:
        raise Problem(TOKENS.format(given=tokens, most=MOST))
    ids, stopper = _read(session, prompt), Stopper(tuple(stops))
    written = continuation(session, ids, tokens, sampling or Sampling())
    return _pieces(session, prompt, written, stopper, _Clock(len(ids), tokens))


def _read(session: Session, prompt: str) -> list[int]:
    try:
        prompt.encode()
    except UnicodeEncodeError:  # half a surrogate pair: bytes on a command line that are no UTF-8
        raise Problem(NOT_TEXT) from None
    try:
        ids = session.tokenizer.encode(prompt)
    except ValueError:  # it has the right tokens, or the session would not be open, and no sound rules to find them by
        raise Problem(DAMAGED.format(path=session.path)) from None
    if not ids:
        raise Problem(EMPTY)
    if session.positions is not None and len(ids) > session.positions:
        raise Problem(BEYOND_POSITIONS.format(length=len(ids), positions=session.positions))
    if len(ids) > LONGEST:
        raise Problem(TOO_LONG.format(length=len(ids), most=LONGEST))
    return ids


def _pieces(session: Session, prompt: str, ids: Iterator[int], stopper: Stopper, clock: _Clock) -> Iterator[Piece]:
    decoder = session.tokenizer.decoder()
    clock.start()
    for token in ids:
        clock.tick()
        yield Piece(stopper.feed(decoder.feed(token)))
        if stopper.hit is not None:
            break
    rest = stopper.feed(decoder.finish()) + stopper.finish()
    yield Piece(rest, _ending(session, prompt, stopper.hit, clock))


def _ending(session: Session, prompt: str, stop: str | None, clock: _Clock) -> Ending:
    if stop is not None:
        reason = STOPPED.format(stop=json.dumps(stop, ensure_ascii=False)[1:-1])
    elif clock.tokens < clock.asked:
        reason = POSITIONS_END.format(positions=session.positions)
    else:
        reason = (ALL_WRITTEN if clock.tokens > 1 else ONE_WRITTEN).format(tokens=clock.tokens)
    unknown = tuple(session.tokenizer.unknown(prompt))
    first, speed = clock.first - clock.begun, clock.speed()
    return Ending(reason, clock.prompt, clock.tokens, first, speed, session.provider, unknown, stop)


def continuation(session: Session, ids: list[int], tokens: int, sampling: Sampling) -> Iterator[int]:
    """Up to `tokens` ids after `ids`: those are read first, then each token's keys and values stay in the cache."""
    sampler, reading = sampling.sampler(ids), session.reading()
    logits_V = reading.read(ids[:AT_ONCE])
    for start in range(AT_ONCE, len(ids), AT_ONCE):
        logits_V = reading.read(ids[start : start + AT_ONCE])
    for written in range(1, tokens + 1):
        token = sampler.choose(logits_V)
        yield token
        if written == tokens or (session.positions is not None and reading.length >= session.positions):
            return
        logits_V = reading.read((token,))


TOKENS = Sentence(
    "{given} tokens were asked for; give 1 to {most}.", "请求生成 {given} 个词元，应在 1 到 {most} 之间。"
)
EMPTY = Sentence(
    "The prompt is empty; give at least one character to go on from.", "提示词为空，请至少给出一个字符作为开头。"
)
NOT_TEXT = Sentence("The prompt is not valid UTF-8 text.", "提示词不是有效的 UTF-8 文本。")
BEYOND_POSITIONS = Sentence(
    "The prompt has {length} tokens, and this model's learned positions end at {positions}. "
    "Shorten it, or train a system with RoPE or ALiBi, whose positions do not end.",
    "提示词有 {length} 个词元，而该模型的可学习位置只到 {positions} 为止。"
    "请缩短提示词，或改为训练使用 RoPE 或 ALiBi 的系统，它们的位置没有上限。",
)
TOO_LONG = Sentence(
    "The prompt has {length} tokens; at most {most} are read. Shorten it.",
    "提示词有 {length} 个词元，最多读取 {most} 个。请缩短提示词。",
)
STOPPED = Sentence("Stopped before “{stop}”.", "在“{stop}”之前停止。")
ONE_WRITTEN = Sentence("The one token is written.", "1 个词元已写完。")
ALL_WRITTEN = Sentence("All {tokens} tokens are written.", "{tokens} 个词元已全部写完。")
POSITIONS_END = Sentence(
    "Stopped: this model has learned positions, and the last of its {positions} was reached.",
    "已停止：该模型使用可学习位置，{positions} 个位置已经用完。",
)
