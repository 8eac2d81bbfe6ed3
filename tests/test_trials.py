"""Odd links, archives and requests, some hundred of each; `python -m scripts.trials.fuzz` tries thousands."""

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from models.text import Refusal
from playground import events
from playground.home import Home
from playground.profile import PROFILES
from playground.share import archive
from playground.ui.catalogue import sentence
from playground.ui.service import Service
from scripts.trials import fuzz
from scripts.trials.archives import sound, zipped


@pytest.mark.parametrize(("kind", "count"), [(fuzz.links, 200), (fuzz.archives, 60), (fuzz.requests, 200)])
def test_nothing_odd_breaks_anything(kind: fuzz.Kind, count: int) -> None:
    found = kind(count)
    assert found["broken"] == 0 and found["taken"] > 0 and found.total() >= count


def test_what_breaks_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: bytes) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(archive, "read", broken)
    assert fuzz.archives(5)["broken"] == fuzz.archives(5).total() > 5


def test_a_file_without_a_name_is_refused() -> None:
    files = {info.filename: zipfile.ZipFile(BytesIO(sound())).read(info) for info in _infos(sound())}
    assert archive.read(zipped(files))[1] == 1.0
    with pytest.raises(Refusal):
        archive.read(zipped({**files, "\0": b"x"}))


@pytest.mark.parametrize("line", ["null", "[]", '"x"', "1"])
def test_a_line_that_is_no_record_is_no_event(line: str) -> None:
    assert not isinstance(json.loads(line), dict)
    with pytest.raises(ValueError, match="not an event"):
        events.decode(line)


@pytest.mark.parametrize("name", ["keep_text", "import_archive"])
def test_letters_where_bytes_are_spelt_are_refused(name: str, tmp_path: Path) -> None:
    service = Service(PROFILES["public-cpu"], Home(tmp_path))
    said = service.ask({"name": name, "given": {"owner": "a" * 32, "name": "own.txt", "content": "中文"}})
    assert said["refusal"]["text"]["en"] == sentence("bad_request").en
    service.store.close()


def _infos(content: bytes) -> list[zipfile.ZipInfo]:
    return zipfile.ZipFile(BytesIO(content)).infolist()
