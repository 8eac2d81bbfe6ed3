"""What a source of data is, what it makes, and the register of all of them. Imports no source, no torch, no numpy.

A new source is one new file in this folder with a class derived from `TextSource` or `Source`.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from models.text import Refusal, Text
from playground.tokenizer import Bytes, Tokenizer

if TYPE_CHECKING:
    from torch import Tensor

IGNORED = -100
"""The target of a position that does not count in the loss, as in `torch.nn.functional.cross_entropy`."""

UNSPECIFIED = "unspecified"
"""The license of content that says none to us: a visitor's text, a dataset of somebody else's."""
OURS = "MIT"
"""That of what our own grammars and generators write: this project's."""

registry: "dict[str, Source]" = {}


@dataclass(frozen=True)
class Corpus:
    """A text to learn from and a text to be judged on, which never overlap."""

    name: str
    text: str = field(repr=False)
    validation: str = field(repr=False)
    entropy: float | None = None
    """Exact entropy in nats per character, of whole stories; None where nobody knows it."""

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the train part and the validation part in UTF-8, one after the other."""
        return hashlib.sha256((self.text + self.validation).encode()).hexdigest()


@dataclass(frozen=True)
class Request:
    """What an experiment asks of a source."""

    name: str  # as spelt in `recipe.data`, with its arguments
    text: str | bytes | None = None
    context: int = 64
    batch: int = 12
    tokenizer: str = "characters"
    vocabulary: int = 1024  # what BPE trains to; the other tokenizers fix their own
    corpus: Corpus | None = None  # a text source's content where it was had before: elsewhere it might not be

    @property
    def arguments(self) -> list[str]:
        """What follows the source's name: `recall:8:16` gives `["8", "16"]`."""
        return self.name.split(":")[1:]


class Task(ABC):
    """What the training loop sees; it never asks which kind it has."""

    name: str
    hash: str
    """SHA-256 of the content, in hexadecimal."""
    tokenizer: Tokenizer
    vocabulary: int
    context: int
    """The length of a row of `batch`, in tokens."""
    bytes_per_token: float | None = None
    """For bits per byte: loss / ln 2 / this. None where a token is no text."""
    characters_per_token: float | None = None
    """For characters per second, which tokenizers can be compared in. None where a token is no text."""
    entropy: float | None = None
    """The exact floor of the loss, in nats per counted target; for stories, that of whole stories. None: unknown."""
    chance: float | None = None
    """The accuracy of guessing, in [0, 1]; None for text."""

    @cached_property
    @abstractmethod
    def references(self) -> dict[str, float]:
        """Lines for the loss plot, in nats per counted target, by the keys of `references.LABELS`."""

    @abstractmethod
    def batch(self, seed: int, t: int) -> "tuple[Tensor, Tensor]":
        """Batch t of a seed, a function of the two alone: `ids_BT`, `targets_BT`, int64; `IGNORED` does not count."""

    @abstractmethod
    def validation(self, quick: bool = False) -> "Iterator[tuple[Tensor, Tensor]]":
        """The whole validation part, every target once, or a fixed small part of it. B may differ, and T at the end."""


class Source(ABC):
    """Something to train on, by name. A concrete subclass is in the register as soon as its file is imported."""

    name: ClassVar[str]
    title: ClassVar[Text]
    help: ClassVar[Text]
    spelling: ClassVar[str] = ""
    """How its arguments are spelt, `:PAIRS:KEYS`; empty where it takes none."""
    example: ClassVar[str] = ""
    """A beginning that a model trained on it can go on with, under 40 characters; empty where that is not known."""
    license: ClassVar[str] = UNSPECIFIED
    """Under which its content may be used, as SPDX names it."""
    order: ClassVar[int] = 100
    """Its place in lists, smallest first."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in cls.__dict__:
            return
        if cls.name in registry:
            raise TypeError(f"two sources are called {cls.name!r}: {registry[cls.name]} and {cls}")
        registry[cls.name] = cls()

    def check(self, request: Request) -> None:
        """Refuse arguments this source does not take."""
        if request.arguments and not self.spelling:
            raise Refusal(TAKES_NO_ARGUMENTS.format(name=self.name, given=request.name), "recipe.data")

    @abstractmethod
    def prepare(self, request: Request) -> Task:
        """What is trained on."""

    def vocabulary(self, request: Request) -> int | None:
        """How many tokens `prepare` will find, where that is known before; at once, and without torch."""
        return None

    def score(self, text: str) -> dict[str, float] | None:
        """How much of a sampled text is right, as shares in [0, 1]; None where that is not decidable."""
        return None


class TextSource(Source):
    """A source whose content is text, to be cut into tokens and windows."""

    characters: ClassVar[int | None] = None
    """How many tokens its characters make, where the content is the same everywhere."""

    @abstractmethod
    def corpus(self, request: Request) -> Corpus:
        """The two parts of the text."""

    def prepare(self, request: Request) -> Task:
        from playground.data.batches import Batches, tokenizer_for

        corpus = request.corpus or self.corpus(request)
        tokenizer = tokenizer_for(corpus, request.tokenizer, request.vocabulary)
        return Batches(corpus, tokenizer, request.context, request.batch)

    def vocabulary(self, request: Request) -> int | None:
        return {"bytes": Bytes().vocabulary, "characters": self.characters}.get(request.tokenizer)


def accuracy(logits_BTV: "Tensor", targets_BT: "Tensor") -> float:
    """The share, in [0, 1], of counted targets that have the largest logit."""
    counted = targets_BT != IGNORED
    return (logits_BTV.argmax(-1) == targets_BT)[counted].float().mean().item()


def split(name: str, text: str) -> Corpus:
    """The first 90 % of the characters to learn from, the rest to be judged on (nanoGPT's split)."""
    border = int(0.9 * len(text))
    return Corpus(name, text[:border], text[border:])


TAKES_NO_ARGUMENTS = Text(
    "{given!r} is not a data source: {name!r} takes nothing after its name.",
    "没有名为“{given}”的数据源：“{name}”后面不带参数。",
)
