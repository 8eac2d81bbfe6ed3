"""What stands before gradio: sizes and headers, on a small application; and that the real page is put together so."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from playground.profile import PROFILES
from playground.ui.files import panels, styles
from playground.ui.guard import CONTENT_SECURITY, OVERHEAD, SMALL, guards

PROFILE = PROFILES["public-cpu"].model_copy(update={"upload_bytes": 1000})
LIMIT = OVERHEAD * 1000 + SMALL


async def echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def broken(request: Request) -> PlainTextResponse:
    raise KeyError("a secret of the server")


async def of_its_own(request: Request) -> PlainTextResponse:
    return PlainTextResponse("", headers={CONTENT_SECURITY: "sandbox"})


@pytest.fixture
def client() -> Iterator[TestClient]:
    routes = [Route("/ask", echo, methods=["POST"]), Route("/broken", broken)]
    routes += [Route("/own", of_its_own), Route("/{rest:path}", echo, methods=["GET", "POST"])]
    with TestClient(Starlette(routes=routes, middleware=guards(PROFILE)), raise_server_exceptions=False) as client:
        yield client


def test_a_bearable_body_gets_through(client: TestClient) -> None:
    assert client.post("/ask", content=b"x" * (LIMIT - 1)).text == str(LIMIT - 1)


def test_a_body_that_says_it_is_too_large_is_refused(client: TestClient) -> None:
    assert client.post("/ask", content=b"x" * (LIMIT + 1)).status_code == 413


def test_a_body_that_does_not_say_its_size_is_cut_off(client: TestClient) -> None:
    answer = client.post("/ask", content=(b"x" * 100_000 for _ in range(LIMIT // 100_000 + 2)))
    assert answer.status_code != 200


@pytest.mark.parametrize("length", ["-1", "many", "1e3"])
def test_a_length_that_is_no_number_is_refused(client: TestClient, length: str) -> None:
    assert client.post("/ask", content=b"x", headers={"content-length": length}).status_code == 413


def test_nothing_is_sniffed(client: TestClient) -> None:
    assert client.get("/any").headers["x-content-type-options"] == "nosniff"


def test_what_may_run_on_a_page_comes_from_this_server(client: TestClient) -> None:
    policy = client.get("/any").headers[CONTENT_SECURITY]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == "'self'" and rules["object-src"] == "'none'"
    assert "http" not in policy and "*" not in policy
    assert client.get("/own").headers[CONTENT_SECURITY] == "sandbox"  # a stricter one stays


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/proxy=x",
        "/monitoring/summary",
        "/below/gradio_api/runs/",
        "/gradio_api/stream/1",
    ],
)
def test_what_nobody_uses_is_not_there(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == client.post(path).status_code == 404
    assert client.get("/gradio_api/file=/upload").status_code == 200


def test_what_breaks_is_one_line_of_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/broken")
    assert (answer.status_code, answer.text) == (400, "bad request")
    (record,) = caplog.records
    assert "/broken" in record.getMessage() and "KeyError" in record.getMessage() and not record.exc_info


def test_colours_come_before_what_uses_them() -> None:
    assert [path.stem for path in styles()[:2]] == ["tokens", "shell"]


def test_every_panel_has_a_place() -> None:
    sources = [path.read_text("utf-8") for path in panels()]
    orders = [line for source in sources for line in source.splitlines() if line.startswith("export const order")]
    assert len(orders) == len(sources) == len(set(orders))
