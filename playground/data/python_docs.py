"""The English prose every Python carries: the language reference's topics and the standard library's docstrings.

Both are read from source with `ast`; no module is imported for it.
"""

import ast
import inspect
from functools import cache

from models.text import Text
from playground.data.base import Corpus, Request, TextSource, split
from playground.data.stdlib import LIMIT, mixed, modules, root

DOCUMENTED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
SHORTEST = 80
"""Characters of the shortest docstring taken: the shorter ones are no prose."""


class PythonDocs(TextSource):
    name = "python-docs"
    title = Text("Python documentation", "Python 文档")
    help = Text(
        "English prose that every Python carries, 1.2 MB: the language reference and the docstrings of the standard "
        "library. Nothing to download; it differs between Python versions.",
        "每个 Python 都自带的英文文档，约 1.2 MB：语言参考和标准库的 docstring。"
        "无需下载；不同 Python 版本的内容有所不同。",
    )
    example = "Return the number of"
    license = "PSF-2.0"
    order = 30

    def corpus(self, request: Request) -> Corpus:
        return _corpus()


@cache
def _corpus() -> Corpus:
    seen: set[str] = set()
    documents = {name: text for name, topic in topics().items() if (text := unseen(topic, seen))}
    size = sum(map(len, documents.values()))
    for path, source in modules():
        if size >= LIMIT:
            break
        if text := unseen("\n\n".join(docstrings(source)), seen):
            documents[path] = text
            size += len(text)
    return split(PythonDocs.name, "\n\n\n".join(documents[name] for name in mixed(documents))[:LIMIT])


def topics() -> dict[str, str]:
    """The topics of the language reference, as `help("LOOPING")` prints them, by name."""
    module = ast.parse((root() / "pydoc_data" / "topics.py").read_text(encoding="utf-8"))
    tables = [node.value for node in module.body if isinstance(node, ast.Assign)]
    return {name: text.strip() for table in tables for name, text in ast.literal_eval(table).items()}


def unseen(text: str, seen: set[str]) -> str:
    """The paragraphs of `text` not in `seen`, to which they are added; a short one goes with the one before it.

    Whole sections stand under several topics, and would stand in the training and in the validation part.
    """
    kept, new = [], True
    for paragraph in text.split("\n\n"):
        new = paragraph.strip() not in seen if len(paragraph) >= SHORTEST else new
        if new:
            kept.append(paragraph)
            seen.add(paragraph.strip())
    return "\n\n".join(kept)


def docstrings(source: str) -> list[str]:
    """The docstrings of a module, its classes and functions, outermost first, but for very short ones."""
    found: list[str] = []
    waiting: list[ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef] = [ast.parse(source)]
    for node in waiting:  # grows while it is read: breadth first
        text = inspect.cleandoc(ast.get_docstring(node, clean=False) or "")
        found += [text] if len(text) >= SHORTEST else []
        waiting += [part for part in node.body if isinstance(part, DOCUMENTED)]
    return found
