"""Reading beyond the trained length as the page asks for it: queued once a variant, told in words that fit."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trained

from playground import jobs
from playground.home import Home
from playground.profile import Profile
from playground.store import Store
from playground.ui import registry
from playground.ui.answers.beyond import EVERY_POSITION
from playground.ui.describe import experiment

OWNER = "0" * 32
FOUND = {"context": 40, "length": 40, "reach": 40, "stopped": "positions", "rows": 8, "lines": [{"scaling": "none"}]}


def test_every_variant_is_read_once_and_again_only_where_it_failed(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs.db", check=True)
    service: Any = SimpleNamespace(
        store=store, add_job=store.add_job, home=Home(tmp_path), profile=Profile(name="local")
    )
    id = trained.submit(store, tmp_path)
    trained.finish(store, id)

    def ask(name: str) -> list[Any]:
        return registry.respond(service, {"name": name, "given": {"id": id, "owner": OWNER}})["variants"]

    assert [each["made"] for each in ask("beyond")] == [None, None]
    assert [each["made"]["state"] for each in ask("measure_beyond")] == ["queued", "queued"]
    first, second = store.claim_job("one"), store.claim_job("two")
    assert (
        first
        and second
        and first.kind in jobs.KINDS
        and {first.payload["folder"], second.payload["folder"]} == {str(run.folder) for run in store.runs(id)}
    )
    store.end_job(first.id, "finished", FOUND)
    store.end_job(second.id, "failed", None)
    ask("measure_beyond")
    again = store.claim_job("three")
    assert again and again.payload == second.payload and store.claim_job("four") is None
    made = ask("beyond")[0]["made"]
    assert made["found"] == FOUND and "{name}: its table of positions ends at 40" in made["sentence"]["en"]
    store.close()


def test_one_click_brings_every_position_option() -> None:
    service: Any = SimpleNamespace()  # nothing of it is asked
    said = registry.respond(service, {"name": "every_position", "given": {}})
    made = experiment(said)
    slugs = [variant.architecture.position.slug for variant in made.variants]
    assert slugs == [*type(made.variants[0].architecture).axes()["position"].options()]
    assert EVERY_POSITION.endswith("~".join(slugs))


@pytest.mark.parametrize("id", [None, "x", "0" * 32])
def test_an_experiment_that_is_not_there_is_refused(tmp_path: Path, id: object) -> None:
    service: Any = SimpleNamespace(store=Store(tmp_path / "runs.db", check=True), profile=Profile(name="local"))
    for name in ("beyond", "measure_beyond"):
        given = {"id": id, "owner": OWNER}
        assert "refusal" in registry.respond(service, {"name": name, "given": given})
    service.store.close()
