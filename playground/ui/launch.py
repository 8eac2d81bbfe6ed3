"""Starts the server: the limits, and what gradio would show beside our page taken away. Knows no content."""

import os

from playground.profile import current
from playground.ui import arenas, download, sharing, static
from playground.ui.guard import guards
from playground.ui.page import build, head
from playground.ui.service import STREAMS, Service

ANSWERING = 24  # threads for answers at a time. Every stream has one of its own, which it mostly sleeps in


def serve(number: int, *, block: bool = True) -> str:
    """Serve the page on port `number` until interrupted, or, without `block`, until the process ends; its address."""
    arenas.share()
    profile = current()
    service = Service(profile)
    if profile.name == "zerogpu":
        from playground.zerogpu import on_gpu

        on_gpu()  # Spaces refuses to start where it finds no decorated function
    streams = STREAMS * profile.visitors
    blocks = build(service).queue(max_size=streams, api_open=False)
    try:
        _, url, _ = blocks.launch(
            server_name=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
            server_port=number,
            head=head(),
            app_kwargs={
                "middleware": guards(profile),
                "routes": [static.route(), download.route(service), sharing.route(service)],
            },
            max_file_size=profile.upload_bytes,
            max_threads=streams + ANSWERING,
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
