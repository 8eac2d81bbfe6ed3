"""What a newcomer meets: requirements that agree, a linted Dockerfile, a sentence where set-up cannot go on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from source import ROOT

PLATFORMS = [
    ("linux", "x86_64"),
    ("linux", "aarch64"),
    ("win32", "AMD64"),
    ("win32", "ARM64"),
    ("darwin", "arm64"),
]


def requirements(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]


@pytest.mark.parametrize(("system", "machine"), PLATFORMS)
def test_each_platform_gets_one_onnx_runtime(system: str, machine: str) -> None:
    platform = {"sys_platform": system, "platform_machine": machine}
    chosen = [
        requirement.name
        for requirement in requirements("requirements.txt")
        if requirement.name.startswith("onnxruntime") and requirement.marker and requirement.marker.evaluate(platform)
    ]
    gpu = (system, machine) in (("linux", "x86_64"), ("win32", "AMD64"))
    assert chosen == ["onnxruntime-gpu" if gpu else "onnxruntime"]


def test_the_cpu_requirements_differ_in_the_onnx_runtime_alone() -> None:
    usual, cpu = requirements("requirements.txt"), requirements("requirements-cpu.txt")
    runtimes = [requirement for requirement in usual if requirement.name.startswith("onnxruntime")]
    shared = [str(requirement) for requirement in usual if requirement not in runtimes]
    assert [str(requirement) for requirement in cpu] == [*shared, f"onnxruntime{runtimes[0].specifier}"]


@pytest.mark.parametrize("name", [f"requirements{part}.txt" for part in ("", "-dev", "-cpu", "-cluster")])
def test_requirements_are_ranges(name: str) -> None:
    for requirement in requirements(name):
        operators = {specifier.operator for specifier in requirement.specifier}
        assert operators == {">=", "<"}, f"{requirement} is not a range"


def test_clusters_are_tested_with_the_ray_that_they_need() -> None:
    (ray,) = requirements("requirements-cluster.txt")
    assert ray in requirements("requirements-dev.txt")


def test_the_dockerfile_installs_the_torch_of_the_requirements() -> None:
    torch = next(requirement for requirement in requirements("requirements.txt") if requirement.name == "torch")
    lower, upper = sorted(map(str, torch.specifier), reverse=True)
    for file in ("Dockerfile", "scripts/set_up.sh"):
        assert f"torch{lower},{upper}" in (ROOT / file).read_text(encoding="utf-8"), file


def test_the_dockerfile_is_linted_clean() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# A Python as set_up.sh sees it. What it cannot do stands in the variable FAILS.
PYTHON = """#!/bin/sh
case "$*" in
*version_info*) task=version ;; *ensurepip*) task=ensurepip ;; *"-m venv"*) task=venv ;; *"-m pip"*) task=pip ;;
*) exit 0 ;;
esac
[ "$task" != "$FAILS" ] || { echo "no $task" >&2; exit 1; }
[ "$task" != venv ] || { mkdir -p .venv/bin && cp "$0" .venv/bin/python; }
"""


def set_up(project: Path, fails: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of scripts/set_up.sh in an empty project with the Python above."""
    (project / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "set_up.sh", project / "scripts")
    python = project / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "PYTHON": str(python), "FAILS": fails}
    command = ["sh", str(project / "scripts" / "set_up.sh"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("fails", "sentence"),
    [
        ("version", "needs Python 3.11 or 3.12 and found neither"),
        ("ensurepip", "sudo apt install python3-venv"),
        ("venv", "could not create .venv"),
        ("pip", "this machine may have no network"),
    ],
)
def test_set_up_says_why_it_stops(tmp_path: Path, fails: str, sentence: str) -> None:
    done = set_up(tmp_path, fails, "run")
    assert done.returncode == 1 and sentence in done.stderr


def test_set_up_goes_through_and_says_little(tmp_path: Path) -> None:
    done = set_up(tmp_path, "nothing", "run")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" and len(done.stdout.splitlines()) == 2


def test_set_up_refuses_an_environment_of_another_python(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    done = set_up(tmp_path, "version", "run")
    assert done.returncode == 1 and "Remove the folder .venv" in done.stderr


def without_browser(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one browser test and one other where no Chromium starts."""
    for file in ("conftest.py", "chromium.py"):
        shutil.copy(ROOT / "tests" / file, project)
    test = "import pytest\n@pytest.mark.browser\ndef test_page(browser): ...\ndef test_other(): ...\n"
    (project / "test_two.py").write_text(test)
    shutil.copy(ROOT / "pyproject.toml", project)
    bare = {name: value for name, value in os.environ.items() if name != "CI"}
    nowhere = {"CHROMIUM": str(project / "no-chromium")}
    command = [sys.executable, "-m", "pytest", "test_two.py"]
    return subprocess.run(command, cwd=project, env=bare | nowhere | environment, capture_output=True, text=True)


def test_browser_tests_that_cannot_run_are_counted(tmp_path: Path) -> None:
    done = without_browser(tmp_path)
    assert done.returncode == 0 and "1 passed, 1 skipped" in done.stdout
    assert "1 browser tests not run: " in done.stdout


def test_browser_tests_that_cannot_run_fail_in_ci(tmp_path: Path) -> None:
    done = without_browser(tmp_path, CI="true")
    assert done.returncode != 0 and "1 browser tests not run, and CI must run them" in done.stdout
