"""Real code on every machine: modules of the standard library, whole, each under its path."""

from functools import cache

from models.text import Text
from playground.data.base import Corpus, Request, TextSource, split
from playground.data.stdlib import LIMIT, modules


class PythonCode(TextSource):
    name = "python-code"
    title = Text("Python code", "Python 代码")
    help = Text(
        "1.2 MB of the standard library's source: real code, nothing to download. It differs between Python versions.",
        "Python 标准库的源代码，约 1.2 MB：真实的代码，无需下载。不同 Python 版本的内容有所不同。",
    )
    example = "def __init__(self, "
    license = "PSF-2.0"
    order = 40

    def corpus(self, request: Request) -> Corpus:
        return _corpus()


@cache
def _corpus() -> Corpus:
    parts, size = [], 0
    for path, source in modules():
        parts.append(f"# {path}\n{source.rstrip()}\n\n")
        size += len(parts[-1])
        if size >= LIMIT:
            break
    return split(PythonCode.name, "".join(parts)[:LIMIT])
