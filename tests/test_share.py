"""Sharing: the same numbers in every file and after every way back, and hostile archives refused in one sentence."""

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import shared
from starlette.applications import Starlette
from starlette.testclient import TestClient

from models.text import Refusal
from playground.experiment import from_json
from playground.home import Home
from playground.profile import PROFILES
from playground.share import archive, tables
from playground.share.card import EDGE, WIDTH, card, wrapped
from playground.share.content import gather
from playground.share.files import CARDS, NAMES, files
from playground.share.lines import lines
from playground.share.plot import log_ticks, ticks
from playground.share.report import report
from playground.share.space import publish
from playground.store import Store
from playground.ui import gallery
from playground.ui.service import Service
from playground.ui.sharing import route

HOSTILE = "<script>alert(1)</script>&\"'{{script}}"
MB = 10**6


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(Home(tmp_path / "here").database, check=True)
    yield store
    store.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Store]:
    store = Store(Home(tmp_path / "elsewhere").database, check=True)
    yield store
    store.close()


def taken_in(store: Store, content: bytes) -> str:
    return archive.take_in(store, store.path.parent / "runs" / "{id}", content, "leo", "f" * 32)


@pytest.mark.parametrize(
    "query",
    [shared.QUERY, "a=gpt-2", "a=gpt-2&b=llama-3&ladder=on", "a=gpt-2&sweep=shape.layers:1~2~3&seeds=2"],
    ids=["two", "one", "ladder", "sweep"],
)
def test_an_archive_brings_the_same_results_elsewhere(store: Store, elsewhere: Store, query: str) -> None:
    id = shared.submit(store, shared.experiment(query))
    content = archive.write(store, id)
    there = gather(elsewhere, taken_in(elsewhere, content))
    here = gather(store, id)
    assert there.result == here.result and there.said == here.said and there.looks == here.looks
    assert here.result["runs"][0]["val_loss"] == pytest.approx(shared.loss(0, 0, 80))
    assert archive.write(elsewhere, there.id) == content  # and on from there
    assert files(elsewhere, there.id)["report.html"] == files(store, id)["report.html"]
    assert b"/somewhere/private" not in b"".join(
        zipfile.ZipFile(io.BytesIO(content)).read(name) for name in names(content)
    )
    row = elsewhere.experiment(there.id)
    assert row is not None and (row.owner, row.origin) == ("leo", "imported")


def test_what_was_set_is_said_in_words(store: Store) -> None:
    query = "a=gpt-2&sweep=recipe.lr:0.001~0.01~0.1&recipe.warmup=0&seeds=2"
    said = gather(store, shared.submit(store, shared.experiment(query))).setting
    assert said.en.endswith("2 seeds · warmup 0 · sweep: learning rate 0.001, 0.01, 0.1")
    assert said.zh.endswith("2 个种子 · 预热步数 0 · 扫描：学习率 0.001、0.01、0.1")


def test_runs_that_diverged_are_shared_as_such(store: Store, elsewhere: Store) -> None:
    id = shared.diverge(store, shared.experiment())
    there = gather(elsewhere, taken_in(elsewhere, archive.write(store, id)))
    assert {run["status"] for run in there.rows(1)} == {"diverged"} and there.ended(1).mean is None
    assert [line.diverged for line in lines(there.snapshot, "train_loss")] == [False, True, True, True]


