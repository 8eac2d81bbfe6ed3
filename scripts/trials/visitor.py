"""A visitor without a browser: asks and follows as the page's scripts do, over HTTP."""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
from gradio_client.utils import apply_diff

Json = dict[str, Any]


class Visitor:
    """One visitor with a key of their own."""

    def __init__(self, url: str, seconds: float = 60.0) -> None:
        self.owner, self.session = uuid.uuid4().hex, uuid.uuid4().hex[:11]
        self.http = httpx.Client(base_url=url, timeout=seconds)
        config = self.http.get("/config").json()
        self.asker = next(one["id"] for one in config["components"] if "ask" in one["props"].get("server_fns", ()))
        self.streams = [
            one for one in config["dependencies"] if one["targets"] and one["targets"][0][1].startswith("stream")
        ]

    def post(self, request: object) -> httpx.Response:
        """What the server makes of a request of any shape."""
        body = {"data": request, "component_id": self.asker, "fn_name": "ask", "session_hash": self.session}
        # As a browser may: half a character escaped, numbers that JSON does not have.
        content = json.dumps(body).encode()
        return self.http.post(
            "/gradio_api/component_server", content=content, headers={"content-type": "application/json"}
        )

    def ask(self, name: str, /, **given: Any) -> Json:
        """The answer to what the page would ask."""
        answer = self.post({"name": name, "given": {"owner": self.owner, **given}})
        answer.raise_for_status()
        return answer.json()

    def follow(self, name: str, /, number: int = 0, **given: Any) -> Iterator[Json]:
        """What the server sends of a stream, as gradio wraps it: the first value whole, then what changed."""
        stream = self.streams[number]
        join = {
            "data": [None],
            "fn_index": stream["id"],
            "trigger_id": stream["targets"][0][0],
            "session_hash": self.session,
            "event_data": {"name": name, "given": {"owner": self.owner, **given}, "call": "1"},
        }
        headers = {"content-type": "application/json"}
        self.http.post("/gradio_api/queue/join", content=json.dumps(join), headers=headers).raise_for_status()
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as lines:
            for line in lines.iter_lines():
                if line.startswith("data: "):
                    message = json.loads(line.removeprefix("data: "))
                    yield message
                    if message["msg"] in ("process_completed", "close_stream"):
                        return

    def values(self, name: str, /, **given: Any) -> Iterator[Json]:
        """The values of a stream, whole, as the page's script gets them."""
        whole: list[Json] = []
        for message in self.follow(name, **given):
            if message["msg"] in ("process_generating", "process_completed"):
                data = message["output"].get("data", [])
                changes = message["msg"] == "process_generating" and whole
                whole = [apply_diff(old, new) for old, new in zip(whole, data, strict=True)] if changes else data
                if whole and message["msg"] == "process_generating":
                    yield whole[0]

    def stay(self, until: threading.Event) -> None:
        """Have the page open: the connection by which the server knows, until the event."""
        address = f"/gradio_api/heartbeat/{self.session}"
        with suppress(httpx.HTTPError), self.http.stream("GET", address, timeout=60) as beats:  # until the server ends
            for _ in beats.iter_lines():
                if until.is_set():
                    return

    def train(self, link: str, **rest: Any) -> Json:
        """Press Train on the experiment of a link."""
        chosen = self.ask("open", query=link)["experiment"]
        return self.ask("train", **{**chosen, **rest})

    def close(self) -> None:
        """Let go of the connection."""
        self.http.close()
