"""Who may import what: models <- playground <- playground.ui <- app.py; what runs an exported file needs no torch."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from source import ROOT, files, imports, module_name, modules

LIGHT = ("playground.session", "playground.decode", "playground.tokenizer")


def offences(paths: Iterable[Path], *forbidden: str) -> list[str]:
    """`file imports name` for every import of a forbidden package, wherever in the file it stands."""
    return sorted(
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in set(imports(path))
        if any(name == package or name.startswith(package + ".") for package in forbidden)
    )


def test_models_know_nothing_of_the_playground() -> None:
    assert not offences(files(".py", under=("models",)), "playground", "app", "gradio", "plotly", "onnx", "onnxruntime")


def test_only_the_page_knows_gradio() -> None:
    paths = [path for path in files(".py", under=("playground",)) if "ui" not in path.relative_to(ROOT).parts]
    assert not offences(paths, "gradio", "playground.ui", "app")


def test_ray_is_known_to_the_head_of_a_cluster_alone() -> None:
    """So it need not be installed; the benchmark of a cluster starts one itself."""
    knowing = {ROOT / "playground" / "cluster" / f"{name}.py" for name in ("connection", "head", "stream", "task")}
    others = {*files(".py", under=("models", "playground", "scripts"))} - knowing
    others.remove(ROOT / "playground" / "bench" / "cluster.py")
    assert not offences(others, "ray", *map(module_name, knowing))
    assert all("ray" in imports(path) for path in knowing)


def test_the_project_imports_no_tests() -> None:
    assert not offences(files(".py", under=("models", "playground", "scripts")), "tests", "conftest", "source")


def chain_to(start: str, forbidden: tuple[str, ...]) -> list[str] | None:
    """The shortest chain of imports from `start` to a forbidden package through our own modules, or None."""
    known, queue, seen = modules(), [[start]], {start}
    while queue:
        chain = queue.pop(0)
        for name in sorted(set(imports(known[chain[-1]]))):
            if name.split(".")[0] in forbidden:
                return [*chain, name]
            # Importing a.b.c runs a and a.b first.
            parents = [name.rsplit(".", cut)[0] for cut in range(name.count("."), -1, -1)]
            for module in parents:
                if module in known and module not in seen:
                    seen.add(module)
                    queue.append([*chain, module])
    return None


@pytest.mark.parametrize("module", LIGHT)
def test_what_runs_an_exported_file_reaches_no_torch(module: str) -> None:
    chain = chain_to(module, ("torch", "models", "transformers", "gradio"))
    assert chain is None, " -> ".join(chain or [])


def test_importing_session_and_decode_loads_no_torch() -> None:
    script = f"import sys, {', '.join(LIGHT)}; print(*sorted({{'torch', 'models', 'gradio'}} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == ""


def test_the_page_is_up_before_torch_and_never_loads_what_exports() -> None:
    script = (
        "import sys, playground.ui.launch; print(*sorted({'torch', 'scipy'} & set(sys.modules)))\n"
        "from playground.ui import registry; registry.load()\n"
        "print(*sorted({'torch', 'torch.onnx', 'torch._dynamo', 'onnx'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.splitlines() == ["", "torch"]


def axis_folders() -> list[Path]:
    """Folders whose files are told apart by registering themselves, each complete in its file."""
    base = {path.parent for path in (ROOT / "models").glob("*/base.py")}
    reading = ROOT / "models" / "hugging_face"  # its model types are in a folder of their own, below what they share
    return sorted(base - {reading} | {reading / "types"})


def option_files(folder: Path) -> list[Path]:
    """The files of options in an axis's folder; an abstract class that several share may stand beside them."""
    paths = [path for path in folder.rglob("*.py") if path.name not in ("__init__.py", "base.py")]
    return [path for path in paths if "    option: Literal[" in path.read_text(encoding="utf-8")] or paths


@pytest.mark.parametrize("folder", axis_folders(), ids=lambda folder: folder.name)
def test_an_option_knows_nothing_of_its_siblings(folder: Path) -> None:
    paths = option_files(folder)
    options = {module_name(path) for path in paths}
    known = {module_name(path): options & set(imports(path)) for path in paths}
    assert not {option: siblings for option, siblings in known.items() if siblings}


def test_no_option_is_known_where_all_are_read() -> None:
    """What goes over an architecture's choices asks each for its own; only a default or a rule names an option."""
    options = {module_name(path) for folder in axis_folders() for path in option_files(folder)}
    options -= {name for name in options if name.startswith(("models.systems", "models.hugging_face"))}
    knowing = {path.name for path in files(".py", under=("models",)) if path.parent.name == "models"}
    knowing = {name for name in knowing if options & set(imports(ROOT / "models" / name))}
    assert knowing == {"architecture.py", "twin.py"}


def test_there_are_axes_to_look_at() -> None:
    assert axis_folders()
