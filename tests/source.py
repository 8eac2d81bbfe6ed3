"""The project's own source as syntax trees. Knows no rule: test_layers.py and test_house_rules.py hold those."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("models", "playground")
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITION = (*FUNCTION, ast.ClassDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
THEIRS = ROOT / "assets" / "plotly"  # as others published it
HIDDEN = {".git", ".venv", "__pycache__", "node_modules", "runs", "shots"}


def files(*suffixes: str, under: tuple[str, ...] = (".",)) -> list[Path]:
    """Files of the project with one of these suffixes, in order; without the environment and what runs leave behind."""
    found = {path for folder in under for path in (ROOT / folder).rglob("*") if path.suffix in suffixes}
    ours = (path for path in found if path.is_file() and THEIRS not in path.parents)
    return sorted(path for path in ours if not HIDDEN & set(path.relative_to(ROOT).parts))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module_name(path: Path) -> str:
    """`playground/data/tales.py` -> `playground.data.tales`; a package's `__init__.py` has the package's name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> dict[str, Path]:
    """Every module of the packages, by its dotted name."""
    return {module_name(path): path for path in files(".py", under=PACKAGES)}


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a file imports; names for type checkers alone are left out.

    `from a.b import c` gives `a.b` and `a.b.c`, since `c` may be a module.
    """
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    for node in _statements(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield child
            yield from _statements(child)


def functions(path: Path) -> Iterator[Function]:
    """Every function of a file, nested ones too."""
    yield from (node for node in ast.walk(tree(path)) if isinstance(node, FUNCTION))


def surface(path: Path) -> Iterator[tuple[str, Definition]]:
    """What a file offers: its public functions and classes, and the public methods of these, by dotted name.

    Methods of a class that inherits are left out: its base has said what they do.
    """
    for node in tree(path).body:
        if isinstance(node, DEFINITION) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef) and not node.bases:
                methods = (item for item in node.body if isinstance(item, FUNCTION) and not item.name.startswith("_"))
                yield from ((f"{node.name}.{method.name}", method) for method in methods)
