"""Text from an exported file, piece by piece as it is written. Neither torch nor `models`; knows no page."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playground.lookup import Lookup
from playground.precision import FP32
from playground.problem import Problem, Sentence
from playground.sampling import Sampling
from playground.session import DAMAGED, Logits, Reading, Session
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
    steps: int  # calls of the model after the prompt: fewer than tokens where guesses were right
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
            "steps": self.steps,
            "first_token_seconds": self.first_token_seconds,
            "tokens_per_second": self.tokens_per_second,
            "provider": self.provider,
            "unknown": list(self.unknown),
        }


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more text, never half a character; the last piece carries the ending."""

    text: str
    steps: int  # calls of the model after the prompt, up to here
    ending: Ending | None = None


@dataclass(slots=True)
class _Clock:
    """How many tokens were read, asked for and written, and when: it began, the first came."""

    reading: Reading
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

    @property
    def steps(self) -> int:
        return self.reading.calls - -(-self.prompt // AT_ONCE)

    def speed(self) -> float | None:
        return (self.tokens - 1) / (time.perf_counter() - self.first) if self.tokens > 1 else None


def generate(
    session: Session,
    prompt: str,
    tokens: int = 200,
    sampling: Sampling | None = None,
    stops: Sequence[str] = (),
    guess: bool = True,
) -> Iterator[Piece]:
    """Continue `prompt` by up to `tokens` tokens; fewer before a stop string and where the model's positions end.

    guess: as `continuation`; the text is the same.

    Raises (at once, not at the first piece):
        Problem: a prompt that is empty, no valid text or longer than can be read; `tokens` out of range; a stop
            string that makes no sense; a file whose tokenizer is damaged.
    """
    if not 1 <= tokens <= MOST:
        raise Problem(TOKENS.format(given=tokens, most=MOST))
    ids, stopper, reading = _read(session, prompt), Stopper(tuple(stops)), session.reading()
    written = continuation(session, ids, tokens, sampling or Sampling(), guess, reading)
    return _pieces(session, prompt, written, stopper, _Clock(reading, len(ids), tokens))


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
        yield Piece(stopper.feed(decoder.feed(token)), clock.steps)
        if stopper.hit is not None:
            break
    rest = stopper.feed(decoder.finish()) + stopper.finish()
    yield Piece(rest, clock.steps, _ending(session, prompt, stopper.hit, clock))


def _ending(session: Session, prompt: str, stop: str | None, clock: _Clock) -> Ending:
    if stop is not None:
        reason = STOPPED.format(stop=json.dumps(stop, ensure_ascii=False)[1:-1])
    elif clock.tokens < clock.asked:
        reason = POSITIONS_END.format(positions=session.positions)
    else:
        reason = (ALL_WRITTEN if clock.tokens > 1 else ONE_WRITTEN).format(tokens=clock.tokens)
    unknown = tuple(session.tokenizer.unknown(prompt))
    first, speed = clock.first - clock.begun, clock.speed()
    return Ending(reason, clock.prompt, clock.tokens, clock.steps, first, speed, session.provider, unknown, stop)


def continuation(
    session: Session,
    ids: list[int],
    tokens: int,
    sampling: Sampling,
    guess: bool = True,
    reading: Reading | None = None,
) -> Iterator[int]:
    """Up to `tokens` ids after `ids`: those are read first, then each token's keys and values stay in the cache.

    guess: read a token together with guesses at those after it, and go on after the last that was right (speculative
    decoding; Leviathan et al. 2023, arXiv:2211.17192). A guess counts only where the token that is drawn there is the
    same, so that the text is what it would be without. Only where what was read can be forgotten, and in float32: int8
    and int4 round activations by what is read at once, so that a guess would change the text.

    reading: a new one of `session`, for who counts its calls.
    """
    reading, sampler = reading or session.reading(), sampling.sampler(ids)
    logits_TV, guesses, left = _prompt_read(reading, ids), (), tokens
    lookup = Lookup(ids) if guess and reading.goes_back and session.precision == FP32 else None
    while True:
        right = 0
        while True:
            token = sampler.choose(logits_TV[right])
            yield token
            left -= 1
            if left == 0:
                return
            if lookup is not None:
                lookup.learn(token)
            if right == len(guesses) or token != guesses[right]:
                break
            right += 1
        if right < len(guesses):
            reading.go_back(reading.length - len(guesses) + right)
        if session.positions is not None and reading.length >= session.positions:
            return
        guesses = () if lookup is None else _readable(lookup.guesses(), reading.length + 1, session.positions)
        logits_TV = reading.read_each((token, *guesses))


def _prompt_read(reading: Reading, ids: list[int]) -> Logits:
    """Logits [1, V] after the last of `ids`."""
    for start in range(0, len(ids) - AT_ONCE, AT_ONCE):
        reading.read(ids[start : start + AT_ONCE])
    return reading.read(ids[(len(ids) - 1) // AT_ONCE * AT_ONCE :])[None]


def _readable(guesses: Sequence[int], length: int, positions: int | None) -> Sequence[int]:
    """Guesses at what follows `length` tokens; none where the last of them could not be read."""
    return () if positions is not None and length + len(guesses) > positions else guesses


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
