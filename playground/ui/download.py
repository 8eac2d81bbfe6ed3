"""Hands out exported files: one route beside gradio's, so that no folder of runs has to be opened to the browser.

Who knows an experiment's id may have its files; nothing of the address becomes a path.
"""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from models.text import Refusal
from playground.precision import FP32, PRECISIONS
from playground.store import RunRow

if TYPE_CHECKING:
    from playground.ui.service import Service

PATH = "/download/{experiment}/{variant:int}"


def address(run: RunRow, precision: str = FP32) -> str:
    """The relative address of a run's exported file: the page's base puts what is before it, behind a proxy too."""
    asked = "" if precision == FP32 else f"?precision={precision}"
    return f"download/{run.experiment}/{run.variant}{asked}"


def route(service: "Service") -> Route:
    """The route of all exported files of this server."""

    def send(request: Request) -> Response:
        # Torch comes with it: not before it is needed.
        from playground.ui.trained import exported_file, file_name, is_offered, run_of

        try:
            run = run_of(service.store, request.path_params["experiment"], request.path_params["variant"])
        except Refusal as refusal:
            return PlainTextResponse(str(refusal), 404)
        precision = request.query_params.get("precision", FP32)
        if precision not in PRECISIONS or not is_offered(run, precision):
            return PlainTextResponse("not exported", 404)
        file, name = exported_file(run, precision), file_name(run, precision)
        return FileResponse(file, media_type="application/octet-stream", filename=name)

    return Route(PATH, send)
