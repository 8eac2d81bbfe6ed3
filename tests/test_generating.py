"""What the page streams while texts are written: options, turns, places in the line, and how it all ends."""

import shutil
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from threading import BoundedSemaphore
from types import SimpleNamespace
from typing import Any

import pytest
import trained
from exported import exported

from playground.decode import MOST, generate
from playground.fast import write_fast
from playground.sampling import Sampling
from playground.session import FAST_SUFFIX, Cache, Session
from playground.sessions import Sessions
from playground.store import Store
from playground.ui import registry
from playground.ui.answers import generate as writing
from playground.ui.line import Line

ROPE = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2"
GIVEN = {
    "prompt": "hello",
    "length": "30",
    "temperature": "1.1",
    "top_k": "",
    "top_p": "",
    "repetition_penalty": "1",
    "seed": "3",
    "stop": "",
    "writing": "a" * 32,
}


class Page:
    """A page on which two variants are exported: one whose positions do not end, one whose end at 16."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "runs.db", check=True)
        self.id = trained.submit(self.store, folder)
        trained.finish(self.store, self.id)
        self.files = [run.folder / "model.onnx" for run in self.store.runs(self.id)]
        for file, spec in zip(self.files, (ROPE, ""), strict=True):
            shutil.copy(exported(spec).path, file)
        self.line, self.sessions = Line(1), Sessions()
        self.service: Any = SimpleNamespace(
            store=self.store, sessions=self.sessions, writers=self.line, streams=BoundedSemaphore(8)
        )

    def follow(self, **given: object) -> Generator[dict[str, Any], None, None]:
        return registry.follow(self.service, {"name": "generate", "given": {**GIVEN, "id": self.id, **given}})

    def last(self, **given: object) -> dict[str, Any]:
        *_, last = self.follow(**given)
        return last

    def stop(self, name: str) -> dict[str, Any]:
        return registry.respond(self.service, {"name": "stop_writing", "given": {"writing": name}})


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    page = Page(tmp_path_factory.mktemp("generating"))
    yield page
    page.store.close()


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> str:
    """A length that no machine has written before somebody stops it."""
    monkeypatch.setattr(writing, "MOST_TOKENS", MOST)
    return str(MOST)


@pytest.mark.parametrize("guess", [True, False])
def test_the_page_is_told_where_fewer_steps_than_tokens_were_needed(guess: bool) -> None:
    portable = exported(ROPE + ",heads.head_dim=16").path
    write_fast(portable, portable.with_suffix(FAST_SUFFIX))
    session = Session(portable.with_suffix(FAST_SUFFIX))
    pieces = list(generate(session, "hello hello ", 120, Sampling(0), guess=guess))
    one = writing.Writing(0, iter(pieces), [], {})
    while not one.over:
        one.advance()
    assert one.as_json().get("steps") == (pieces[-1].steps if guess else None) and one.tokens == 120
    assert (pieces[-1].steps < 119) == guess


def text(file: Path, sampling: Sampling, tokens: int = 30, stops: tuple[str, ...] = ()) -> str:
    return "".join(piece.text for piece in generate(Session(file), "hello", tokens, sampling, stops))


def test_every_option_reaches_the_text(page: Page) -> None:
    chosen = {"temperature": "1.4", "top_k": "9", "top_p": "0.8", "repetition_penalty": "1.3", "seed": "8"}
    said = page.last(**chosen)
    for each, file in zip(said["variants"], page.files, strict=True):
        assert each["text"] == text(file, Sampling(1.4, 9, 0.8, 1.3, 8))
    for name in chosen:
        assert page.last(**{**chosen, name: GIVEN[name]})["variants"][0]["text"] != said["variants"][0]["text"]


def test_each_text_says_how_fast_it_came_and_why_it_ended(page: Page) -> None:
    said = page.last(length="20")
    first, second = said["variants"]
    assert said["done"] and (first["tokens"], second["tokens"]) == (20, 12)
    assert first["stop"]["en"] == "All 20 tokens are written." and "of its 16 was reached" in second["stop"]["en"]
    assert (first["provider"], first["form"]) == ("CPUExecutionProvider", "portable")
    assert first["speed"] > 0 and 0 < first["first"] < 60 and first["unknown"] == []


def test_stop_strings_are_lines_in_which_a_line_break_can_be_spelt(page: Page) -> None:
    whole = text(page.files[0], Sampling(1.1, seed=3), 300)
    assert "\n" in whole
    said = page.last(length="300", stop="\\n\nQQ\n\n")["variants"][0]
    assert said["text"] == whole.partition("\n")[0] and said["stop"]["en"] == "Stopped before “\\n”."
    refused = page.last(stop="a" * 201)["refusal"]
    assert refused["fields"] == ["stop"] and "201" in refused["text"]["zh"]


def test_characters_the_model_never_saw_are_named_from_the_start(page: Page) -> None:
    first = next(page.follow(prompt="hßllo", length="1000"))
    assert first["variants"][0]["unknown"] == ["ß"]


def test_a_prompt_beyond_learned_positions_stops_that_variant_alone(page: Page) -> None:
    first, second = page.last(prompt="hello hello hello")["variants"]
    assert first["tokens"] == 30 and "RoPE or ALiBi" in second["refusal"]["text"]["en"]


def test_files_stay_open_for_the_next_text(page: Page) -> None:
    page.last()
    kept = [page.sessions.open(file) for file in page.files]
    page.last()
    assert [page.sessions.open(file) for file in page.files] == kept and len(page.sessions) == 2


def test_one_at_a_time_and_the_others_are_told(page: Page) -> None:
    first, second = page.follow(length="1000"), page.follow(length="5", writing="b" * 32)
    assert next(first)["waiting"] == 0
    waits = [next(second), next(second)]
    assert [wait["waiting"] for wait in waits] == [1, 1] and waits[0] != waits[1] and not waits[0]["variants"]
    first.close()
    *_, last = second
    assert last["done"] and last["variants"][0]["tokens"] == 5 and len(page.line) == 0


def test_the_page_hears_something_while_large_files_are_opened(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes ten seconds of silence for a lost server."""
    opened, open = threading.Event(), page.sessions.open
    monkeypatch.setattr(Sessions, "open", lambda _, path: opened.wait(60) and open(path))
    monkeypatch.setattr(writing, "BEAT", 0.01)
    stream = page.follow(length="5")
    beats = [next(stream) for _ in range(3)]
    assert all(beat["waiting"] == 0 and not beat["variants"] and not beat["done"] for beat in beats)
    assert len({beat["beat"] for beat in beats}) == 3  # a value like the last one would not reach the page
    opened.set()
    *_, last = stream
    assert last["done"] and [each["tokens"] for each in last["variants"]] == [5, 5]


