"""Costs as the page asks for them: predicted at once, measured once for these variants, refused where too large."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models.systems import systems
from playground import jobs
from playground.home import Home
from playground.profile import Profile
from playground.store import Store
from playground.ui import registry

OWNER = "0" * 32
PAIR = [{"system": "gpt-2", "changes": {}}, {"system": "llama-3", "changes": {}}]


@pytest.fixture
def service(tmp_path: Path) -> Any:
    store = Store(tmp_path / "runs.db", check=True)
    yield SimpleNamespace(store=store, add_job=store.add_job, home=Home(tmp_path), profile=Profile(name="local"))
    store.close()


def ask(service: Any, name: str, **given: object) -> Any:
    whole = {"owner": OWNER, "variants": PAIR, **given}
    return registry.respond(service, {"name": name, "given": whole})


def test_predictions_need_no_measuring(service: Any) -> None:
    said = ask(service, "costs")
    assert said["made"] is None and said["predicted"][0]["seconds"] is None
    llama = said["full"][1]["works"]
    # One token of LLaMA 3 8B reads 7.5 billion weights in matrices and the cache, at two FLOPs each.
    assert 0.9 < llama["decode"]["flops"] / llama["decode"]["numbers"] / 2 < 1.6
    assert llama["together"]["flops"] == pytest.approx(64 * llama["decode"]["flops"])
    assert said["full"][1]["name"] == "LLaMA 3 8B" and said["contexts"] == [64, 64]
    assert {each["id"] for each in said["accelerators"]} >= {"h100", "a100"}


def test_it_is_measured_once_for_these_variants_and_batch(service: Any) -> None:
    assert ask(service, "measure_costs")["made"]["state"] == "queued"
    ask(service, "measure_costs")
    job = service.store.claim_job("worker")
    assert job.kind in jobs.KINDS and len(job.payload["architectures"]) == 2 and job.payload["batch"] == 12
    assert service.store.claim_job("worker") is None
    here = {"flops": 1e11, "bandwidth": 1e10, "cached": 1e11}
    service.store.end_job(job.id, "finished", {"here": here, "variants": []})
    said = ask(service, "costs")
    assert said["made"]["found"]["here"] == here and said["predicted"][0]["seconds"]["training"] > 0
    assert ask(service, "costs", recipe={"recipe.batch": "6"})["made"] is None
    ask(service, "measure_costs")
    assert service.store.claim_job("worker") is None
    assert ask(service, "measure_costs", again=True)["made"]["state"] == "queued"


@pytest.mark.parametrize("changes", [{"heads.kv": "3"}, {"shape.width": "8192"}, {"shape.context": "65536"}])
def test_what_cannot_be_built_or_measured_is_refused_in_words(service: Any, changes: dict[str, str]) -> None:
    said = ask(service, "measure_costs", variants=[{"system": "gpt-2", "changes": changes}])
    assert said["refusal"]["text"]["zh"] and said["refusal"]["text"]["en"]
    assert service.store.claim_job("worker") is None


def test_every_system_has_costs_at_its_full_size(service: Any) -> None:
    for id in systems():
        (full,) = ask(service, "costs", variants=[{"system": id, "changes": {}}])["full"]
        intensities = {name: work["flops"] / work["numbers"] for name, work in full["works"].items()}
        assert intensities["decode"] < intensities["together"] and intensities["decode"] < intensities["prefill"], id
