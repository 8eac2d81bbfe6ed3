"""Text from the exported files of an experiment, all of them side by side as they write."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.text import Refusal, Text
from playground.decode import Ending, Piece
from playground.decode import generate as pieces_of
from playground.problem import Problem
from playground.sampling import Sampling
from playground.session import Session
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.registry import stream
from playground.ui.service import Service
from playground.ui.trained import exported_file, first_runs

MOST_TOKENS = 1000
MOST_SEED = 2**32 - 1
HOTTEST = 10.0
LONGEST = 2000  # characters of a beginning
TICK = 0.1  # seconds between two looks of the page


@dataclass(frozen=True, slots=True)
class Wish:
    """What the visitor wants written."""

    prompt: str
    tokens: int
    sampling: Sampling


@dataclass(slots=True)
class Writing:
    """One variant's text so far; `seconds` are its own, without those of the others."""

    variant: int
    pieces: Iterator[Piece]
    parts: list[str] = field(default_factory=list)
    tokens: int = 0
    seconds: float = 0.0  # of the tokens after the first
    ending: Ending | None = None

    def advance(self) -> None:
        """One piece more."""
        begun = time.perf_counter()
        piece = next(self.pieces)
        spent = time.perf_counter() - begun
        self.parts.append(piece.text)
        self.ending = piece.ending
        if self.ending is None:
            self.seconds += spent if self.tokens else 0.0  # the first token pays for reading the beginning
            self.tokens += 1

    def as_json(self) -> Json:
        """As the page shows it; `speed` in tokens per second, None before the second token."""
        speed = (self.tokens - 1) / self.seconds if self.tokens > 1 else None
        said = {"variant": self.variant, "text": "".join(self.parts), "tokens": self.tokens, "speed": speed}
        return said | {"stop": self.ending and both(Text(*self.ending.reason)), "notes": self._notes()}

    def _notes(self) -> list[Json]:
        unknown = self.ending.unknown if self.ending else ()
        return [both(sentence("panel_unknown", characters=" ".join(unknown[:12])))] if unknown else []


@stream
def generate(service: Service, given: Json) -> Iterator[Json]:
    """What every exported variant writes after `given["prompt"]`: the whole texts so far, a few times a second."""
    wish = _wish(given)
    files = {run.variant: exported_file(run) for run in first_runs(service.store, given.get("id"))}
    begun = [_begin(variant, file, wish) for variant, file in files.items() if file.is_file()]
    if not begun:
        raise Refusal(sentence("says_no_exports"))
    refused = [one for one in begun if isinstance(one, dict)]
    writings = [one for one in begun if isinstance(one, Writing)]
    for done in _in_turns(writings):
        variants = [*refused, *(writing.as_json() for writing in writings)]
        yield {"prompt": wish.prompt, "variants": variants, "done": done}


def _begin(variant: int, file: Path, wish: Wish) -> Writing | Json:
    """The text about to be written, or why this variant cannot write it."""
    try:
        return Writing(variant, pieces_of(Session(file), wish.prompt, wish.tokens, wish.sampling))
    except Problem as problem:
        return {"variant": variant, "refusal": {"text": both(Text(*problem.text)), "fields": ["prompt"]}}


def _in_turns(writings: list[Writing]) -> Iterator[bool]:
    """Lets all write, a token each in turn; yields whether they are done, now and then and at the end."""
    looked = time.monotonic()
    while going := [writing for writing in writings if writing.ending is None]:
        for writing in going:
            writing.advance()
        if time.monotonic() - looked > TICK:
            looked = time.monotonic()
            yield False
    yield True


def _wish(given: Json) -> Wish:
    """What was asked for, checked; raises `Refusal` with the field that is wrong."""
    prompt = given.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        raise Refusal(sentence("says_no_prompt"), "prompt")
    if len(prompt) > LONGEST:
        raise Refusal(sentence("says_long_prompt", length=f"{len(prompt):,}", most=f"{LONGEST:,}"), "prompt")
    temperature = _number(given, "temperature", 0.0, HOTTEST)
    length = _number(given, "length", 1, MOST_TOKENS, whole=True)
    seed = _number(given, "seed", 0, MOST_SEED, whole=True)
    return Wish(prompt, int(length), Sampling(temperature, seed=int(seed)))


def _number(given: Json, name: str, low: float, high: float, whole: bool = False) -> float:
    word = str(given.get(name, ""))[:32]
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not low <= number <= high or (whole and not number.is_integer()):
        raise Refusal(sentence(f"says_bad_{name}", given=word, most=f"{high:,.0f}"), name)
    return number
