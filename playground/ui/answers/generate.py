"""Text from the exported files of an experiment, all of them side by side as they write."""

import math
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from models.text import Refusal, Text
from playground.decode import Ending, Piece
from playground.decode import generate as pieces_of
from playground.precision import FP32, PRECISIONS
from playground.problem import Problem
from playground.sampling import Sampling
from playground.session import Session
from playground.stopping import Stopper
from playground.store import RunRow
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.line import Place
from playground.ui.registry import answer, stream
from playground.ui.service import Service
from playground.ui.trained import exported_file, first_runs, is_offered

MOST_TOKENS = 1000
MOST_SEED = 2**32 - 1
MOST_TOP_K = 1_000_000
LEAST_TOP_P = 1e-6
LEAST_PENALTY = 0.01
HOTTEST = 10.0
LONGEST = 2000  # characters of a beginning
TICK = 0.1  # seconds between two looks of the page
WAIT = 0.5  # seconds between two looks at a line that does not move
BEAT = 2.0  # seconds between two signs of life while files are opened: the page takes ten of silence for lost
NAME = re.compile(r"[0-9a-f]{32}")
ESCAPE = re.compile(r"\\\\|\\n|\\t")
ESCAPED = {"\\\\": "\\", "\\n": "\n", "\\t": "\t"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the visitor wants written."""

    prompt: str
    tokens: int
    sampling: Sampling
    stops: tuple[str, ...]
    precision: str

    def begin(self, session: Session) -> Iterator[Piece]:
        """The pieces of it; raises `Problem` where this model cannot write it."""
        return pieces_of(session, self.prompt, self.tokens, self.sampling, self.stops)


@dataclass(slots=True)
class Writing:
    """One variant's text so far; its seconds are its own, without those of the others."""

    variant: int
    pieces: Iterator[Piece]
    unknown: list[str]
    ran: Json  # the provider and the form that write it
    parts: list[str] = field(default_factory=list)
    tokens: int = 0
    steps: int = 0  # calls of the model after the beginning
    first: float | None = None  # seconds to the first token, the beginning read
    seconds: float = 0.0  # of the tokens after the first
    ending: Ending | None = None
    problem: Problem | None = None
    stopped: bool = False

    @property
    def over(self) -> bool:
        """Is nothing more to come?"""
        return self.stopped or self.ending is not None or self.problem is not None

    def advance(self) -> None:
        """One piece more."""
        begun = time.perf_counter()
        try:
            piece = next(self.pieces)
        except Problem as problem:
            self.problem = problem
            return
        spent = time.perf_counter() - begun
        self.parts.append(piece.text)
        self.ending = piece.ending
        if self.ending is None:
            self._count(spent, piece.steps)

    def _count(self, spent: float, steps: int) -> None:
        self.tokens, self.steps = self.tokens + 1, steps
        if self.first is None:
            self.first = spent
        else:
            self.seconds += spent

    def as_json(self) -> Json:
        """As the page shows it; `speed` in tokens per second, None before the second token; `first` in seconds;
        `steps` where guesses saved some."""
        if self.problem:
            return _refused(self.variant, self.problem)
        speed = (self.tokens - 1) / self.seconds if self.tokens > 1 else None
        said = {"variant": self.variant, "text": "".join(self.parts), "tokens": self.tokens, "speed": speed, **self.ran}
        if self.steps < self.tokens - 1:
            said["steps"] = self.steps
        return said | {"first": self.first, "stop": self._stop(), "unknown": self.unknown}

    def _stop(self) -> Json | None:
        if self.stopped:
            return both(sentence("says_stopped"))
        return self.ending and both(Text(*self.ending.reason))


@stream
def generate(service: Service, given: Json) -> Iterator[Json]:
    """What every variant's file of `given["precision"]` writes after `given["prompt"]`: the whole texts so far.

    As many visitors as there are cores are served at a time; the others are told how many come before them. Whoever
    stops following, or says `stop_writing`, makes room at once.
    """
    wish, name = _wish(given), _name(given)
    runs = [run for run in first_runs(service.store, given.get("id")) if is_offered(run, wish.precision)]
    if not runs:
        raise Refusal(sentence("says_no_exports"))
    with service.writers.join(name) as place:
        begun = list[Writing | Json]()
        for before in _beginning(service, runs, wish, place, begun):
            yield {"prompt": wish.prompt, "variants": [], "done": False, "waiting": before}
        writings = [one for one in begun if isinstance(one, Writing)]
        for done in _in_turns(writings, place):
            variants = [one.as_json() if isinstance(one, Writing) else one for one in begun]
            yield {"prompt": wish.prompt, "variants": variants, "done": done, "waiting": 0}


@answer
def stop_writing(service: Service, given: Json) -> Json:
    """End the texts that are written, or wait, under a name that only their visitor knows."""
    service.writers.leave(_name(given))
    return {}


def _beginning(
    service: Service, runs: list[RunRow], wish: Wish, place: Place, begun: list[Writing | Json]
) -> Iterator[int]:
    """Waits for its turn, then opens one file after the other, and appends to `begun` what can be written.

    Yields how many come before, now and then; 0 while files are opened, which takes seconds of large ones.
    """
    while before := place.wait(WAIT):
        yield before
    opener = ThreadPoolExecutor(1)
    try:
        for begin in [opener.submit(_begin, service, run, wish) for run in runs]:
            while not wait([begin], BEAT).done:
                yield 0
            begun.append(begin.result())
    finally:
        opener.shutdown(wait=False, cancel_futures=True)  # who has gone does not wait for the rest


def _begin(service: Service, run: RunRow, wish: Wish) -> Writing | Json:
    """The text about to be written, or why this variant cannot write it."""
    try:
        session = service.sessions.open(exported_file(run, wish.precision))
        ran = {"provider": session.provider, "form": session.form}
        return Writing(run.variant, wish.begin(session), session.tokenizer.unknown(wish.prompt), ran)
    except Problem as problem:
        return _refused(run.variant, problem)


def _refused(variant: int, problem: Problem) -> Json:
    return {"variant": variant, "refusal": {"text": both(Text(*problem.text)), "fields": ["prompt"]}}


def _in_turns(writings: list[Writing], place: Place) -> Iterator[bool]:
    """Lets all write, a token each in turn; yields whether they are done, now and then and at the end."""
    looked = time.monotonic()
    while not place.left and (going := [writing for writing in writings if not writing.over]):
        for writing in going:
            writing.advance()
        if time.monotonic() - looked > TICK:
            looked = time.monotonic()
            yield False
    for writing in writings:
        writing.stopped = not writing.over
    yield True


def _wish(given: Json) -> Wish:
    """What was asked for, checked; raises `Refusal` with the field that is wrong."""
    prompt = given.get("prompt")
    if not isinstance(prompt, str) or not prompt:
        raise Refusal(sentence("says_no_prompt"), "prompt")
    if len(prompt) > LONGEST:
        raise Refusal(sentence("says_long_prompt", length=f"{len(prompt):,}", most=f"{LONGEST:,}"), "prompt")
    length = _number(given, "length", 1, MOST_TOKENS, whole=True)
    return Wish(prompt, int(length), _sampling(given), _stops(given), _precision(given))


def _precision(given: Json) -> str:
    """Of the files that write; what a page does not say is float32."""
    precision = given.get("precision", FP32)
    if precision not in PRECISIONS:
        raise Refusal(sentence("bad_request"), "precision")
    return precision


def _sampling(given: Json) -> Sampling:
    """What is left empty leaves nothing out and penalizes nothing."""
    empty = {name for name in ("top_k", "top_p", "repetition_penalty") if given.get(name) == ""}
    temperature = _number(given, "temperature", 0.0, HOTTEST)
    top_k = None if "top_k" in empty else int(_number(given, "top_k", 1, MOST_TOP_K, whole=True))
    top_p = None if "top_p" in empty else _number(given, "top_p", LEAST_TOP_P, 1)
    penalty = 1.0 if "repetition_penalty" in empty else _number(given, "repetition_penalty", LEAST_PENALTY, HOTTEST)
    return Sampling(temperature, top_k, top_p, penalty, int(_number(given, "seed", 0, MOST_SEED, whole=True)))


def _stops(given: Json) -> tuple[str, ...]:
    r"""A stop string a line, in which \n stands for a line break, \t for a tab, \\ for a backslash."""
    written = given.get("stop")
    if not isinstance(written, str):
        raise Refusal(sentence("bad_request"), "stop")
    stops = [ESCAPE.sub(lambda found: ESCAPED[found[0]], line) for line in written.splitlines() if line]
    try:
        return tuple(Stopper(stops).stops)
    except Problem as problem:
        raise Refusal(Text(*problem.text), "stop") from None


def _name(given: Json) -> str:
    name = given.get("writing")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Refusal(sentence("bad_request"))
    return name


def _number(given: Json, name: str, low: float, high: float, whole: bool = False) -> float:
    word = str(given.get(name, ""))[:32]
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not low <= number <= high or (whole and not number.is_integer()):
        raise Refusal(sentence(f"says_bad_{name}", given=word, most=f"{high:,.0f}"), name)
    return number
