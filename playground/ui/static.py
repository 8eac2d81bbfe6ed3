"""Hands out the page's own scripts and styles: one route beside gradio's, whose own needs 14 ms for each of a hundred.

Nothing of the address becomes a path: it is looked up among the names of what there is.
"""

import hashlib
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from playground.ui.files import FOLDER, served


def route() -> Route:
    """The route of all scripts and styles."""
    files = served()

    async def send(request: Request) -> Response:
        path = files.get(request.path_params["name"])
        if path is None:
            return PlainTextResponse("not found", 404)
        body, tag = held(path, path.stat().st_mtime_ns)
        # Asked for anew each time, so that none outlives an update; one that is the same is not sent again.
        headers = {"Cache-Control": "no-cache", "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=guess_type(path.name)[0], headers=headers)

    return Route(f"/{FOLDER}/{{name:path}}", send)


@lru_cache(maxsize=512)
def held(path: Path, changed: int) -> tuple[bytes, str]:
    """A file as it was at `changed`, and its tag."""
    body = path.read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:16]}"'
