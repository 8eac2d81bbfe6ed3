"""Pause and single step: a held run waits at that very step, and learns what it would have learnt without waiting."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shared

from playground import link, recording
from playground.follow import Follower
from playground.home import Home
from playground.profile import PROFILES
from playground.rows import RunRow
from playground.ui.service import Service

MIA = "a" * 32
QUERY = (
    "a=gpt-2,shape.layers=1,shape.width=16,shape.context=15&recipe.tokens=1800&recipe.batch=4&recipe.data=recall:4:8"
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(PROFILES["public-cpu"], Home(tmp_path / "home"))
    yield service
    service.store.close()


def begun(service: Service) -> tuple[str, RunRow]:
    """An experiment of Mia's whose one run is claimed: 30 steps."""
    made, notes = link.read(QUERY)
    assert notes == []
    id = service.store.submit(made.to_json(), made.runs(), service.home.runs, owner=MIA)
    row = service.store.claim("me")
    assert row is not None
    return id, row


def said(service: Service, id: str, what: str, owner: str = MIA) -> dict[str, Any]:
    return service.ask({"name": "pause", "given": {"id": id, "what": what, "owner": owner}})


def test_a_held_run_waits_steps_and_goes_on_as_if_nothing_had_been(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, row = begun(service)
    recording.do_run(service.store, row)
    whole = Follower(service.store, other).snapshot()["runs"][0]

    id, row = begun(service)
    seen: list[tuple[int, int | None]] = []
    presses = iter(["step", "step", "look", "go"])

    def waited(_: float) -> None:
        """Where a held run would sleep, somebody presses the next button."""
        follower = Follower(service.store, id).snapshot()["runs"]
        seen.append((follower[0]["at"], shown(service, id)["paused"]))
        if (press := next(presses)) != "look":
            assert said(service, id, press) == {}

    monkeypatch.setattr(recording, "LOOK", 0.0)
    monkeypatch.setattr(recording.time, "sleep", waited)
    service.store.hold(id, 3)
    recording.do_run(service.store, row)
    assert seen == [(3, 3), (4, 4), (5, 5), (5, 5)]
    held = Follower(service.store, id).snapshot()["runs"][0]
    assert held["state"] == "finished" and shown(service, id)["paused"] is None
    for name in ("step", "train_loss", "val_loss", "grad_norm"):
        assert held[name] == whole[name] and held[name], name


def shown(service: Service, id: str) -> dict[str, Any]:
    """What the page is told."""
    return next(service.follow({"name": "follow", "given": {"id": id}}))


def test_a_held_run_can_be_stopped(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    id, row = begun(service)
    monkeypatch.setattr(recording, "LOOK", 0.0)
    monkeypatch.setattr(recording.time, "sleep", lambda _: service.store.stop(id))
    assert said(service, id, "hold") == {}
    recording.do_run(service.store, row)
    (ended,) = service.store.runs(id)
    assert ended.state == "stopped" and ended.step < 30


def test_only_the_owner_pauses_and_no_lent_gpu_waits(service: Service) -> None:
    id, _ = begun(service)
    assert "refusal" in said(service, id, "hold", owner="b" * 32) and "refusal" in said(service, id, "sleep")
    assert "refusal" in said(service, "0" * 32, "hold") and said(service, id, "go") == {}
    ended = shared.submit(service.store, owner=MIA)
    assert said(service, ended, "hold") == {} and shown(service, ended)["paused"] is None
    service.profile = PROFILES["zerogpu"]
    assert "cannot be paused" in said(service, id, "hold")["refusal"]["text"]["en"]
