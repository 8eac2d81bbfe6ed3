"""What ships finished: every prepared experiment hangs in the gallery, opens by name, and is what its link trains."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from playground import link
from playground.experiment import from_json
from playground.follow import Follower
from playground.home import Home
from playground.profile import PROFILES
from playground.ui import gallery
from playground.ui.prepared import FIRST, PREPARED, Prepared, shipped
from playground.ui.service import Service

MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(PROFILES["public-cpu"], Home(Path(tmp_path_factory.mktemp("home"))))
    yield service
    service.store.close()


@pytest.mark.parametrize("prepared", PREPARED, ids=lambda each: each.name)
def test_a_prepared_link_opens_a_finished_result_with_nothing_to_wait_for(service: Service, prepared: Prepared) -> None:
    query = f"?run={prepared.name}&stage=1&autoplay=1&lang=zh&hide=norm"
    opened = service.ask({"name": "open", "given": {"query": query, "run": prepared.name}})
    assert opened["notes"] == [] and opened["run"] == service.gallery[prepared.name]
    row = service.store.experiment(opened["run"])
    assert row is not None and row.owner == gallery.OWNER
    experiment, notes = link.read(prepared.query)
    assert notes == [] and link.write(from_json(row.json)) == link.write(experiment)
    runs = Follower(service.store, row.id).snapshot()["runs"]
    assert len(runs) == len(experiment.runs()) and {run["state"] for run in runs} == {"finished"}
    assert all(20 <= len(run["step"]) <= 500 for run in runs)
    assert (gallery.FOLDER / f"{prepared.name}.zip").stat().st_size < MOST_BYTES
    (told,) = (each for each in opened["prepared"] if each["id"] == row.id)
    assert told["says"] == {"en": prepared.says.en, "zh": prepared.says.zh}


def test_there_are_six_and_what_is_shown_first_is_the_first_of_them(service: Service) -> None:
    assert len(PREPARED) == 6 and {*gallery.named()} == {each.name for each in PREPARED}
    first, opened = shipped(), service.ask({"name": "open", "given": {"query": ""}})
    assert first is not None and first["id"] == service.gallery[FIRST]
    assert opened["run"] is None and opened["shipped"]["id"] == first["id"]
    ended = Follower(service.store, first["id"]).snapshot()["runs"]
    assert [run["val_loss"] for run in first["runs"]] == [run["finished"]["val_loss"] for run in ended]