def names(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def changed(content: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The archive with its files changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        found = {name: source.read(name) for name in source.namelist()}
    change(found)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in found.items():
            target.writestr(name, text)
    return file.getvalue()


def event(**changes: object) -> Callable[[dict[str, bytes]], object]:
    """A change of the first run's first event, or of its second where the field is a point's."""

    def change(found: dict[str, bytes]) -> None:
        first, second, *rest = found["runs/A-seed0.jsonl"].splitlines()
        lines = [json.loads(first), json.loads(second)]
        for name, value in changes.items():
            (lines[0] if name in lines[0] else lines[1])[name] = value
        found["runs/A-seed0.jsonl"] = b"\n".join([*(json.dumps(line).encode() for line in lines), *rest])

    return change


def about(**changes: object) -> Callable[[dict[str, bytes]], object]:
    return lambda found: found.update(
        {"archive.json": json.dumps(json.loads(found["archive.json"]) | changes).encode()}
    )


BOMB = b"\0" * (archive.MOST_BYTES + 1)
CHANGES: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "traversal": (lambda found: found.update({"../../evil.py": b"x"}), "does not belong there: '../../evil.py'"),
    "absolute": (lambda found: found.update({"/etc/passwd": b"x"}), "does not belong"),
    "drive": (lambda found: found.update({"C:evil": b"x"}), "does not belong"),
    "pickle": (lambda found: found.update({"runs/A-seed0/model.pkl": b"cos\nsystem"}), "does not belong"),
    "html name": (lambda found: found.update({"<img src=x onerror=alert(1)>": b""}), "does not belong"),
    "bomb": (lambda found: found.update({"result.json": BOMB}), "larger than 64 MiB"),
    "foreign": (lambda found: found.pop("experiment.json"), "no archive of an experiment"),
    "no experiment": (lambda found: found.update({"experiment.json": b"[]"}), "no experiment"),
    "deep": (lambda found: found.update({"experiment.json": b"[" * 100_000}), "no JSON"),
    "other format": (about(format=2), "format 2; format 1"),
    "unknown field": (about(evil=1), "archive.json says"),
    "no runs": (about(runs=[]), "archive.json says"),
    "run that is not": (about(runs=[{"variant": 9, "seed": 0, "state": "finished", "step": 1}]), "archive.json says"),
    "going": (about(runs=[{"variant": 0, "seed": 0, "state": "running", "step": 1}]), "archive.json says"),
    "no event": (lambda found: found.update({"runs/A-seed0.jsonl": b"{}"}), "A-seed0.jsonl does not hold"),
    "bytes": (lambda found: found.update({"runs/A-seed0.jsonl": b"\xff\xfe"}), "A-seed0.jsonl does not hold"),
    "many": (lambda found: found.update({"runs/A-seed0.jsonl": b"{}\n" * 5000}), "A-seed0.jsonl does not hold"),
    "markup for a number": (event(tokens="<b>1</b>"), "A-seed0.jsonl does not hold"),
    "infinite": (event(train_loss=float("inf")), "A-seed0.jsonl does not hold"),
    "not a number": (event(train_loss=float("nan")), "A-seed0.jsonl does not hold"),
    "huge whole": (event(step=10**30), "A-seed0.jsonl does not hold"),
    "references": (event(references={HOSTILE: 1.0}), "A-seed0.jsonl does not hold"),
    "no budget": (event(steps=None), "A-seed0.jsonl does not hold"),
    "environment": (event(environment={"machine": {}, "versions": {}}), "A-seed0.jsonl does not hold"),
    "long text": (event(device="x" * 10**6), "A-seed0.jsonl does not hold"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive with nothing wrong in it."""
    store = Store(tmp_path_factory.mktemp("sound") / "runs.db", check=True)
    content = archive.write(store, shared.submit(store))
    store.close()
    return content


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES.keys())
def test_a_hostile_archive_is_refused_in_a_sentence(
    elsewhere: Store, sound: bytes, change: Callable[[dict[str, bytes]], object], words: str
) -> None:
    before = sorted(elsewhere.path.parent.parent.rglob("*"))
    with pytest.raises(Refusal, match=re.escape(words)) as refused:
        taken_in(elsewhere, changed(sound, change))
    assert refused.value.text.zh and len(refused.value.text.en) < 200
    assert elsewhere.history(None) == [] and sorted(elsewhere.path.parent.parent.rglob("*")) == before


def test_an_unchanged_archive_would_be_taken(elsewhere: Store, sound: bytes) -> None:
    assert taken_in(elsewhere, changed(sound, lambda found: None)) == "f" * 32


def lying(content: bytes) -> bytes:
    """A bomb whose directory announces a small file."""
    made = changed(content, lambda found: found.update({"result.json": BOMB}))
    return made.replace(len(BOMB).to_bytes(4, "little"), (100).to_bytes(4, "little"))


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "text": lambda content: b"this is no zip",
    "lying bomb": lying,
    **{f"cut at {n}": lambda content, n=n: content[: len(content) * n // 8] for n in range(1, 8)},
    **{f"bit {n}": lambda content, n=n: flipped(content, n) for n in range(12)},
}


def flipped(content: bytes, n: int) -> bytes:
    place = len(content) * (n + 1) // 13
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


@pytest.mark.parametrize("breaking", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_archive_is_refused_in_a_sentence(
    elsewhere: Store, sound: bytes, breaking: Callable[[bytes], bytes]
) -> None:
    try:
        taken_in(elsewhere, breaking(sound))
    except Refusal as refused:
        assert refused.text.zh and elsewhere.history(None) == []
    else:  # a bit of a file that is not read back, or of a header that nothing depends on
        assert gather(elsewhere, "f" * 32).result["runs"][0]["val_loss"] == pytest.approx(shared.loss(0, 0, 80))


def test_tables_hold_the_numbers_of_the_result(store: Store) -> None:
    content = gather(store, shared.submit(store))
    head, *rows = tables.runs(content).splitlines()
    assert head.split(",")[:3] == ["variant", "seed", "status"] and len(rows) == 6
    assert f"{shared.loss(0, 0, 80)}" in rows[0] and rows[1].startswith('"llama-3,position=alibi",0,finished')
    assert len(tables.curves(content).splitlines()) == 1 + 6 * 20


def test_no_cell_of_a_table_is_a_formula(store: Store) -> None:
    made = json.loads(shared.experiment("a=gpt-2").to_json())
    made["variants"][0]["name"] = '=HYPERLINK("http://evil")'
    content = gather(store, shared.submit(store, from_json(json.dumps(made))))
    assert "\"'=HYPERLINK(" in tables.runs(content)


class Words(HTMLParser):
    """The text of a page, and what it asks a browser to load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.loads, self.scripts = "", list[str](), 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset", "data", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_report_says_what_the_result_does_and_loads_nothing(store: Store) -> None:
    content = gather(store, shared.submit(store, sample=HOSTILE))
    page = report(content)
    words = Words(page)
    assert words.loads == [] and words.scripts == 2 and "default-src 'none'" in page
    assert HOSTILE.replace("{{script}}", "") in words.text.replace("{{script}}", "")  # as text
    for number, variant in enumerate(content.experiment.variants):
        assert f"{content.ended(number).mean:.4f}" in words.text and (variant.system or "") in words.text
    for sentence in content.said:
        assert sentence.en in words.text and sentence.zh in words.text


def test_the_largest_report_is_below_three_megabytes(store: Store) -> None:
    query = "&".join(f"{letter}=gpt-2,shape.layers={n}" for n, letter in enumerate("abcdefghijklmnopqrstuwxy", start=1))
    content = gather(store, shared.submit(store, shared.experiment(f"{query}&seeds=2"), points=110, sample="x" * 1500))
    assert len(content.looks) == 24
    assert len(report(content).encode()) < 3 * MB


@pytest.mark.parametrize(("name", "look"), CARDS.items())
def test_a_card_is_a_picture_that_needs_nothing(store: Store, name: str, look: tuple[str, str]) -> None:
    content = gather(store, shared.submit(store))
    drawn = card(content, *look)
    picture = ElementTree.fromstring(drawn)
    text = " ".join("".join(each.itertext()) for each in picture.iter() if each.tag.endswith("text"))
    assert "var(" not in drawn and "href" not in drawn and f"{content.ended(0).mean:.4f}" in text
    assert "ALiBi" in text or "position=alibi" in text
    assert ("seeds" if look[0] == "en" else "种子") in text and "torch" in text
    assert {float(each.get("x", 0)) for each in picture} <= {x for x in map(float, range(WIDTH - EDGE + 1))} | {26.0}


def test_lines_are_the_mean_of_the_seeds_with_its_error(store: Store) -> None:
    found = lines(gather(store, shared.submit(store)).snapshot, "train_loss")
    values = [shared.loss(0, seed, 80) for seed in range(3)]
    assert found[0].y[-1] == pytest.approx(sum(values) / 3)
    spread = (sum((value - sum(values) / 3) ** 2 for value in values) / 2) ** 0.5
    assert found[0].error[-1] == pytest.approx(spread / 3**0.5)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 59904), (1.37, 4.4), (-3, 7e9), (2.0, 2.0001)])
