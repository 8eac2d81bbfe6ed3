"""The route of the page's own files: all of them, as they are on disk, and nothing else."""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.ui import static
from playground.ui.files import ASSETS, PLOTLY, address, scripts, served, styles


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[static.route()])) as client:
        yield client


def test_every_script_and_style_is_handed_out_as_it_is(client: TestClient) -> None:
    for path in (*styles(), *scripts(), PLOTLY):
        answer = client.get("/" + address(path))
        assert answer.content == path.read_bytes() and answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"].startswith({".js": "text/javascript", ".css": "text/css"}[path.suffix])


def test_one_that_the_browser_has_is_not_sent_again(client: TestClient) -> None:
    address_of_it = "/" + address(ASSETS / "js" / "main.js")
    tag = client.get(address_of_it).headers["etag"]
    again = client.get(address_of_it, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(address_of_it, headers={"If-None-Match": '"other"'}).status_code == 200


def test_one_that_has_changed_is_sent_as_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "x.js"
    monkeypatch.setattr(static, "served", lambda: {"x.js": script})
    with TestClient(Starlette(routes=[static.route()])) as client:
        for number, text in enumerate(("one", "other")):
            script.write_text(text, encoding="utf-8")
            os.utime(script, ns=(number, number))
            assert client.get("/page/x.js").text == text


@pytest.mark.parametrize("name", ["js/../../app.py", "js/%2e%2e/app.py", "/etc/passwd", "js", "", "plotly/README.md"])
def test_nothing_else_is_there(client: TestClient, name: str) -> None:
    assert client.get(f"/page/{name}").status_code == 404


def test_addresses_are_relative_and_each_is_its_own() -> None:
    assert address(ASSETS / "js" / "main.js") == "page/js/main.js"
    assert len(served()) == len(styles()) + len(scripts()) + 1


def test_plotly_is_what_its_notice_says() -> None:
    said = (PLOTLY.parent / "README.md").read_text(encoding="utf-8")
    (digest,) = re.findall("[0-9a-f]{64}", said)
    assert hashlib.sha256(PLOTLY.read_bytes()).hexdigest() == digest
    (version,) = re.findall(r"^(\d+\.\d+\.\d+), MIT", said, re.MULTILINE)
    assert f"v{version}\n" in PLOTLY.read_text(encoding="utf-8")[:100]
