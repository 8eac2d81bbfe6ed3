"""Train, Stop, follow and texts, asked as the page asks, over a real store; no worker runs unless a test plays one."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from source import files

from playground.compiling import NO_COMPILER
from playground.events import Compiled, Diverged, Finished, Point, Started, encode
from playground.home import Home
from playground.profile import PROFILES, Profile
from playground.store import Store
from playground.ui import registry
from playground.ui.service import STREAMS, Service
from playground.ui.visitors import settings_of

Json = dict[str, Any]
ANNA, BEN = "a" * 32, "b" * 32
POINT = Point(12, 768, 0.5, 1e9, 3.5, 3.4, 1.25, 1e-3, 9000.0)


class Answers:
    """A page's questions to a service of its own, refusals and all."""

    def __init__(self, folder: Path, profile: Profile = PROFILES["local"]) -> None:
        self.service = Service(profile, Home(folder))

    @property
    def store(self) -> Store:
        return self.service.store

    def ask(self, name: str, /, **given: Any) -> Json:
        return self.service.ask({"name": name, "given": given})

    def train(self, owner: str = ANNA, **changes: Any) -> Json:
        tiny = {"shape.layers": "1", "shape.width": "16"}
        variants = [{"system": "gpt-2", "changes": tiny}, {"system": "llama-3", "changes": tiny}]
        return self.ask("train", owner=owner, **{"variants": variants, **changes})

    def follow(self, id: object, owner: str = ANNA) -> Iterator[Json]:
        return self.service.follow({"name": "follow", "given": {"id": id, "owner": owner}})

    def keep(self, content: bytes) -> Json:
        return self.ask("keep_text", owner=ANNA, name="own.txt", content=base64.b64encode(content).decode())


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Answers]:
    answers = Answers(tmp_path)
    yield answers
    answers.store.close()


def started(**changes: Any) -> Started:
    of_all = {"steps": 100, "seconds": None, "warmup": 10, "tokens_per_step": 64, "training_flops_per_token": 1e6}
    rest = {
        "parameters": 1000,
        "vocabulary": 50,
        "device": "cpu",
        "data_hash": "0" * 64,
        "references": {"uniform": 3.9},
    }
    return Started(**{**of_all, **rest, **changes})


def play(store: Store, *endings: tuple[str, float | None], **changes: Any) -> None:
    """A worker that takes as many runs as there are endings, one point each."""
    for number, (state, loss) in enumerate(endings):
        run = store.claim(f"worker {number}")
        assert run is not None
        last: Any = (
            Finished(100, 6400, 5.0, loss, None, 2.0, 0.4) if state == "finished" else Diverged(40, 3.5, 3.4, 9e9)
        )
        store.append(run.id, 1, [encode(event) for event in (started(**changes), POINT, last)])
        store.end(run.id, state)  # type: ignore[arg-type]


def test_train_queues_every_run_and_follow_shows_them(page: Answers) -> None:
    id = page.train(seeds="2")["id"]
    assert [(run.variant, run.seed) for run in page.store.runs(id)] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    first = next(page.follow(id))
    assert first["state"] == "queued" and first["place"] == 1 and len(first["runs"]) == 4
    assert first["variants"][0]["title"]["en"].startswith("GPT-2")


def test_pressed_twice_trains_once(page: Answers) -> None:
    assert page.train()["id"] == page.train()["id"]
    assert len(page.store.going()) == 2


def test_something_else_takes_its_place_but_only_one_s_own(page: Answers) -> None:
    mine, others = page.train()["id"], page.train(owner=BEN)["id"]
    page.train(recipe={"recipe.tokens": "5000"})
    assert {run.state for run in page.store.runs(mine)} == {"stopped"}
    assert {run.state for run in page.store.runs(others)} == {"queued"}


def test_stop_stops(page: Answers) -> None:
    id = page.train()["id"]
    assert page.ask("stop", id=id) == {}
    assert [value["state"] for value in page.follow(id)] == ["stopped"]


def test_on_a_public_server_only_whoever_started_it_may_stop_it(tmp_path: Path) -> None:
    page = Answers(tmp_path, PROFILES["public-cpu"])
    id = page.train()["id"]
    assert "started" in page.ask("stop", id=id, owner=BEN)["refusal"]["text"]["en"]
    assert "refusal" in page.ask("stop", id=id) and {run.state for run in page.store.runs(id)} == {"queued"}
    assert page.ask("stop", id=id, owner=ANNA) == {}
    page.store.close()


