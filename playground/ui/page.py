"""The page as gradio sees it: a component that hosts our own HTML, and one for every stream. Imports gradio, alone.

What the page does is in `service.py` and `answers/`; how it looks is in `assets/`.
"""

import json
import os
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
from starlette.responses import Response

from models.text import Refusal
from playground.ui.catalogue import catalogues
from playground.ui.files import ASSETS, PLOTLY, address, panels, scripts, styles, tabs
from playground.ui.packing import packed
from playground.ui.programs import Endpoint, Programs
from playground.ui.service import Service

Json = dict[str, Any]

SHELL = '<div id="playground" style="visibility: hidden; min-height: 100vh"></div>'
START = """
import(new URL(%s, document.baseURI)).then((main) => main.start({element, props, server}));
"""
# A stream's own component may be on the page before the script that listens to it.
STREAM = """
const host = {name: "%s", props, trigger, watch};
if (window.playgroundStream) window.playgroundStream(host);
else (window.playgroundStreams ??= []).push(host);
"""
PROGRAMS = 4  # calls of one endpoint that are answered at the same time
STREAMS = 6  # that one page may follow at the same time


def build(service: Service) -> gr.Blocks:
    """The page over `service`."""
    with gr.Blocks(title="Architecture Playground", analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        gr.HTML(
            html_template=SHELL,
            js_on_load=START % json.dumps(address(ASSETS / "js" / "main.js")),
            elem_id="page-host",
            apply_default_css=False,
            server_functions=[_asker(service)],
            page={
                "texts": catalogues(),
                "plotly": address(PLOTLY),
                "tabs": [address(path) for path in tabs()],
                "panels": [address(path) for path in panels()],
            },
        )
        for number in range(STREAMS):
            _stream(f"stream{number}", service)
        for name, endpoint in Programs(service).endpoints().items():
            gr.api(_saying(endpoint), api_name=name, concurrency_limit=PROGRAMS)
        blocks.unload(lambda: None)  # gradio ends the streams of a closed tab only if somebody listens for it
    return blocks


def _saying(endpoint: Endpoint) -> Endpoint:
    """The endpoint, whose refusals reach a program as errors in a sentence."""

    @wraps(endpoint)
    def asked(*given: Any, **named: Any) -> Any:
        try:
            return endpoint(*given, **named)
        except Refusal as refusal:
            raise gr.Error(str(refusal), print_exception=False) from None

    return asked


def _asker(service: Service) -> Callable[[Json, gr.Request], Response]:
    # Gradio marks what it may call with an attribute, which a bound method cannot have.
    def ask(request: Json, browser: gr.Request) -> Response:
        return packed(service.ask(request), str(browser.headers.get("accept-encoding", "")))

    return ask


def _stream(name: str, service: Service) -> None:
    host = gr.HTML(
        html_template="<i hidden></i>", js_on_load=STREAM % name, elem_classes="stream-host", apply_default_css=False
    )

    def run(event: gr.EventData) -> Iterator[Json]:
        request = event._data if isinstance(event._data, dict) else {}
        call = str(request.get("call", ""))[:64]
        for value in service.follow(request):
            yield {"call": call, **value}

    getattr(host, name)(run, None, host, show_progress="hidden", concurrency_limit=None, api_visibility="private")


def head() -> str:
    """The style sheets, and the scripts' addresses: the browser fetches these while gradio is still starting."""
    links = "".join(f'<link rel="stylesheet" href="{address(path)}">' for path in styles())
    links += "".join(f'<link rel="modulepreload" href="{address(path)}">' for path in scripts())
    return f'<meta name="color-scheme" content="light dark">{links}'
