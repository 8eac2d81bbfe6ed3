"""What stands before gradio: doors that stay shut, requests of a bearable size, safe headers. Plain ASGI."""

import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.profile import Profile

OVERHEAD = 3  # base64 and JSON around an upload, generously
SMALL = 2**20  # bytes that every request may have
# Gradio's page begins with inline scripts that differ from server to server, and it makes functions of the text of
# `js_on_load`: hence the two exceptions for scripts. Plotly and gradio write styles into elements; charts are saved by
# way of blobs. Nothing says who may frame the page: a lecture does, and a Space is shown in a frame.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
CONTENT_SECURITY = "Content-Security-Policy"
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
# What gradio offers beside and nobody here uses: ways in for files, other servers' pages, other visitors' records.
SHUT = ("upload", "proxy=", "process_recording", "stream/", "runs", "run-history/", "vibe-", "deep_link")
API, MONITORING = "/gradio_api/", "/monitoring"
log = logging.getLogger(__name__)


def guards(profile: Profile) -> list[Middleware]:
    """The guards for a server of this profile."""
    limit = OVERHEAD * profile.upload_bytes + SMALL
    return [Middleware(Answers), Middleware(Doors), Middleware(Size, limit=limit), Middleware(Faults)]


class Doors:
    """Says of what nobody uses that it is not there."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path = str(scope.get("path", ""))
        shut = path.partition(API)[2].startswith(SHUT) or path.startswith(MONITORING)
        await (PlainTextResponse("not found", 404) if shut else self.app)(scope, receive, send)


class Faults:
    """What a request breaks is said in one line of the log, and to whoever sent it in two words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            said = type(error).__name__, str(error).partition("\n")[0][:200]
            log.warning("%s %.200s broke: %s: %s", scope["method"], scope["path"], *said, exc_info=log.isEnabledFor(10))
            if not begun:
                await PlainTextResponse("bad request", 400)(scope, receive, send)


class Size:
    """Refuses bodies over `limit` bytes: by their announced length, else as they come in."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        length = Headers(scope=scope).get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > self.limit:
            return await PlainTextResponse("too large", 413)(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            # A body without a length that grows too long ends as if the visitor had gone.
            return {"type": "http.disconnect"} if seen > self.limit else message

        await self.app(scope, counted, send)


class Answers:
    """Adds headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault(CONTENT_SECURITY, "; ".join(map(" ".join, POLICY.items())))
            await send(message)

        await self.app(scope, receive, marked if scope["type"] == "http" else send)