def test_a_value_like_the_last_one_reaches_the_page_too(page: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio sends what has changed, alone; a page that hears nothing takes the connection for lost."""
    monkeypatch.setitem(registry.streams, "still", lambda service, given: iter([{"state": "running"}] * 2))
    values = list(page.service.follow({"name": "still", "given": {}}))
    assert [value["state"] for value in values] == ["running"] * 2 and values[0] != values[1]


@pytest.mark.parametrize("id", ["0" * 32, "", None, 7, "../x", ["a"]])
def test_what_is_not_there_is_said(page: Answers, id: object) -> None:
    (said,) = page.follow(id)
    assert said["unknown"] is True
    assert page.ask("stop", id=id)["refusal"]["text"]["zh"]


@pytest.mark.parametrize("owner", [None, "", "me", "A" * 32, "a" * 33, ["a"]])
def test_without_a_key_nothing_is_trained(page: Answers, owner: Any) -> None:
    assert "refusal" in page.train(owner=owner) and not page.store.going()


def test_the_view_holds_the_curve_and_the_verdict(page: Answers) -> None:
    id = page.train()["id"]
    play(page.store, ("finished", 3.0), ("finished", 2.5))
    (view,) = page.follow(id)
    assert view["state"] == "finished" and view["runs"][0]["curve"]["val_loss"] == [3.4]
    assert view["runs"][0]["planned_tokens"] == 6400 and view["references"][0]["value"] == 3.9
    assert view["verdicts"][0]["en"].startswith("B is 0.500 nats per token better than A, with one seed only")
    json.dumps(view, allow_nan=False)


def test_what_became_of_compiling_is_told_in_both_languages(page: Answers) -> None:
    id = page.train()["id"]
    said = [Compiled(0, NO_COMPILER.en, NO_COMPILER.zh), Compiled(120)]
    for number, event in enumerate(said):
        run = page.store.claim(f"worker {number}")
        assert run is not None
        page.store.append(run.id, 1, [encode(each) for each in (started(), event, POINT)])
        page.store.end(run.id, "finished")
    (view,) = page.follow(id)
    first, second = (run["compiled"] for run in view["runs"])
    assert first == {"step": 0, "reason": {"en": NO_COMPILER.en, "zh": NO_COMPILER.zh}}
    assert second == {"step": 120, "reason": None}


def test_a_variant_that_learnt_how_often_tokens_occur_and_no_more_is_named(page: Answers) -> None:
    id = page.train()["id"]
    play(page.store, ("finished", 2.98), ("finished", 2.0), references={"unigram": 3.0})
    (view,) = page.follow(id)
    assert view["stuck"] == [0]


def test_several_seeds_give_an_interval(page: Answers) -> None:
    id = page.train(seeds="2")["id"]
    play(page.store, ("finished", 3.0), ("finished", 2.5), ("finished", 3.1), ("finished", 2.5))
    (view,) = page.follow(id)
    # Differences 0.5 and 0.6: mean 0.55, standard error 0.05, t(0.975, 1) = 12.706.
    assert "A are not distinguishable with 2 seeds: 0.550 ± 0.635" in view["verdicts"][0]["en"]


def test_a_diverged_run_is_named_and_not_compared(page: Answers) -> None:
    id = page.train()["id"]
    play(page.store, ("finished", 3.0), ("diverged", None))
    (view,) = page.follow(id)
    assert view["state"] == "diverged" and view["verdicts"] == []
    assert view["runs"][1]["diverged_at"] == 40


def test_runs_that_diverge_are_counted_and_in_no_verdict(page: Answers) -> None:
    id = page.train(seeds="3")["id"]
    play(page.store, *[("finished", 3.0), ("diverged", None), ("finished", 3.2), ("finished", 2.5)], ("finished", 3.1))
    play(page.store, ("finished", 2.4))
    (view,) = page.follow(id)
    first, second = (text["en"] for text in view["verdicts"])
    assert first.startswith("B is 0.700") and "over 2 seeds" in first
    assert second == "1 of 3 runs of B diverged: shown dashed, and in no mean."
    (picture,) = view["intervals"]
    assert (picture["best"], picture["other"], picture["told"]) == ("B", "A", True)
    assert picture["behind"] == pytest.approx(0.7) and picture["low"] == pytest.approx(0.7)


def test_where_all_runs_of_a_variant_diverge_it_is_said(page: Answers) -> None:
    id = page.train(seeds="2")["id"]
    play(page.store, ("finished", 3.0), ("diverged", None), ("finished", 3.2), ("diverged", None))
    (view,) = page.follow(id)
    assert [text["en"] for text in view["verdicts"]] == ["All 2 runs of B diverged: there is nothing to compare it by."]
    assert view["intervals"] == []


def test_more_seeds_are_queued_beside_those_that_ended(page: Answers) -> None:
    id = page.train(seeds="1")["id"]
    play(page.store, ("finished", 3.0), ("finished", 2.5))
    before = page.store.runs(id)
    assert page.ask("add_seeds", owner=ANNA, id=id) == {"seeds": 3}
    rows = page.store.runs(id)
    assert rows[:2] == before and [(run.variant, run.seed) for run in rows[2:]] == [(0, 1), (1, 1), (0, 2), (1, 2)]
    assert {run.state for run in rows[2:]} == {"queued"} and {run.owner for run in rows} == {ANNA}
    assert {run.folder.parent for run in rows} == {before[0].folder.parent}
    play(page.store, ("finished", 3.1), ("finished", 2.5), ("finished", 3.2), ("finished", 2.8))
    (view,) = page.follow(id)
    assert view["seeds"] == 3 and "over 3 seeds" in view["verdicts"][0]["en"]


def test_more_seeds_than_may_be_are_refused_and_so_are_somebody_else_s(tmp_path: Path) -> None:
    page = Answers(tmp_path, PROFILES["public-cpu"].model_copy(update={"seeds": 4}))
    id = page.train(seeds="3")["id"]
    assert "started" in page.ask("add_seeds", owner=BEN, id=id)["refusal"]["text"]["en"]
    assert "5 seeds" in page.ask("add_seeds", owner=ANNA, id=id)["refusal"]["text"]["en"]
    assert len(page.store.runs(id)) == 6
    page.store.close()


def test_lists_only_grow(page: Answers) -> None:
    id = page.train()["id"]
    run = page.store.claim("worker")
    assert run is not None
    values = page.follow(id)
    before = next(values)["runs"][0]["curve"]["step"]
    page.store.append(run.id, 1, [encode(started()), encode(POINT)])
    after = next(values)["runs"][0]["curve"]["step"]
    assert before == [] and after == [12]


def test_every_value_of_a_stream_is_new(page: Answers) -> None:
    values = page.follow(page.train()["id"])
    assert next(values) != next(values)


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (b"a\0b" * 99, "NUL"), (b"\xe9t\xe9 " * 99, "UTF-8"), (b"x" * 999, "again"), (b"hello", "")],
)
def test_texts_are_kept_or_refused_in_words(page: Answers, content: bytes, word: str) -> None:
    said = page.keep(content)
    assert word in said["refusal"]["text"]["en"]


def test_a_text_of_one_s_own_is_trained_on_and_named_by_its_hash(page: Answers) -> None:
    text = page.keep(b"Der Mond ist aufgegangen, die goldnen Sternlein prangen.\n" * 50)
    recipe = {"recipe.data": "text"}
    said = page.train(recipe=recipe, text=text["id"])
    assert said["hash"] == text["hash"]
    row = page.store.experiment(said["id"])
    assert row is not None and json.loads(row.json)["data_hash"] == text["hash"]
    assert row.settings.text is not None and Path(row.settings.text).read_bytes().startswith(b"Der Mond")
    assert (
        "hash=" + text["hash"]
        in page.ask("describe", variants=[{"system": "gpt-2"}], recipe=recipe, hash=text["hash"])["link"]
    )


@pytest.mark.parametrize("text", [None, "0" * 64, "../../etc/passwd", 3])
def test_a_text_that_is_not_there_is_said(page: Answers, text: object) -> None:
    said = page.train(recipe={"recipe.data": "text"}, text=text)
    assert said["refusal"]["fields"] == ["recipe.data"]


def test_other_content_than_the_link_s_is_said(page: Answers) -> None:
    text = page.keep(b"One two three four five six seven eight.\n" * 50)
    said = page.train(recipe={"recipe.data": "text"}, text=text["id"], hash="f" * 64)
    assert "other content" in said["refusal"]["text"]["en"]


@pytest.mark.parametrize("content", [None, 5, "no base64!", "a" * 10_000_000])
def test_what_is_no_upload_is_refused(tmp_path: Path, content: object) -> None:
    page = Answers(tmp_path, PROFILES["public-cpu"].model_copy(update={"upload_bytes": 1000}))
    assert "refusal" in page.ask("keep_text", name="x", content=content)


def test_a_server_that_is_full_says_so(tmp_path: Path) -> None:
    page = Answers(tmp_path, PROFILES["public-cpu"].model_copy(update={"visitors": 1}))
    assert "id" in page.train()
    assert "Too many visitors" in page.train(owner=BEN)["refusal"]["text"]["en"]
    assert "id" in page.train(recipe={"recipe.tokens": "6000"})
    page.store.close()


def test_caps_are_said_before_anything_is_trained(tmp_path: Path) -> None:
    page = Answers(tmp_path, PROFILES["public-cpu"])
    said = page.train(recipe={"recipe.tokens": "3000000"})
    assert "2,000,000" in said["refusal"]["text"]["en"] and said["refusal"]["fields"] == ["recipe.tokens"]


class Place:
    """A cluster as the page sees it."""

    def __init__(self, refused: list[str] | None = None) -> None:
        self.cluster = {"nodes": [{"name": "10.0.0.1", "cpus": 2.0, "gpus": 0.0}] * 2, "refused": refused}

    def start(self) -> Self:
        return self

    def close(self) -> None:
        pass


def test_nodes_and_everybody_s_runs_are_shown_where_runs_happen_on_a_cluster(page: Answers) -> None:
    id = page.train()["id"]
    assert next(page.follow(id))["cluster"] is None
    page.service.place = Place()
    page.store.claim("head")
    page.train(owner=BEN)
    counts = {"nodes": 2, "cores": 4, "gpus": 0, "running": 1, "waiting": 3, "refused": None}
    assert next(page.follow(id))["cluster"] == counts
    page.service.place = Place(["No cluster.", "没有集群。"])
    assert next(page.follow(id))["cluster"]["refused"] == {"en": "No cluster.", "zh": "没有集群。"}


def test_no_request_names_a_cluster() -> None:
    paths = files(".py", under=("playground",))
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths if "place.where(" in path.read_text("utf-8")}
    assert {*texts} == {"compare.py", "lesson.py", "skills.py", "service.py"}
    assert "place.where()" in texts["service.py"]  # of the environment alone


@pytest.mark.parametrize("text", ["half a \ud83d", "x" * 10], ids=["half a character", "sound"])
@pytest.mark.parametrize("number", [1.0, float("nan"), 10**400], ids=["sound", "no number", "large"])
def test_what_cannot_be_written_down_is_refused(page: Answers, text: str, number: float) -> None:
    said = page.train(match=text, seeds=number)
    assert "id" not in said and "ours" not in said["refusal"]["text"]["en"]
    assert "error" not in said["refusal"]["text"]["en"].lower()


def test_what_broke_off_is_resumed_by_whoever_started_it(tmp_path: Path) -> None:
    public = Answers(tmp_path, PROFILES["public-cpu"])
    id = public.train()["id"]
    assert "broke off" in public.ask("resume", id=id, owner=ANNA)["refusal"]["text"]["en"]
    public.store.claim("a worker")
    public.store.interrupt_leftovers()
    assert next(public.follow(id))["resumable"] and not next(public.follow(id, BEN))["resumable"]
    assert "refusal" in public.ask("resume", id=id, owner=BEN)
    assert public.ask("resume", id=id, owner=ANNA) == {"id": id, "runs": 1}
    assert [run.state for run in public.store.runs(id)] == ["queued", "queued"]
    public.store.close()


def test_more_pages_than_may_be_are_told_so_and_a_closed_one_makes_room(tmp_path: Path) -> None:
    public = Answers(tmp_path, PROFILES["public-cpu"].model_copy(update={"visitors": 1}))
    id = public.train()["id"]
    open_: list[Any] = [public.follow(id) for _ in range(STREAMS + 1)]
    assert ["refusal" in next(each) for each in open_] == [False] * STREAMS + [True]
    open_[0].close()
    assert "refusal" not in next(public.follow(id))
    public.store.close()


def test_place_and_wait_are_shown(page: Answers) -> None:
    page.train(ANNA)
    id = page.train(BEN)["id"]
    shown = next(page.follow(id))
    assert shown["place"] == 2 and not shown["wait"]  # of Anna's two, one comes before; nothing was measured yet


def test_a_budget_in_seconds_that_is_allowed_can_be_used_up(tmp_path: Path) -> None:
    """The deadline, which stops a run, is later than the longest budget: else no such run would ever finish."""
    for number, name in enumerate(("public-cpu", "zerogpu")):
        settings = settings_of(Service(PROFILES[name], Home(tmp_path / str(number))))
        assert settings.deadline is not None and settings.deadline >= (PROFILES[name].seconds or 0) + 5