def test_axes_have_a_few_round_numbers(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 2 <= len(found) <= 7 and all(low <= value <= high for value in found)
    assert all(f"{(b - a):.1e}"[0] in "125" for a, b in zip(found, found[1:], strict=False))
    if low > 0:
        assert all(low <= value <= high for value in log_ticks(low, high)) and log_ticks(low, high)


def test_long_sentences_are_broken_in_both_languages() -> None:
    assert wrapped("one two three four", 10, 46) == ["one two", "three", "four"]
    assert (
        len(wrapped("一二三四五六七八九十", 10, 50)) == 2 and "".join(wrapped("一二三四五六", 10, 30)) == "一二三四五六"
    )


@pytest.mark.parametrize("kind", ["static", "gradio"])
def test_a_space_is_a_folder_ready_to_push(store: Store, tmp_path: Path, kind: str) -> None:
    id, out = shared.submit(store), tmp_path / "space"
    publish(store, id, kind, out)
    front = (out / "README.md").read_text("utf-8").split("---\n")[1]
    assert f"sdk: {kind}\n" in front and 'title: "GPT-2 – LLaMA 3' in front
    start = re.findall(r"app_file: (\S+)", front)[0]
    assert (out / start).is_file()
    if kind == "static":
        assert {path.name for path in out.iterdir()} == {*NAMES, "README.md", "index.html"} - {"report.html"}
    else:
        assert [path.name for path in (out / "assets" / "gallery").iterdir()] == ["experiment.zip"]
        assert (out / "playground" / "ui" / "page.py").is_file() and "sdk_version:" in front
        assert not list(out.rglob("__pycache__"))
    with pytest.raises(Refusal, match="not empty"):
        publish(store, id, kind, out)


def test_what_goes_on_is_not_shared_yet(store: Store) -> None:
    made = shared.experiment()
    with pytest.raises(Refusal, match="has ended"):
        gather(store, store.submit(made.to_json(), made.runs(), Path("runs")))
    with pytest.raises(Refusal, match="no such experiment"):
        gather(store, "0" * 32)


def test_the_gallery_is_taken_in_once_and_shown_first(
    tmp_path: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.zip").write_bytes(sound)
    (tmp_path / "assets" / "b.zip").write_bytes(b"no zip")
    monkeypatch.setattr(gallery, "FOLDER", tmp_path / "assets")
    for _ in range(2):
        service = Service(PROFILES["public-cpu"], Home(tmp_path / "home"))
        opened = service.ask({"name": "open", "given": {"query": ""}})
        assert [row.id for row in service.store.history(gallery.OWNER)] == [opened["run"]]
        named = service.ask({"name": "open", "given": {"query": "?a=gpt-2"}})
        assert named["run"] is None
        service.store.close()


def test_the_page_takes_an_archive_in_and_says_what_is_wrong_with_another(tmp_path: Path, sound: bytes) -> None:
    service = Service(PROFILES["public-cpu"], Home(tmp_path))

    def brought(content: bytes) -> dict[str, Any]:
        given = {"owner": "a" * 32, "content": base64.b64encode(content).decode()}
        return service.ask({"name": "import_archive", "given": given})

    id = brought(sound)["id"]
    assert [row.id for row in service.store.history("a" * 32)] == [id]
    assert service.ask({"name": "recall", "given": {"id": id}})["experiment"]["seeds"] == "3"
    assert "no zip" in brought(sound[:200])["refusal"]["text"]["en"]
    assert "at most 5 MiB" in brought(b"x" * (6 * 2**20))["refusal"]["text"]["en"]
    with TestClient(Starlette(routes=[route(service)])) as client:
        answer = client.get(f"/share/{id}/card-zh.svg")
        assert answer.status_code == 200 and "sandbox" in answer.headers["content-security-policy"]
        assert client.get(f"/share/{id}/experiment.zip").content[:2] == b"PK"
        for wrong in (f"{id}/playground.db", f"{'0' * 32}/card.svg", f"{id}/..%2f..%2fplayground.db"):
            assert client.get(f"/share/{wrong}").status_code == 404
    service.store.close()
