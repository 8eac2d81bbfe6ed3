"""What stands before gradio: requests of a bearable size, fresh scripts and styles, safe headers. Plain ASGI."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.profile import Profile

OVERHEAD = 3  # base64 and JSON around an upload, generously
SMALL = 2**20  # bytes that every request may have
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


def guards(profile: Profile) -> list[Middleware]:
    """The guards for a server of this profile."""
    return [Middleware(Size, limit=OVERHEAD * profile.upload_bytes + SMALL), Middleware(Answers)]


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
    """Adds headers to every answer; scripts and styles are asked for anew, so that none outlives an update."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if "/file=" in scope.get("path", ""):
                    headers["Cache-Control"] = "no-cache"
            await send(message)

        await self.app(scope, receive, marked if scope["type"] == "http" else send)
