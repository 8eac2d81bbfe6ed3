"""Hands out exported files: one route beside gradio's, so that no folder of runs has to be opened to the browser.

Who knows an experiment's id may have its files; nothing of the address becomes a path.
"""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from models.text import Refusal
from playground.store import RunRow

if TYPE_CHECKING:
    from playground.ui.service import Service

PATH = "/download/{experiment}/{variant:int}"


def address(run: RunRow) -> str:
    """The relative address of a run's exported file: the page's base puts what is before it, behind a proxy too."""
    return f"download/{run.experiment}/{run.variant}"


def route(service: "Service") -> Route:
    """The route of all exported files of this server."""

    def send(request: Request) -> Response:
        # Torch comes with it: not before it is needed.
        from playground.ui.trained import exported_file, file_name, run_of

        try:
            run = run_of(service.store, request.path_params["experiment"], request.path_params["variant"])
        except Refusal as refusal:
            return PlainTextResponse(str(refusal), 404)
        if not exported_file(run).is_file():
            return PlainTextResponse("not exported", 404)
        return FileResponse(exported_file(run), media_type="application/octet-stream", filename=file_name(run))

    return Route(PATH, send)
