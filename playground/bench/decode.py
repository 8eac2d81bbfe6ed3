"""Decoding speed: the exported file beside the engines that people would pick. Batch 1, greedy, equal threads."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.transformer import Transformer
from playground.bench.engines import ENGINES, Missing, Write
from playground.bench.measure import Report, Spread, in_turns, paired, taking_turns
from playground.bench.texts import MODELS, TRAINED, beginnings, model_of
from playground.decode import continuation
from playground.export import Metadata, export
from playground.fast import write_fast
from playground.sampling import Sampling
from playground.session import FAST_SUFFIX, Session
from playground.threads import threads
from playground.tokenizer import Characters
from playground.torch_decode import decode

OURS = "playground"
METRICS = ("tokens_per_second", "seconds_to_first_token")
ROUNDS = 9
REST = 0.1  # seconds before every text: the threads of the engine before spin on for a while, on the same cores
THREADS = 1  # of `race`, which measures a run's file beside training
PROMPT, TOKENS = 8, 56  # a context of 64
GREEDY = Sampling(temperature=0)


@dataclass(frozen=True, slots=True)
class Case:
    """How much of a text is read and written with one of the models."""

    model: str
    prompt: int
    tokens: int

    def __str__(self) -> str:
        return f"{self.model}, {self.tokens} tokens after {self.prompt}, {TOGETHER} threads"


TOGETHER = 2  # threads of every engine in `report`
CASES = (
    Case(TRAINED, 8, 200),
    Case("llama 4 x 256", 1, 200),
    Case("llama 12 x 768", 1, 200),
    Case("llama 12 x 768", 900, 100),
)


def report(cases: Sequence[Case] | None = None) -> Report:
    """Every case, or those given: each engine's speed after the first token, the time to it, ratios of pairs."""
    found = Report()
    cases = CASES if cases is None else cases
    for name in MODELS:
        if name not in {case.model for case in cases}:
            continue
        with tempfile.TemporaryDirectory() as folder, threads(TOGETHER):
            writers = _writers(model_of(name), Path(folder), found)
            for case in cases:
                if case.model == name:
                    _add(found, case, _measured(case, writers))
    return found


def _writers(model: Transformer, folder: Path, found: Report) -> dict[str, Write]:
    """Every engine that is installed, ready to write; the others are noted in `found`."""
    file = export(model, folder / "model.onnx", Metadata(any_tokenizer(model))).path
    write_fast(file, file.with_suffix(FAST_SUFFIX))
    writers: dict[str, Write] = {}
    for name, engine in ENGINES.items():
        try:
            writers[name] = engine(model, file, TOGETHER)
        except Missing as missing:
            found.not_run[name] = str(missing)
    return writers


def _measured(case: Case, writers: Mapping[str, Write]) -> dict[str, list[tuple[float, float]]]:
    """Each engine's (tokens per second after the first, seconds to the first), a pair a round; over all its texts."""
    begun = beginnings(case.model, case.prompt)
    texts: dict[str, list[int]] = {}

    def rival(name: str) -> Callable[[], tuple[float, float]]:
        def timed() -> tuple[float, float]:
            time.sleep(REST)
            written = [_written(writers[name](ids, case.tokens)) for ids in begun]
            texts[name] = [token for text, _ in written for token in text]
            first, rest = (sum(seconds) for seconds in zip(*(both for _, both in written), strict=True))
            return (len(texts[name]) - len(begun)) / rest, first / len(begun)

        return timed

    found = taking_turns({name: rival(name) for name in writers}, ROUNDS)
    for name, text in texts.items():
        if text != texts[OURS] or len(text) != len(begun) * case.tokens:
            raise AssertionError(f"{name} writes another text than {OURS}: {text[:20]}, {texts[OURS][:20]}")
    return found


def _written(tokens: Iterator[int]) -> tuple[list[int], tuple[float, float]]:
    """A text, the seconds to its first token, and those of the others."""
    begun = time.perf_counter()
    text = [next(tokens)]
    first = time.perf_counter()
    text.extend(tokens)
    return text, (first - begun, time.perf_counter() - first)


def _add(found: Report, case: Case, measured: Mapping[str, list[tuple[float, float]]]) -> None:
    for number, metric in enumerate(METRICS):
        values = {name: [pair[number] for pair in pairs] for name, pairs in measured.items()}
        found.add(str(case), metric, {name: Spread.of(one) for name, one in values.items()}, ours=OURS)
        if metric == METRICS[0]:
            for peer in [name for name in values if name != OURS]:
                spread = paired(values[OURS], values[peer])
                found.row(str(case), f"{OURS}/{peer}", "paired_ratio", spread)


def race(model: Transformer, session: Session, prompt: Sequence[int], tokens: int, rounds: int) -> dict[str, Spread]:
    """Tokens per second of `onnx` and `torch`, each writing `tokens` tokens after `prompt` step by step, in turns.

    Torch computes with `THREADS` threads meanwhile; the session should have as many.
    """
    ids = list(prompt)

    def onnx() -> float:
        return _speed(lambda: list(continuation(session, ids, tokens, GREEDY, guess=False)))

    def eager() -> float:
        return _speed(lambda: decode(model, ids, tokens))

    with threads(THREADS):
        return in_turns({"onnx": onnx, "torch": eager}, rounds)


def any_tokenizer(model: Transformer) -> Characters:
    """A tokenizer of the model's vocabulary, for a file that nobody reads text from."""
    first = 0x10000  # any run of characters would do, as long as no surrogate is in it
    return Characters("".join(chr(first + i) for i in range(model.architecture.shape.vocabulary - 1)))


def _speed(write: Callable[[], list[int]]) -> float:
    begun = time.perf_counter()
    written = write()
    return len(written) / (time.perf_counter() - begun)
