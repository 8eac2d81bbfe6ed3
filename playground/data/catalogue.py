"""Data by name: every source there is, and what an experiment's name for it stands for."""

import difflib
import pkgutil
from functools import cache, lru_cache
from importlib import import_module

import playground.data as package
from models.text import Refusal, Text
from playground.data.base import UNSPECIFIED, Corpus, Request, Source, Task, TextSource, registry


@cache
def sources() -> dict[str, Source]:
    """Every source by name, in the order of lists. Finds them by importing the files of this folder."""
    for module in pkgutil.walk_packages(package.__path__, "playground.data."):
        import_module(module.name)
    return dict(sorted(registry.items(), key=lambda item: (item[1].order, item[0])))


def find(request: Request) -> Source:
    """The source an experiment names.

    Raises:
        Refusal: there is none of this name, or it does not take these arguments.
    """
    name = request.name.split(":")[0]
    if name not in sources():
        near = difflib.get_close_matches(name, sources(), n=1)
        hint = NEAREST.format(name=near[0]) if near else ALL.format(names=", ".join(sources()))
        unknown = NO_SUCH_SOURCE.format(name=name)
        raise Refusal(Text(unknown.en + hint.en, unknown.zh + hint.zh), "recipe.data")
    source = sources()[name]
    source.check(request)
    return source


def load(name: str, *, text: str | bytes | None = None) -> Corpus:
    """The corpus of a text source.

    Raises:
        Refusal: no such source, a task, or content that cannot be used.
    """
    corpus = content(name, text)
    if corpus is None:
        raise Refusal(NOT_A_TEXT.format(name=name), "recipe.data")
    return corpus


def content(name: str, text: str | bytes | None = None) -> Corpus | None:
    """The corpus of a text source, to be given to `prepare` elsewhere; None of a task, which is computed anywhere.

    Raises:
        Refusal: no such source, or content that cannot be used.
    """
    request = Request(name, text, context=1)
    source = find(request)
    return source.corpus(request) if isinstance(source, TextSource) else None


_vocabularies: dict[tuple[str, str, int | None], int] = {}


def known_vocabulary(data: str, tokenizer: str, asked: int) -> int:
    """How many tokens data have that tell it beforehand, or were prepared before in this process; else `asked`.

    At once, whatever the data: for those who answer every key press.
    """
    known = _vocabularies.get(_splitting(data, tokenizer, asked))
    return known or _told(Request(data, tokenizer=tokenizer, vocabulary=asked)) or asked


def _told(request: Request) -> int | None:
    try:
        return find(request).vocabulary(request)
    except Refusal:  # it is refused where the data are chosen
        return None


def _splitting(data: str, tokenizer: str, vocabulary: int) -> tuple[str, str, int | None]:
    return data, tokenizer, vocabulary if tokenizer == "bpe" else None


@lru_cache(maxsize=4)
def prepare(
    data: str,
    tokenizer: str = "characters",
    context: int = 64,
    batch: int = 12,
    vocabulary: int = 1024,
    text: str | bytes | Corpus | None = None,
) -> Task:
    """What a run trains on: `context` tokens a row, `batch` rows; `vocabulary` counts for BPE alone.

    `text` is the visitor's own, or, as a corpus, a source's content that was had before.

    The last few are kept, so that the variants of an experiment share one.

    Raises:
        Refusal: as `load`, and where text, tokenizer and context do not go together.
    """
    own, corpus = (None, text) if isinstance(text, Corpus) else (text, None)
    request = Request(data, own, context, batch, tokenizer, vocabulary, corpus)
    task = find(request).prepare(request)
    if text is None:
        _vocabularies[_splitting(data, tokenizer, vocabulary)] = task.vocabulary
    return task


def license_of(data: str) -> str:
    """The license of data as spelt in `recipe.data`, as SPDX names it; "unspecified" where nobody has told us."""
    source = sources().get(data.split(":")[0])
    return UNSPECIFIED if source is None else source.license


def confirm(name: str, found: str, expected: str) -> None:
    """Say so when the content is not the one an experiment was made with (both are SHA-256).

    Raises:
        Refusal: the two differ.
    """
    if found != expected:
        raise Refusal(OTHER_CONTENT.format(name=name, found=found[:12], expected=expected[:12]), "recipe.data")


NO_SUCH_SOURCE = Text("There is no data source {name!r}. ", "没有名为“{name}”的数据源。")
NEAREST = Text("Did you mean {name!r}?", "是不是想用“{name}”？")
ALL = Text("There are: {names}.", "可选的有：{names}。")
NOT_A_TEXT = Text("{name!r} is a task, not a text.", "“{name}”是合成任务，不是文本。")
OTHER_CONTENT = Text(
    "The experiment was made with other content: {name!r} had SHA-256 {expected}…, here it has {found}…. "
    "Give the same text, or train on this one as a new experiment.",
    "这个实验用的不是这份内容：当时“{name}”的 SHA-256 是 {expected}…，现在是 {found}…。"
    "请提供同一份文本，或把它作为新实验来训练。",
)
