"""Starts the server: a port, the limits, and what gradio would show beside our page taken away. Knows no content."""

import os
import socket

from playground.profile import current
from playground.ui.download import route
from playground.ui.guard import guards
from playground.ui.page import build, head
from playground.ui.service import Service

FIRST_PORT, LAST_PORT = 7860, 7959


def serve(*, block: bool = True) -> str:
    """Serve the page until interrupted (or, without `block`, until the process ends); returns its address."""
    profile = current()
    service = Service(profile)
    if profile.name == "zerogpu":
        from playground.zerogpu import on_gpu

        on_gpu()  # Spaces refuses to start where it finds no decorated function
    blocks = build(service).queue(max_size=16 * profile.visitors, api_open=False)
    try:
        _, url, _ = blocks.launch(
            server_name=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
            server_port=port(),
            head=head(),
            app_kwargs={"middleware": guards(profile), "routes": [route(service)]},
            max_file_size=profile.upload_bytes,
            state_session_capacity=8 * profile.visitors,
            show_error=False,
            footer_links=[],
            enable_monitoring=False,
            run_history=False,
            ssr_mode=False,
            pwa=False,
            strict_cors=True,
            quiet=True,
            prevent_thread_lock=True,
        )
        print(f"Architecture Playground: {url}", flush=True)
        service.start()
        if block:
            blocks.block_thread()
    finally:
        if block:
            service.close()
    return url


def port() -> int:
    """The port that `GRADIO_SERVER_PORT` names, else the first free one from 7860 on."""
    named = os.environ.get("GRADIO_SERVER_PORT")
    if named:
        return int(named)
    for number in range(FIRST_PORT, LAST_PORT + 1):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)):
                return number
    raise OSError(f"no free port from {FIRST_PORT} to {LAST_PORT}")
