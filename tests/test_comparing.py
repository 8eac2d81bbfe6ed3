"""What `compare` makes of exports that fail, or that are not the model: it says so, and remembers it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models.text import Text
from playground import link
from playground.comparing import FILE, WRONG, Comparing
from playground.store import Settings

FOUND = dict.fromkeys(FILE, 0)


@pytest.mark.parametrize(
    ("result", "reason", "said"),
    [
        (FOUND | {"verification": {"passed": True}}, None, "exported"),
        (FOUND | {"verification": {"passed": False}}, None, WRONG),
        (None, Text("no room", "没有空间"), "no room"),
    ],
)
def test_an_export_that_is_not_the_model_is_told(result: Any, reason: Text | None, said: str, tmp_path: Path) -> None:
    comparing = Comparing(link.read("")[0], tmp_path)
    comparing.id = "id"
    run = SimpleNamespace(variant=0, seed=0, folder=tmp_path, state="finished")
    job = SimpleNamespace(state="finished" if result else "failed", result=result, reason=reason)
    submitted, queued = SimpleNamespace(settings=Settings(text="own.txt")), list[object]()
    store: Any = SimpleNamespace(
        runs=lambda _: [run],
        add_job=lambda *given: queued.append(given) or "job",
        job=lambda _: job,
        experiment={"id": submitted}.get,
    )
    comparing.store = store
    assert list(comparing.export("all")) == [f"A-seed0: {said}"]
    assert queued == [("export", {"folder": str(tmp_path), "text": "own.txt"})]
    assert comparing.not_exported == ([] if said == "exported" else ["A-seed0"])
