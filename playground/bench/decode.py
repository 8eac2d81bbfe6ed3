"""Decoding speed: the exported file beside torch eager with a cache. Batch 1, greedy, equal threads."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from models.initialize import initialize
from models.systems import systems
from models.transformer import Transformer
from playground.bench.measure import Report, Spread, in_turns
from playground.decode import continuation
from playground.export import Metadata, export
from playground.sampling import Sampling
from playground.session import Session
from playground.tokenizer import Characters
from playground.torch_decode import decode

SYSTEMS = ("gpt-2", "llama-3")  # as tiny twins: the default size
THREADS = 1
ROUNDS = 9
PROMPT, TOKENS = 8, 56  # a context of 64
GREEDY = Sampling(temperature=0)
METRIC = "tokens_per_second"


def report() -> Report:
    """Both systems' twins, decoded to the end of their context."""
    found = Report()
    with tempfile.TemporaryDirectory() as folder:
        for name in SYSTEMS:
            model = initialize(Transformer(systems()[name].twin), seed=0).eval()
            file = export(model, Path(folder) / f"{name}.onnx", Metadata(any_tokenizer(model)))
            prompt = list(range(PROMPT))
            found.add(name, METRIC, race(model, Session(file.path, THREADS), prompt, TOKENS, ROUNDS), ours="onnx")
    return found


def race(model: Transformer, session: Session, prompt: Sequence[int], tokens: int, rounds: int) -> dict[str, Spread]:
    """Tokens per second of `onnx` and `torch`, each writing `tokens` tokens after `prompt`, in turns.

    Torch computes with `THREADS` threads meanwhile; the session should have as many.
    """
    ids = list(prompt)

    def onnx() -> float:
        return _speed(lambda: list(continuation(session, ids, tokens, GREEDY)))

    def eager() -> float:
        return _speed(lambda: decode(model, ids, tokens))

    with _threads(THREADS):
        return in_turns({"onnx": onnx, "torch": eager}, rounds)


def any_tokenizer(model: Transformer) -> Characters:
    """A tokenizer of the model's vocabulary, for a file that nobody reads text from."""
    first = 0x4E00  # any run of characters would do
    return Characters("".join(chr(first + i) for i in range(model.architecture.shape.vocabulary - 1)))


def _speed(write: Callable[[], list[int]]) -> float:
    begun = time.perf_counter()
    written = write()
    return len(written) / (time.perf_counter() - begun)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
