"""The rules that this code sets itself: sizes, documentation, types, and what never stands in a file."""

import ast
import re
import statistics
from pathlib import Path

import pytest
from source import ROOT, Definition, Function, files, functions, modules, surface, tree

OWN = ("models", "playground", "scripts")
PYTHON = [*files(".py", under=(*OWN, "tests")), *(path for path in [ROOT / "app.py"] if path.is_file())]
SCRIPTS = files(".js")
WIDEST = 140  # columns of a script
PACKAGED = [path for path in PYTHON if "tests" not in path.relative_to(ROOT).parts]
WRITTEN = files(".py", ".js", ".css", ".html", ".md", ".sh", ".toml", ".txt", ".json", ".yml", ".yaml")
NAMED = re.compile(r"`((?:models|playground)(?:\.\w+)+)`?")  # a module, and what is of it

# What holds on one machine alone: its paths, and where its packages come from. The patterns do not find themselves.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|work|opt)/[a-z.]|(?<![\w.])/home/(?!user\b)[a-z]|\.\./shared[/]")
PACKAGE_HOST = re.compile(r"pypi\.(?:org|python)|pythonhosted\.|registry\.npm|download\.pytorch\.")


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def arguments(node: Function) -> list[ast.arg]:
    """Every parameter but `self` and `cls`, the starred ones included."""
    spec = node.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, [spec.vararg, spec.kwarg])]
    return [argument for argument in every if argument.arg not in ("self", "cls")]


@pytest.mark.parametrize("path", PYTHON + SCRIPTS + files(".css"), ids=shown)
def test_a_file_is_short(path: Path) -> None:
    count = len(path.read_text(encoding="utf-8").splitlines())
    assert count <= 400, f"{shown(path)} has {count} lines"


@pytest.mark.parametrize("path", SCRIPTS, ids=shown)
def test_a_line_of_a_script_is_short(path: Path) -> None:
    """A line of Python is, by the formatter."""
    long = {n: len(line) for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if len(line) > WIDEST}
    assert not long, f"{shown(path)} is wider than {WIDEST} at {long}"


@pytest.mark.parametrize("path", PYTHON, ids=shown)
def test_functions_are_short_and_ask_for_little(path: Path) -> None:
    long = {node.name: lines(node) for node in functions(path) if lines(node) > 60}
    greedy = {node.name: len(arguments(node)) for node in functions(path) if len(arguments(node)) > 6}
    assert not long and not greedy


def test_most_functions_are_very_short() -> None:
    assert statistics.median(lines(node) for path in PACKAGED for node in functions(path)) <= 10


@pytest.mark.parametrize("path", PYTHON, ids=shown)
def test_a_file_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path)) or not tree(path).body, f"{shown(path)} has no docstring"


@pytest.mark.parametrize("path", PYTHON, ids=shown)
def test_a_module_that_is_named_is_there(path: Path) -> None:
    """And what is named of it. A module is written with its package, in backticks."""
    known = modules()
    for named in NAMED.findall(path.read_text(encoding="utf-8")):
        parts = named.split(".")
        module = next(
            (".".join(parts[:end]) for end in range(len(parts), 1, -1) if ".".join(parts[:end]) in known), None
        )
        assert module, f"{shown(path)} names {named}"
        of_it = named.removeprefix(module).removeprefix(".").partition(".")[0]
        assert not of_it or of_it in known[module].read_text(encoding="utf-8"), f"{shown(path)} names {named}"


@pytest.mark.parametrize("package", ["models", "playground"])
def test_every_file_has_its_line_in_the_layout(package: str) -> None:
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    part = told.partition(f"\n## {package}\n")[2].partition("\n## ")[0]
    paths = {path.relative_to(ROOT / package).parts for path in files(".py", under=(package,))}
    names = {parts[0] if len(parts) == 1 else f"{parts[0]}/" for parts in paths if not parts[0].startswith("__")}
    assert names and not [name for name in sorted(names) if not re.search(rf"[` ]{name}[` ]", part)]


@pytest.mark.parametrize("path", PACKAGED, ids=shown)
def test_every_function_is_typed(path: Path) -> None:
    def is_typed(node: Function) -> bool:
        returns = node.returns is not None or node.name == "__init__"
        return returns and all(argument.annotation for argument in arguments(node))

    assert not [f"{shown(path)}:{node.lineno} {node.name}" for node in functions(path) if not is_typed(node)]


@pytest.mark.parametrize("path", PACKAGED, ids=shown)
def test_what_is_public_is_documented(path: Path) -> None:
    assert not [name for name, node in surface(path) if not (ast.get_docstring(node) or helps(node))]


def helps(node: Definition) -> bool:
    """Whether this is an option with a `help`, which documents it on the page and here."""
    names = (ast.unparse(item).partition(" = ")[0].partition(":")[0] for item in node.body)
    return isinstance(node, ast.ClassDef) and "help" in names


@pytest.mark.parametrize("path", files(".py", under=("models",)), ids=shown)
def test_models_print_nothing(path: Path) -> None:
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"]
    assert not calls


@pytest.mark.parametrize("path", PYTHON, ids=shown)
def test_no_error_is_swallowed(path: Path) -> None:
    """No bare `except`, and no `except Exception` whose whole answer is `pass`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            silent = all(isinstance(statement, ast.Pass) for statement in node.body)
            assert node.type is not None, f"{shown(path)}:{node.lineno} catches everything"
            assert not (broad and silent), f"{shown(path)}:{node.lineno} swallows every error"


def test_a_class_is_laid_out_in_one_style_sheet() -> None:
    """Who takes a name that another part of the page has changes how that part looks."""
    sheets: dict[str, set[str]] = {}
    for path in files(".css", under=("assets/css",)):
        for name in re.findall(r"#playground \.([\w-]+) \{", path.read_text(encoding="utf-8")):
            sheets.setdefault(name, set()).add(path.name)
    assert "file" in sheets  # the pattern finds something
    assert not {name: found for name, found in sheets.items() if len(found) > 1}


@pytest.mark.parametrize("path", WRITTEN, ids=shown)
def test_nothing_of_one_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = [*MACHINE_PATH.findall(text), *PACKAGE_HOST.findall(text)]
    assert not found, f"{shown(path)}: {found}"


def test_the_rule_about_paths_finds_paths() -> None:
    prefix = "/"
    assert MACHINE_PATH.search(f"see {prefix}root/notes") and MACHINE_PATH.search(f"{prefix}home/anna/data")
    assert not MACHINE_PATH.search("/home/user/app") and not MACHINE_PATH.search("network/work/a")
