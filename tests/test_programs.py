"""What programs ask of a server: the examples of docs/api.md are run as they stand there."""

import re
from pathlib import Path

import pytest
from source import ROOT

from scripts.trials.server import Server
from scripts.trials.visitor import Visitor


@pytest.mark.slow
def test_the_examples_for_programs_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", document, re.DOTALL)
    assert len(examples) == 6
    with Server(tmp_path, profile="local") as server:
        said: dict[str, object] = {}
        for example in examples:
            exec(example.replace("http://127.0.0.1:7860", server.url), said)
        visitor = Visitor(server.url)
        made = said["made"]
        assert isinstance(made, dict)
        content = visitor.http.get(f"/{made['address']}")
        assert content.status_code == 200 and len(content.content) == made["bytes"]
        named = visitor.http.get("/gradio_api/info").json()["named_endpoints"]
        visitor.close()
    documented = set(re.findall(r"^\| `(\w+)\(", document, re.MULTILINE))
    assert {name.removeprefix("/") for name in named} == documented
    printed = capsys.readouterr().out
    assert "norm=rmsnorm" in printed  # the refusal, in words
