"""The history: who sees what, searched and shown a page at a time, deleted by its owner, compared with a warning."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shared

from playground.home import Home
from playground.profile import PROFILES
from playground.rows import FREE, ExperimentRow
from playground.ui import gallery
from playground.ui.answers.history import PAGE
from playground.ui.service import Service

MIA, BEN = "a" * 32, "b" * 32
DATA = ("tales", "python-docs", "recall")
OTHER = "v=1&a=palm&recipe.data=tales-zh&recipe.tokens=60000"


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A public server where Mia has trained two experiments and Ben one; one hangs in its gallery."""
    monkeypatch.setattr(gallery, "FOLDER", tmp_path / "nothing")
    service = Service(PROFILES["public-cpu"], Home(tmp_path / "home"))
    for owner, query in ((MIA, shared.QUERY), (MIA, OTHER), (BEN, shared.QUERY), (gallery.OWNER, OTHER)):
        shared.submit(service.store, shared.experiment(query), owner=owner)
    vars(service)["gallery"] = {"a": "b"}
    yield service
    service.store.close()


def listed(service: Service, **given: Any) -> dict[str, Any]:
    return service.ask({"name": "history", "given": {"owner": MIA, **given}})


def test_a_visitor_sees_their_own_and_the_gallery_a_local_user_all(service: Service) -> None:
    rows = listed(service)["rows"]
    assert [row["origin"] for row in rows] == [None, None, "gallery"]
    assert rows[0]["title"]["en"] == "PaLM" and "LLaMA 3 · ALiBi" in rows[1]["title"]["en"]
    assert listed(service, owner=BEN)["all"] == 2 and listed(service, owner="c" * 32)["all"] == 1
    assert "refusal" in listed(service, owner="") and "refusal" in listed(service, owner=gallery.OWNER)
    service.profile = PROFILES["local"]
    assert listed(service, owner="c" * 32)["all"] == 4


def test_a_row_says_where_the_variants_ended_best_first(service: Service) -> None:
    row = listed(service)["rows"][1]
    means = [sum(shared.loss(variant, seed, 80) for seed in range(3)) / 3 for variant in range(2)]
    assert [end["letter"] for end in row["ends"]] == ["A", "B"] and means[0] < means[1]
    assert [end["value"] for end in row["ends"]] == pytest.approx(means)
    assert {"en": "seeds 3", "zh": "种子 3"} in row["setting"] and row["states"] == {"finished": 6}


@pytest.mark.parametrize(
    ("search", "found"),
    [("alibi", 1), ("llama GPT", 1), ("tales-zh", 2), ("种子 3", 1), ("position=alibi", 1), ("no", 0)],
)
def test_words_are_searched_for_in_both_languages_and_spellings(service: Service, search: str, found: int) -> None:
    said = listed(service, search=search)
    assert (said["found"], said["all"], len(said["rows"])) == (found, 3, found)


def test_many_experiments_come_a_page_at_a_time_and_only_its_rows_are_looked_into(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3 * PAGE):
        made = shared.experiment(f"v=1&a=gpt-2,shape.layers={1 + number % 24}&recipe.data={DATA[number % 3]}")
        row = ExperimentRow(f"{number:032x}", MIA, float(number), made.to_json(), FREE)
        service.store.adopt(row, [], Path("runs"))
    looked: list[str] = []
    runs = service.store.runs
    monkeypatch.setattr(service.store, "runs", lambda id: looked.append(id) or runs(id))
    pages = [listed(service, after=after) for after in range(0, 3 * PAGE + 3, PAGE)]
    seen = [row["id"] for page in pages for row in page["rows"]]
    assert [len(page["rows"]) for page in pages] == [PAGE, PAGE, PAGE, 3] and {page["all"] for page in pages} == {63}
    assert looked == seen and len(set(seen)) == 63 and seen[2] == f"{3 * PAGE - 1:032x}"
    assert listed(service, search="recall", after="x")["found"] == PAGE


def test_only_the_owner_deletes_and_on_their_own_machine_anybody(service: Service) -> None:
    def delete(id: str, owner: str) -> dict[str, Any]:
        return service.ask({"name": "delete", "given": {"id": id, "owner": owner}})

    zh, ours, hung = (row["id"] for row in listed(service)["rows"])
    assert "Only whoever" in delete(ours, BEN)["refusal"]["text"]["en"] and "refusal" in delete(hung, MIA)
    assert delete(ours, MIA) == {} and service.store.experiment(ours) is None and service.store.runs(ours) == []
    service.profile = PROFILES["local"]
    assert delete(zh, BEN) == {} and "refusal" in delete(hung, MIA)
    assert "refusal" in delete(zh, BEN) and "refusal" in delete("../" * 10, MIA)


def test_a_run_that_goes_on_is_not_deleted(service: Service) -> None:
    made = shared.experiment(OTHER)
    id = service.store.submit(made.to_json(), made.runs(), service.home.runs, owner=MIA)
    said = service.ask({"name": "delete", "given": {"id": id, "owner": MIA}})
    assert "stop it first" in said["refusal"]["text"]["en"] and service.store.experiment(id) is not None


def test_experiments_together_say_what_may_not_be_compared(service: Service) -> None:
    def across(*ids: str) -> dict[str, Any]:
        return service.ask({"name": "across", "given": {"ids": list(ids)}})

    zh, ours, _ = (row["id"] for row in listed(service)["rows"])
    alike = shared.submit(service.store, owner=MIA)
    said = across(ours, alike)
    assert said["notes"] == [] and [view["id"] for view in said["views"]] == [ours, alike]
    other = shared.submit(service.store, shared.experiment(f"{shared.QUERY}&recipe.tokenizer=bytes"), owner=MIA)
    assert ["different tokens" in note["en"] for note in across(ours, other)["notes"]] == [True]
    # What the runs really read decides, not the name: the same name may hold other text on another machine.
    runs = "SELECT id FROM run WHERE experiment = ?"
    service.store._write(f"UPDATE event SET json = replace(json, ?, ?) WHERE run IN ({runs})", "ab" * 32, "cd" * 32, zh)
    (note,) = across(ours, zh)["notes"]
    assert "1: tales (ababab); 2: tales-zh (cdcdcd)" in note["en"] and "不可" in note["zh"]
    assert "refusal" in across() and "refusal" in across(*[ours] * 5) and "refusal" in across("0" * 32)
