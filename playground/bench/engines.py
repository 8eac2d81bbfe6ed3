"""Engines that decode the same weights: ours, and those that people would pick instead. Greedy, batch 1.

An engine is made once of a model and its exported file, and then writes texts: ids and a count in, tokens out as they
come. Spinning threads, where an engine has the choice: every one of them has the machine to itself while it writes.
"""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.hugging_face import to_transformers
from models.transformer import Transformer
from playground.decode import continuation
from playground.sampling import Sampling
from playground.session import Session, fastest
from playground.torch_decode import decoded

Write = Callable[[list[int], int], Iterator[int]]
Engine = Callable[[Transformer, Path, int], Write]
GREEDY = Sampling(temperature=0)


class Missing(Exception):
    """The engine is not installed; `requirements-bench.txt` says how."""


def playground(model: Transformer, file: Path, threads: int) -> Write:
    """The exported file in its fast form, run by the loop that the page and `generate` use, guesses included."""
    session = _fast(file, threads)
    return lambda ids, tokens: continuation(session, ids, tokens, GREEDY)


def step_by_step(model: Transformer, file: Path, threads: int) -> Write:
    """The same without guesses: a call for every token, as the other engines do."""
    session = _fast(file, threads)
    return lambda ids, tokens: continuation(session, ids, tokens, GREEDY, guess=False)


def torch_eager(model: Transformer, file: Path, threads: int) -> Write:
    """The model itself, with its cache; the threads are torch's, which the caller sets."""
    return lambda ids, tokens: decoded(model, ids, tokens)


def transformers_generate(model: Transformer, file: Path, threads: int) -> Write:
    """`generate` of transformers with its default cache; the threads are torch's."""
    transformers = _needed("transformers")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(_written(model, file)).eval()
    theirs.generation_config.do_sample = False

    def write(ids: list[int], tokens: int) -> Iterator[int]:
        given, stream = torch.tensor([ids]), _Stream()

        def generate() -> None:
            torch.set_num_threads(threads)  # a new thread starts with the machine's default
            theirs.generate(given, attention_mask=torch.ones_like(given), max_new_tokens=tokens, streamer=stream)

        thread = threading.Thread(target=generate)
        thread.start()
        yield from stream.tokens()
        thread.join()

    return write


def onnxruntime_genai(model: Transformer, file: Path, threads: int) -> Write:
    """onnxruntime-genai with the float32 file for processors that its own model builder makes."""
    genai = _needed("onnxruntime_genai")
    config = genai.Config(str(_built(_written(model, file), model.architecture.shape.vocabulary)))
    config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": threads}}}}))
    theirs = genai.Model(config)

    def write(ids: list[int], tokens: int) -> Iterator[int]:
        parameters, length = genai.GeneratorParams(theirs), len(ids) + tokens
        parameters.set_search_options(max_length=length, min_length=length, do_sample=False)
        generator = genai.Generator(theirs, parameters)
        generator.append_tokens(np.array([ids], np.int32))
        for _ in range(tokens):
            generator.generate_next_token()
            yield int(generator.get_next_tokens()[0])

    return write


ENGINES: Mapping[str, Engine] = {
    "playground": playground,
    "playground, step by step": step_by_step,
    "onnxruntime-genai": onnxruntime_genai,
    "transformers": transformers_generate,
    "torch eager": torch_eager,
}


class _Stream:
    """What `generate` writes to; its first piece is the prompt."""

    def __init__(self) -> None:
        self._pieces: queue.SimpleQueue[list[int] | None] = queue.SimpleQueue()

    def put(self, value: Any) -> None:
        self._pieces.put(value.flatten().tolist())

    def end(self) -> None:
        self._pieces.put(None)

    def tokens(self) -> Iterator[int]:
        self._pieces.get()
        while (piece := self._pieces.get()) is not None:
            yield from piece


def _fast(file: Path, threads: int) -> Session:
    session = fastest(file, threads, spin=True)
    assert session.form == "fast"
    return session


def _needed(module: str) -> Any:
    if find_spec(module) is None:
        raise Missing(f"{module.replace('_', '-')} is not installed")
    return __import__(module)


def _written(model: Transformer, file: Path) -> Path:
    """A folder that transformers reads, beside the file; written once."""
    folder = file.with_name("transformers")
    if not folder.is_dir():
        to_transformers(model, folder)
    return folder


def _built(source: Path, vocabulary: int) -> Path:
    """What genai's builder makes of `source`; it wants a tokenizer, which nobody will use."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(WordLevel({f"w{number}": number for number in range(vocabulary)}, unk_token="w0"))
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="w0", bos_token="w0", eos_token="w0").save_pretrained(
        str(source)
    )
    out, cache = source.with_name("genai"), source.with_name("cache")
    arguments = ["-m", str(source), "-i", str(source), "-o", str(out), "-p", "fp32", "-e", "cpu", "-c", str(cache)]
    subprocess.run(
        [sys.executable, "-m", "onnxruntime_genai.models.builder", *arguments], check=True, stdout=sys.stderr
    )
    return out
