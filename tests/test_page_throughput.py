"""Measuring as the page asks for it: queued once, kept for its variants, told as it goes, stopped by its visitor."""

from pathlib import Path
from typing import Any

import pytest

from models.architecture import Architecture
from models.text import Refusal
from playground import jobs
from playground.home import Home
from playground.profile import Profile
from playground.throughput import job as jobs_of
from playground.throughput import measure
from playground.ui import registry
from playground.ui.answers import throughput as answers
from playground.ui.service import Service

OWNER, OTHER = "0" * 32, "1" * 32
PAIR = [{"system": "llama-3", "changes": {"heads.kv": "4"}}, {"system": "llama-3", "changes": {"heads.kv": "1"}}]


class Page:
    """One page over an empty store."""

    def __init__(self, folder: Path) -> None:
        self.service = Service(Profile(name="local", jobs=2), Home(folder))
        self.store = self.service.store

    def ask(self, name: str, **given: object) -> dict[str, Any]:
        whole = {"owner": OWNER, "variants": PAIR, **given}
        return registry.respond(self.service, {"name": name, "given": whole})

    def state(self, **given: object) -> str | None:
        made = self.ask("throughput", **given)["made"]
        return made and made["state"]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_it_is_queued_once_and_kept_for_these_variants_alone(page: Page) -> None:
    assert page.ask("throughput")["made"] is None
    assert page.ask("measure_throughput")["made"] == {"state": "queued", "reason": None, "found": None}
    page.ask("measure_throughput")
    job = page.store.claim_job("worker")
    assert job is not None and job.kind in jobs.KINDS and page.store.claim_job("worker") is None
    kv = [Architecture.model_validate(each).heads.kv for each in job.payload["architectures"]]
    assert kv == [4, 1] and page.state() == "running"
    page.store.end_job(job.id, "finished", {"rows": [1]})
    assert page.ask("throughput")["made"]["found"] == {"rows": [1]}
    assert page.state(variants=PAIR[::-1]) is None and page.state(owner=OTHER) == "finished"
    page.ask("measure_throughput")
    assert page.store.claim_job("worker") is None
    assert page.ask("measure_throughput", again=True)["made"]["state"] == "queued"


def test_variants_have_the_names_that_tell_them_apart(page: Page) -> None:
    titles = [title["en"] for title in page.ask("throughput")["titles"]]
    assert len(set(titles)) == 2 and all(title.startswith("LLaMA 3") for title in titles)


def test_what_is_known_is_told_while_it_is_measured(page: Page) -> None:
    page.ask("measure_throughput")
    job = page.store.claim_job("worker")
    assert job is not None
    jobs_of._write(Path(job.payload["progress"]), {"done": 2})
    assert page.ask("throughput")["made"] == {"state": "running", "reason": None, "found": {"done": 2}}


def test_another_wish_takes_the_place_of_the_one_that_waits(page: Page) -> None:
    page.ask("measure_throughput", variants=PAIR[:1])
    page.ask("measure_throughput", variants=PAIR[:1], owner=OTHER)  # known already: nothing is queued twice
    page.ask("measure_throughput")
    job = page.store.claim_job("worker")
    assert job is not None and len(job.payload["architectures"]) == 2 and page.store.claim_job("worker") is None


def test_its_visitor_may_stop_it_and_nobody_else(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.ask("measure_throughput")
    assert page.ask("stop_measuring")["made"] is None
    page.ask("measure_throughput")
    job = page.store.claim_job("worker")
    assert job is not None
    rounds = 0

    def measured(*given: Any) -> Any:
        nonlocal rounds
        for owner in (OTHER, OWNER, OTHER):
            given[-1]()
            rounds += 1
            yield {"done": rounds}
            page.ask("stop_measuring", owner=owner)

    monkeypatch.setattr(measure, "measured", measured)
    page.ask("stop_measuring", owner=OTHER)
    with pytest.raises(Refusal, match="Stopped by you"):
        jobs.do(job.kind, job.payload)
    assert rounds == 2 and not list(Path(job.payload["progress"]).parent.iterdir())


def test_a_job_that_is_stopped_before_its_worker_has_begun_does_not_begin(page: Page) -> None:
    page.ask("measure_throughput")
    job = page.store.claim_job("worker")
    assert job is not None
    page.ask("stop_measuring")
    with pytest.raises(Refusal, match="Stopped by you"):
        jobs.do(job.kind, job.payload)


def test_torch_compiled_takes_part_where_it_is_asked_for(page: Page) -> None:
    for compile in (False, True):
        page.ask("measure_throughput", compile=compile, again=True)
        job = page.store.claim_job("worker")
        assert job is not None and job.payload["compile"] is compile
        page.store.end_job(job.id, "finished", {"compile": compile})
        assert page.ask("throughput")["made"]["found"] == {"compile": compile}


def test_what_cannot_be_measured_is_refused_in_words(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [{"system": "llama-3", "changes": {"heads.kv": "3"}}]
    assert page.ask("measure_throughput", variants=wrong)["refusal"]["fields"]
    assert page.ask("throughput", variants=wrong) == {"titles": [], "made": None}
    monkeypatch.setattr(answers, "LARGEST", 1000)
    assert "up to 1,000 can be measured" in page.ask("measure_throughput")["refusal"]["text"]["en"]
    page.service.profile = Profile(name="public-cpu", parameters=5)
    assert "refusal" in page.ask("measure_throughput")
    assert page.store.claim_job("worker") is None


@pytest.mark.parametrize("variants", [None, [], "x", [{"system": "none"}], PAIR * 3])
@pytest.mark.parametrize("name", ["throughput", "measure_throughput", "stop_measuring"])
def test_what_is_no_list_of_variants_is_refused(page: Page, name: str, variants: object) -> None:
    assert set(page.ask(name, variants=variants)) == {"refusal"}


@pytest.mark.parametrize("name", ["measure_throughput", "stop_measuring"])
def test_who_has_no_key_may_neither_queue_nor_stop(page: Page, name: str) -> None:
    assert "refusal" in page.ask(name, owner="me")


def test_the_example_differs_in_what_is_kept_alone(page: Page) -> None:
    example = page.ask("throughput_example")
    page.ask("measure_throughput", variants=example["variants"])
    job = page.store.claim_job("worker")
    assert job is not None
    made = [Architecture.model_validate(each) for each in job.payload["architectures"]]
    assert [each.heads.kv for each in made] == [8, 2, 1, 8]
    assert len({each.model_copy(update={"heads": made[0].heads, "span": made[0].span}) for each in made}) == 1


def test_more_jobs_than_may_wait_are_refused_in_words(page: Page) -> None:
    for owner in (OWNER, OTHER):
        page.store.add_job("export", {}, owner)
    assert "Too many" in page.ask("measure_throughput")["refusal"]["text"]["en"]
    job = page.store.claim_job("worker")
    assert job is not None
    page.store.end_job(job.id, "finished", {})
    assert page.ask("measure_throughput")["made"]["state"] == "queued"
