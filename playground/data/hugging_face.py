"""A dataset of the Hugging Face Hub by name, streamed until there is enough of it. `datasets` is imported on use.

Refuses names that would read a folder of this machine: what a link names must come from the Hub.
"""

import re
import urllib.error
import urllib.request
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import Any

from models.text import Refusal, Text
from playground.data.base import Corpus, Request, TextSource, split

CHARACTERS = 2_000_000
"""How much of a dataset is read, in characters."""
PATIENCE, REACH = 120.0, 5.0
"""Seconds for the whole stream, and for the first answer of the Hub."""
NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)


class HuggingFace(TextSource):
    name = "hf"
    title = Text("Hugging Face dataset", "Hugging Face 数据集")
    help = Text(
        "The first 2 million characters of a dataset by its name, such as roneneldan/TinyStories. Needs a network.",
        "按名称读取数据集的前 200 万个字符，例如 roneneldan/TinyStories。需要联网。",
    )
    spelling = ":NAME[:CONFIG][:COLUMN]"
    order = 60

    def check(self, request: Request) -> None:
        name = request.arguments[0] if request.arguments else ""
        if not NAME.fullmatch(name) or len(request.arguments) > 3 or Path(name).exists():
            raise Refusal(SPELLING.format(name=request.name), "recipe.data")

    def corpus(self, request: Request) -> Corpus:
        return _download(request.name, *request.arguments)


@lru_cache(maxsize=2)
def _download(spelt: str, name: str, config: str = "", column: str = "") -> Corpus:
    if find_spec("datasets") is None:
        raise Refusal(NOT_INSTALLED, "recipe.data")
    reach()
    return split(spelt, read(name, config, column))


def reach() -> None:
    """Ask the Hub for a sign of life; `datasets` would retry for half a minute before it says that there is none.

    Raises:
        Refusal: no answer within `REACH` seconds.
    """
    from huggingface_hub.constants import ENDPOINT

    try:
        urllib.request.urlopen(urllib.request.Request(ENDPOINT, method="HEAD"), timeout=REACH).close()
    except urllib.error.HTTPError:
        return  # an answer, whatever it says
    except OSError as error:
        raise Refusal(NO_NETWORK.format(endpoint=ENDPOINT), "recipe.data") from error


def read(path: str, config: str = "", column: str = "", limit: int = CHARACTERS) -> str:
    """The first `limit` characters of a dataset's train split, its rows apart by an empty line.

    Args:
        path: a name on the Hub, or a folder.
        config: one of the dataset's configurations; empty for its only one.
        column: where the text is; empty for `text`, or else the column with the longest text in the first row.

    Raises:
        Refusal: it cannot be loaded, has no such column, or takes too long.
    """
    import datasets

    try:
        rows = iter(datasets.load_dataset(path, config or None, split="train", streaming=True))
        first: dict[str, Any] = next(rows, {})
        return _join(chain([first], rows), column or _text_column(first, path), limit)
    except Refusal:
        raise
    except Exception as error:  # what other people's servers and files can do has no common base class
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Refusal(CANNOT_LOAD.format(name=path, reason=reason), "recipe.data") from error


def _text_column(row: dict[str, Any], name: str) -> str:
    texts = {column: value for column, value in row.items() if isinstance(value, str)}
    if not texts:
        raise Refusal(NO_TEXT.format(name=name, columns=", ".join(row)), "recipe.data")
    return "text" if "text" in texts else max(texts, key=lambda column: len(texts[column]))


def _join(rows: Iterable[dict[str, Any]], column: str, limit: int) -> str:
    parts: list[str] = []
    size, until = 0, monotonic() + PATIENCE
    for row in rows:
        if not isinstance(row.get(column), str):
            raise Refusal(NO_COLUMN.format(column=column, columns=", ".join(row)), "recipe.data")
        if text := row[column].strip():
            parts.append(text + "\n\n")
            size += len(parts[-1])
        if size >= limit:
            break
        if monotonic() > until:
            raise Refusal(TOO_SLOW.format(seconds=int(PATIENCE), size=size), "recipe.data")
    return "".join(parts)[:limit]


SPELLING = Text(
    "{name!r} names no dataset of the Hugging Face Hub: write hf:OWNER/NAME, with :CONFIG and :COLUMN if needed.",
    "“{name}”不是 Hugging Face Hub 上的数据集：请写成 hf:OWNER/NAME，需要时再加 :CONFIG 和 :COLUMN。",
)
NOT_INSTALLED = Text(
    "Reading a Hugging Face dataset needs the package datasets: pip install datasets.",
    "读取 Hugging Face 数据集需要安装 datasets：pip install datasets。",
)
NO_NETWORK = Text(
    "{endpoint} does not answer, so there is no dataset: check the network, or choose data without one, such as tales.",
    "连不上 {endpoint}，无法读取数据集：请检查网络，或改用无需联网的数据，例如 tales-zh。",
)
CANNOT_LOAD = Text("The dataset {name!r} cannot be loaded: {reason}", "无法加载数据集“{name}”：{reason}")
NO_TEXT = Text(
    "The dataset {name!r} has no column of text; its columns: {columns}.",
    "数据集“{name}”没有文本列；现有的列：{columns}。",
)
NO_COLUMN = Text(
    "The column {column!r} is not text in every row; columns: {columns}.",
    "列“{column}”并非每行都是文本；现有的列：{columns}。",
)
TOO_SLOW = Text(
    "The dataset came too slowly: {size} characters in {seconds} s. Try again later, or take a smaller one.",
    "数据集下载太慢：{seconds} 秒只收到 {size} 个字符。请稍后再试，或换一个小一些的数据集。",
)
