"""The README tells the truth: its example runs, its links lead somewhere, its front matter makes a Space."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from source import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FRONT_MATTER = yaml.safe_load(README.split("---\n")[1])
DOCUMENTS = ["README.md", "README.zh.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


def test_the_python_example_runs(tmp_path: Path) -> None:
    block = re.search(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert block is not None, "README.md has no Python example"
    script = tmp_path / "example.py"
    script.write_text(block.group(1), encoding="utf-8")
    command = [sys.executable, "-W", "error::DeprecationWarning:__main__", str(script)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(block.group(1).strip().splitlines()) <= 12


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_within_the_project_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]
    assert not [target for target in targets if not (ROOT / document).parent.joinpath(target).exists()]


def test_the_front_matter_makes_a_gradio_space() -> None:
    assert FRONT_MATTER["sdk"] == "gradio"
    assert FRONT_MATTER["python_version"] == "3.12"
    assert (ROOT / FRONT_MATTER["app_file"]).is_file()


def test_the_front_matter_keeps_to_what_the_builder_knows() -> None:
    colors = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {FRONT_MATTER["colorFrom"], FRONT_MATTER["colorTo"]} <= colors
    assert len(FRONT_MATTER["short_description"]) <= 60


def test_the_space_has_a_gradio_within_our_range() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    gradio = next(Requirement(line) for line in lines if line.startswith("gradio"))
    assert gradio.specifier.contains(FRONT_MATTER["sdk_version"])