def test_who_goes_while_files_are_opened_makes_room_at_once(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, opened, open = list[Path](), threading.Event(), page.sessions.open
    monkeypatch.setattr(Sessions, "open", lambda _, path: asked.append(path) or (opened.wait(60) and open(path)))
    monkeypatch.setattr(writing, "BEAT", 0.01)
    stream = page.follow(length="5")
    next(stream)
    stream.close()
    assert len(page.line) == 0 and not opened.is_set()
    opened.set()
    assert asked == page.files[:1]


def test_who_stops_following_makes_room_at_once(page: Page) -> None:
    """As when the tab is closed: the generator is closed, at work or waiting."""
    first, second = page.follow(length="1000"), page.follow(writing="b" * 32)
    assert (next(first)["waiting"], next(second)["waiting"]) == (0, 1)
    second.close()
    first.close()
    assert len(page.line) == 0


def test_stop_ends_the_texts_where_they_are(page: Page, endless: str) -> None:
    stream = page.follow(length=endless)
    before = next(stream)["variants"][0]
    assert page.stop("c" * 32) == {} and not next(stream)["done"]  # somebody else's
    assert page.stop(GIVEN["writing"]) == {}
    *_, last = stream
    after = last["variants"][0]
    assert last["done"] and after["stop"]["en"] == "Stopped by you." and after["text"].startswith(before["text"])
    assert after["tokens"] < MOST and "of its 16 was reached" in last["variants"][1]["stop"]["en"]
    assert len(page.line) == 0


def test_who_stops_while_waiting_writes_nothing(page: Page, endless: str) -> None:
    first, second = page.follow(length=endless), page.follow(writing="b" * 32)
    assert (next(first)["waiting"], next(second)["waiting"]) == (0, 1)
    page.stop("b" * 32)
    (last,) = second
    assert last["done"] and [each["tokens"] for each in last["variants"]] == [0, 0]
    first.close()


@pytest.mark.parametrize("name", [None, "", "a" * 31, 7, "../" * 11])
def test_a_writing_without_a_name_of_its_own_is_refused(page: Page, name: object) -> None:
    assert "refusal" in page.last(writing=name)
    assert "refusal" in page.stop(name)  # type: ignore[arg-type]


def test_a_model_that_has_diverged_says_so_and_the_other_writes_on(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    session = page.sessions.open(page.files[0])
    step = session.step
    monkeypatch.setattr(session, "step", lambda *given: (step(*given)[0] * float("nan"), Cache()))
    first, second = page.last()["variants"]
    assert "diverged" in first["refusal"]["text"]["en"] and second["tokens"] == 12
