"""How fast variants train and write, measured in turns on one core: whatever else the machine does hits all alike."""

import time
from collections.abc import Callable, Mapping
from functools import partial

from models.initialize import initialize
from models.text import Text
from models.transformer import Transformer
from playground.bench.measure import taking_turns
from playground.data import Task, prepare
from playground.measure.base import Contender, reads
from playground.threads import threads
from playground.torch_decode import decode
from playground.training import Run, Training

STEPS = 3  # of training in a round
TOKENS = 48  # written in a round


@reads(training_speed=Text("characters or tokens trained on a second", "每秒训练的词元数"))
def training(contenders: Mapping[str, Contender], rounds: int) -> dict[str, list[float]]:
    """Tokens a second over a few steps of training, a number a round."""
    return _in_turns({key: _steps(_training(contender)) for key, contender in contenders.items()}, rounds)


@reads(byte_speed=Text("bytes of text trained on a second", "每秒训练的文本字节数"))
def training_in_bytes(contenders: Mapping[str, Contender], rounds: int) -> dict[str, list[float]]:
    """The same in bytes of the text, by which tokenizers can be compared."""
    sizes = {key: _task(contender).bytes_per_token or 1.0 for key, contender in contenders.items()}
    return {key: [sizes[key] * speed for speed in speeds] for key, speeds in training(contenders, rounds).items()}


@reads(decode_speed=Text("tokens written a second", "每秒写出的词元数"))
def decoding(contenders: Mapping[str, Contender], rounds: int) -> dict[str, list[float]]:
    """Tokens a second of greedy decoding with a cache, one sequence, from an untrained model."""
    return _in_turns({key: partial(_written, _model(contender)) for key, contender in contenders.items()}, rounds)


def _in_turns(rivals: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    with threads(1):
        return taking_turns(rivals, rounds)


def _task(contender: Contender) -> Task:
    recipe, shape = contender.recipe, contender.architecture.shape
    return prepare(recipe.data, recipe.tokenizer, shape.context, recipe.batch, shape.vocabulary)


def _training(contender: Contender) -> Training:
    return Training(Run(contender.architecture, contender.recipe, 0, _task(contender)))


def _steps(training: Training) -> Callable[[], float]:
    def few() -> float:
        begun = time.perf_counter()
        for _ in range(STEPS):
            training.advance()
        training.fetch()
        return STEPS * training.run.tokens_per_step / (time.perf_counter() - begun)

    return few


def _model(contender: Contender) -> Transformer:
    return initialize(Transformer(contender.architecture), 0).eval()


def _written(model: Transformer) -> float:
    count = min(TOKENS, model.architecture.shape.context - 8)
    begun = time.perf_counter()
    decode(model, [1] * 8, count)
    return count / (time.perf_counter() - begun)
