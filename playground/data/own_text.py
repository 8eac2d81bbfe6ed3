"""Your own text, pasted or uploaded: read as UTF-8, and refused with a reason where it cannot be trained on."""

from pathlib import Path

from models.text import Refusal, Text
from playground.data.base import Corpus, Request, TextSource, split


class OwnText(TextSource):
    name = "text"
    title = Text("Your text", "自己的文本")
    help = Text(
        "Paste or upload any text in UTF-8. The first 90 % are trained on, the rest is for validation.",
        "粘贴或上传任意 UTF-8 文本。前 90% 用于训练，其余用于验证。",
    )
    order = 50

    def corpus(self, request: Request) -> Corpus:
        if request.text is None:
            raise Refusal(MISSING, "recipe.data")
        return from_text(request.text, self.name, context=request.context)


def from_text(content: str | bytes, name: str = "text", *, context: int = 1, limit: int | None = None) -> Corpus:
    """A corpus of a text a person gave. A byte-order mark is dropped and line ends become `\\n`; nothing else changes.

    Args:
        content: the text, or its bytes in UTF-8.
        name: what to call it.
        context: the window it must fill at least once, in characters.
        limit: the most bytes accepted; None for no limit.

    Raises:
        Refusal: empty, over the limit, binary, not UTF-8, shorter than a context, or one character repeated.
    """
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if limit is not None and len(data) > limit:
        raise _refusal(OVER_LIMIT, size=_size(len(data)), limit=_size(limit))
    text = _decode(data).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    letters = set("".join(text.split()))
    if not letters:
        raise _refusal(EMPTY)
    if len(letters) == 1:
        raise _refusal(ONE_CHARACTER, character=letters.pop(), count=len(text))
    corpus = split(name, text)
    if len(corpus.text) <= context or len(corpus.validation) < 2:
        why = TOO_SHORT.format(length=len(text), context=context, least=_least(context))
        raise Refusal(why, "recipe.data", "shape.context")
    return corpus


def from_file(path: str | Path, *, context: int = 1, limit: int | None = None) -> Corpus:
    """A corpus of a text file, see `from_text`. Over the limit, it is not even read.

    Raises:
        Refusal: as `from_text`, and where there is no file that can be read.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if limit is not None and size > limit:
            raise _refusal(OVER_LIMIT, size=_size(size), limit=_size(limit))
        data = path.read_bytes()
    except FileNotFoundError:
        raise _refusal(NO_FILE, path=path) from None
    except IsADirectoryError:
        raise _refusal(A_FOLDER, path=path) from None
    except OSError as error:
        raise _refusal(UNREADABLE, path=path, reason=error.strerror) from None
    return from_text(data, "text", context=context, limit=limit)


def _decode(data: bytes) -> str:
    """UTF-8 without NUL, or a refusal that says where it stops being so, counted from 1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refusal(UTF_16)
    nul = data.find(b"\0")
    if nul >= 0:
        raise _refusal(BINARY, position=nul + 1, size=len(data))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(NOT_UTF_8, position=error.start + 1, byte=f"{data[error.start]:02X}", line=line) from None


def _refusal(text: Text, **values: object) -> Refusal:
    return Refusal(text.format(**values), "recipe.data")


def _least(context: int) -> int:
    """The length from which on both parts suffice."""
    length = max(11, context + 1)
    while int(0.9 * length) <= context or length - int(0.9 * length) < 2:
        length += 1
    return length


def _size(count: int) -> str:
    """Bytes for people, in units of 10^3."""
    return f"{count:,} B" if count < 10_000 else f"{count / 1e3:,.0f} kB" if count < 1e6 else f"{count / 1e6:,.2f} MB"


MISSING = Text(
    "No text was given: paste or upload one, or choose another data source.",
    "还没有提供文本：请粘贴或上传一份，或换一个数据源。",
)
EMPTY = Text("The text is empty: give one with at least a few pages.", "文本是空的：请提供至少几页内容。")
OVER_LIMIT = Text(
    "The text has {size}, and {limit} is the limit here: cut it, or run the playground on your own machine.",
    "文本大小为 {size}，超过了这里 {limit} 的上限：请截短，或在自己的机器上运行。",
)
UTF_16 = Text(
    "The file is UTF-16, not UTF-8: save it again as UTF-8.",
    "文件是 UTF-16 编码，不是 UTF-8：请另存为 UTF-8 后再试。",
)
BINARY = Text(
    "This is not text: byte {position} of {size} is NUL, so it looks like a binary file. Give plain text in UTF-8.",
    "这不是文本：第 {position} 个字节（共 {size} 个）是 NUL，看来是二进制文件。请提供 UTF-8 纯文本。",
)
NOT_UTF_8 = Text(
    "The text is not UTF-8: byte {position} (line {line}) is 0x{byte}. Save it as UTF-8, or give a text file.",
    "文本不是 UTF-8 编码：第 {position} 个字节（第 {line} 行）是 0x{byte}。请另存为 UTF-8，或换一个文本文件。",
)
ONE_CHARACTER = Text(
    "The text is only {character!r} again and again ({count} characters): there is nothing to learn from it.",
    "文本只是“{character}”的不断重复（共 {count} 个字符），没有可学的内容。",
)
TOO_SHORT = Text(
    "The text has {length} characters, too few for a context of {context}: give at least {least}, or shorten it.",
    "文本只有 {length} 个字符，少于长度为 {context} 的上下文所需：请至少提供 {least} 个字符，或缩短上下文。",
)
NO_FILE = Text("There is no file {path}.", "找不到文件 {path}。")
A_FOLDER = Text("{path} is a folder, not a text file.", "{path} 是文件夹，不是文本文件。")
UNREADABLE = Text("{path} cannot be read: {reason}.", "无法读取 {path}：{reason}。")
