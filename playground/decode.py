"""Text from an exported file, piece by piece as it is written. Neither torch nor `models`; knows no page."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from playground.problem import Problem, Sentence
from playground.sampling import Sampling
from playground.session import Cache, Session

MOST = 100_000  # tokens of one text: minutes, not days


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

    def to_dict(self) -> dict[str, object]:
        """As `generate --json` writes it."""
        return {
            "ended": self.reason.en,
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
    """When it began, when the first token came, how many came."""

    begun: float = field(default_factory=time.perf_counter)
    first: float = 0.0
    tokens: int = 0

    def tick(self) -> None:
        self.tokens += 1
        self.first = self.first or time.perf_counter()

    def speed(self) -> float | None:
        return (self.tokens - 1) / (time.perf_counter() - self.first) if self.tokens > 1 else None


def generate(session: Session, prompt: str, tokens: int = 200, sampling: Sampling | None = None) -> Iterator[Piece]:
    """Continue `prompt` by up to `tokens` tokens; fewer where the model's positions end.

    Raises (at once, not at the first piece):
        Problem: a prompt that is empty, no valid text or longer than the model can read; `tokens` out of range.
    """
    if not 1 <= tokens <= MOST:
        raise Problem(TOKENS.format(given=tokens, most=MOST))
    ids = _read(session, prompt)
    if session.positions is not None and len(ids) > session.positions:
        raise Problem(TOO_LONG.format(length=len(ids), positions=session.positions))
    return _pieces(session, prompt, ids, tokens, sampling or Sampling())


def _read(session: Session, prompt: str) -> list[int]:
    try:
        prompt.encode()
    except UnicodeEncodeError:  # half a surrogate pair: bytes on a command line that are no UTF-8
        raise Problem(NOT_TEXT) from None
    ids = session.tokenizer.encode(prompt)
    if not ids:
        raise Problem(EMPTY)
    return ids


def _pieces(session: Session, prompt: str, ids: list[int], tokens: int, sampling: Sampling) -> Iterator[Piece]:
    clock, decoder = _Clock(), session.tokenizer.decoder()
    for token in continuation(session, ids, tokens, sampling):
        clock.tick()
        yield Piece(decoder.feed(token))
    full = clock.tokens < tokens
    reason = POSITIONS_END.format(positions=session.positions) if full else ALL_WRITTEN.format(tokens=tokens)
    unknown = tuple(session.tokenizer.unknown(prompt))
    first, speed = clock.first - clock.begun, clock.speed()
    yield Piece(decoder.finish(), Ending(reason, len(ids), clock.tokens, first, speed, session.provider, unknown))


def continuation(session: Session, ids: list[int], tokens: int, sampling: Sampling) -> Iterator[int]:
    """Up to `tokens` ids after `ids`: those are read at once, then each token's keys and values stay in the cache."""
    sampler, fresh = sampling.sampler(), np.array([ids])
    cache: Cache | None = None
    for written in range(1, tokens + 1):
        logits_BTV, cache = session.step(fresh, cache)
        token = sampler.choose(logits_BTV[0, -1])
        yield token
        if written < tokens and session.positions is not None and cache.length >= session.positions:
            return
        fresh = np.array([[token]])


TOKENS = Sentence(
    "{given} tokens were asked for; give 1 to {most}.", "请求生成 {given} 个词元，应在 1 到 {most} 之间。"
)
EMPTY = Sentence(
    "The prompt is empty; give at least one character to go on from.", "提示词为空，请至少给出一个字符作为开头。"
)
NOT_TEXT = Sentence("The prompt is not valid UTF-8 text.", "提示词不是有效的 UTF-8 文本。")
TOO_LONG = Sentence(
    "The prompt has {length} tokens, and this model's learned positions end at {positions}. Shorten it.",
    "提示词有 {length} 个词元，而该模型的可学习位置只到 {positions} 为止。请缩短提示词。",
)
ALL_WRITTEN = Sentence("All {tokens} tokens are written.", "{tokens} 个词元已全部写完。")
POSITIONS_END = Sentence(
    "Stopped: this model has learned positions, and the last of its {positions} was reached.",
    "已停止：该模型使用可学习位置，{positions} 个位置已经用完。",
)
