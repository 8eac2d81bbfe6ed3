"""Bad input in thousands against a server, over HTTP: requests, uploads, archives, addresses, guesses.

python -m scripts.trials.attack [--calls 10000] [--uploads 1000] [--archives 1000] [--raw 2000] [--seed 0]

Nothing may show a traceback or log one, end the server, write outside its home, or give away what is another's.
`scripts.trials.fuzz` tries the same values, and links, without a server.
"""

import argparse
import base64
import http.client
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from playground.ui import registry
from scripts.trials import archives
from scripts.trials.odd import MARKUP, PATHS, Odd
from scripts.trials.server import ROOT, Server
from scripts.trials.visitor import Visitor

Json = dict[str, Any]
SECRET = "the-quick-secret-of-another-visitor"
SLOW = 30.0  # seconds: an answer that takes longer is one that holds the server
SMALL = "v=1&a=gpt-2,shape.layers=1,shape.width=16&b=llama-3,shape.layers=1,shape.width=16&recipe.tokens=20000"


class Findings:
    """What went wrong, by kind, each with the first few inputs that did it."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.wrong: dict[str, list[str]] = {}

    def note(self, kind: str, what: object) -> None:
        """Something went wrong."""
        self.wrong.setdefault(kind, []).append(repr(what)[:400])

    def to_dict(self) -> Json:
        """As JSON has it."""
        return {
            "tried": dict(self.tried),
            "wrong": {kind: len(found) for kind, found in self.wrong.items()},
            "for example": {kind: found[:3] for kind, found in self.wrong.items()},
        }


class Attack:
    """One visitor's hostile requests to a server, and what is looked at in every answer."""

    def __init__(self, server: Server, odd: Odd, findings: Findings) -> None:
        self.server, self.odd, self.findings = server, odd, findings
        self.visitor = Visitor(server.url, SLOW)
        self.examples = examples(self.visitor)

    def calls(self, count: int) -> None:
        """Requests of the page's own names, changed anywhere."""
        names = sorted(self.examples)
        for n in range(count):
            name = names[n % len(names)]
            request: Any = {"name": name, "given": self.odd.changed(self.examples[name])}
            if self.odd.draw.random() < 0.05:
                request = self.odd.changed(request)
            self._look("calls", request, lambda request=request: self.visitor.post(request))

    def follows(self, count: int) -> None:
        """Streams of the page's own names; one value of each is looked at."""
        for n in range(count):
            name = sorted(registry.streams)[n % len(registry.streams)]
            given = self.odd.changed(self.examples.get(name, {"id": "0" * 32}))
            self.findings.tried["streams"] += 1
            try:
                for message in self.visitor.follow(name, **(given if isinstance(given, dict) else {})):
                    self._said(json.dumps(message), (name, given))
                    if message["msg"] != "process_starts":
                        break
            except httpx.HTTPError as error:
                self.findings.note(f"stream: {type(error).__name__}", (name, given))

    def programs(self, count: int) -> None:
        """Calls of the endpoints that programs use, with other values than they take."""
        names = sorted(PROGRAMS)
        for n in range(count):
            name, data = names[n % len(names)], self.odd.changed(PROGRAMS[names[n % len(names)]])
            content = json.dumps({"data": data}).encode()
            self._look("programs", (name, data), lambda name=name, content=content: self._called(name, content))

    def _called(self, name: str, content: bytes) -> httpx.Response:
        headers = {"content-type": "application/json"}
        begun = self.visitor.http.post(f"/gradio_api/call/{name}", content=content, headers=headers)
        if begun.status_code != 200:
            return begun
        return self.visitor.http.get(f"/gradio_api/call/{name}/{begun.json()['event_id']}")

    def uploads(self, count: int) -> None:
        """Texts: other encodings, binary, markup, names that are paths."""
        for n in range(count):
            content = HOSTILE[n % len(HOSTILE)]
            name = self.odd.draw.choice((*MARKUP, *PATHS, "own.txt"))
            content = content if n < len(HOSTILE) else self.odd.broken(content)
            given = {"owner": self.visitor.owner, "name": name, "content": base64.b64encode(content).decode()}
            request = {"name": "keep_text", "given": given}
            self._look("uploads", request, lambda request=request: self.visitor.post(request))

    def archives(self, count: int) -> None:
        """Archives: a sound one broken anywhere, and the ones that are made to harm."""
        sound = archives.sound()
        hostile = list(archives.hostile(sound))
        for n in range(count):
            content = hostile[n] if n < len(hostile) else self.odd.broken(self.odd.draw.choice((sound, *hostile[:4])))
            given = {"owner": self.visitor.owner, "content": base64.b64encode(content).decode()}
            request = {"name": "import_archive", "given": given}
            self._look("archives", (n, len(content)), lambda request=request: self.visitor.post(request))

    def raw(self, count: int) -> None:
        """Requests past the page: every address, every method, bodies and headers of any kind."""
        known = self.visitor.http.get("/gradio_api/openapi.json").json().get("paths", {})
        for _ in range(count):
            address = self._address(sorted(known))
            method = self.odd.draw.choice(("GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"))
            headers = {
                "content-type": self.odd.draw.choice(
                    ("application/json", "text/plain", "multipart/form-data; boundary=x")
                )
            }
            body = self._body()
            what = (method, address, body[:200])
            self._look("raw", what, lambda m=method, a=address, b=body, h=headers: self._send(m, a, b, h))

    def guesses(self, count: int, ids: list[str], texts: list[str]) -> None:
        """Another visitor's experiment and text, without being told their names."""
        for n in range(count):
            id = self.odd.draw.choice(ids)
            wrong = self.odd.draw.choice((id[:-1] + "0", id.upper(), id[:16], f"{id}%00", f"../{id}", f"{n:032x}"))
            addresses = (
                f"/share/{quote(wrong)}/report.html",
                f"/download/{quote(wrong)}/0",
                f"/gradio_api/file={wrong}",
            )
            for address in addresses:
                self._look("guesses", address, lambda address=address: self.visitor.http.get(address))
        for text in texts:
            for address in (text, quote(text), "/" + text):
                self._look(
                    "guesses", address, lambda address=address: self.visitor.http.get(f"/gradio_api/file={address}")
                )
        for id in ids:  # known, but not one's own
            for name in ("stop", "add_seeds", "resume"):
                answer = self.visitor.ask(name, id=id)
                if "refusal" not in answer:
                    self.findings.note(f"another's experiment obeyed {name}", id)

    def announced(self) -> None:
        """A gigabyte that is announced is refused before it is sent, wherever it is sent to."""
        for path in ("/gradio_api/component_server", "/gradio_api/upload", "/gradio_api/queue/join", "/"):
            self.findings.tried["announced"] += 1
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=SLOW)
            try:
                connection.putrequest("POST", path)
                for name, value in {"content-type": "application/json", "content-length": str(2**30)}.items():
                    connection.putheader(name, value)
                connection.endheaders()
                with connection.getresponse() as answer:
                    status = answer.status
                if status not in (404, 405, 413):
                    self.findings.note("a gigabyte was let in", (path, status))
            except OSError:
                self.findings.note("a gigabyte was waited for", path)
            finally:
                connection.close()

    def _address(self, known: list[str]) -> str:
        kind = self.odd.draw.random()
        part = quote(self.odd.text()[:300], errors="replace")
        if kind < 0.4 and known:
            return self.odd.draw.choice(known).replace("{", "").replace("}", part)
        if kind < 0.7:
            secret = quote(str(self.server.folder / "secret"))
            return self.odd.draw.choice(
                (
                    f"/gradio_api/file={secret}",
                    f"/gradio_api/file={part}",
                    f"/gradio_api/file={quote(str(ROOT))}/assets/js/../../app.py",
                )
            )
        return self.odd.draw.choice(ADDRESSES) + part

    def _body(self) -> bytes:
        kind = self.odd.draw.random()
        if kind < 0.3:
            return self.odd.draw.randbytes(self.odd.draw.choice((0, 1, 50, 5000)))
        join = {"data": [None], "fn_index": 0, "session_hash": "x", "event_data": None, "trigger_id": 2}
        body = self.odd.changed(
            self.odd.draw.choice((join, {"data": {}, "component_id": 1, "fn_name": "ask", "session_hash": "x"}))
        )
        return json.dumps(body).encode()

    def _send(self, method: str, address: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        with self.visitor.http.stream(method, address, content=body, headers=headers) as answer:
            if "event-stream" not in answer.headers.get("content-type", ""):  # a stream of nobody's does not end
                answer.read()
            return answer

    def _look(self, kind: str, what: object, send: Any) -> None:
        self.findings.tried[kind] += 1
        begun = time.monotonic()
        try:
            answer = send()
            if answer.status_code >= 500 and answer.status_code != 503:
                self.findings.note(f"{kind}: status {answer.status_code}", what)
            self._said("" if not answer.is_stream_consumed else answer.text, what)
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:  # not even sent
            self.findings.tried[f"{kind}, not sent: {type(error).__name__}"] += 1
        except httpx.HTTPError as error:
            self.findings.note(f"{kind}: {type(error).__name__}", what)
            assert self.server.alive, self.server.said()[-4000:]
        if time.monotonic() - begun > SLOW / 2:
            self.findings.note(f"{kind}: slow", what)

    def _said(self, text: str, what: object) -> None:
        if "Traceback (most recent" in text or 'File "/' in text:
            self.findings.note("traceback shown", what)
        if SECRET in text or "root:x:0" in text:
            self.findings.note("another's text was given away", what)


ADDRESSES = (
    *("/share/", "/download/", "/gradio_api/file=", "/gradio_api/proxy=", "/gradio_api/upload", "/gradio_api/call/"),
    *("/gradio_api/queue/data?session_hash=", "/gradio_api/heartbeat/", "/gradio_api/stream/", "/static/", "/assets/"),
    *(
        "/gradio_api/component_server",
        "/gradio_api/run/",
        "/monitoring/",
        "/config",
        "/svelte/",
        "/custom_component/",
        "/api/",
    ),
)
HOSTILE = (
    *(mark.encode() * 50 for mark in MARKUP),
    *("Grüße, 世界\n".encode(name) * 40 for name in ("utf-16", "utf-8-sig")),
    *(b"Gr\xfc\xdfe\n" * 40, b"\0" * 1000, b"\xff" * 1000, b"", b" " * 5000, b"a" * 5000, b"PK\x03\x04" + b"x" * 500),
    *(b"\xed\xa0\x80" * 100, b"a\r\nb\r" * 500, "\u202e\u200b\ufeff".encode() * 500, b"x" * 6 * 2**20),
)


PROGRAMS: dict[str, list[Any]] = {
    "systems": [],
    "compare": [["gpt-2,shape.layers=1"], {"tokens": "20000"}, 1, "none", "1" * 32],
    "status": ["0" * 32],
    "results": ["0" * 32],
    "export": ["0" * 32, 0, "1" * 32],
    "resume": ["0" * 32, "1" * 32],
    "stop": ["0" * 32, "1" * 32],
}


def examples(visitor: Visitor) -> dict[str, Json]:
    """A sound request of every name, to be changed."""
    registry.load()
    chosen = visitor.ask("open", query=SMALL)["experiment"]
    about = {"owner": visitor.owner, "id": "0" * 32, "ids": ["0" * 32], "lesson": "dropout", "levels": 1}
    said = {"text": "Once upon", "step": 4, "names": ["grad_norm"], "prompt": "Once", "length": 5, "precision": "fp32"}
    sampling = {
        "temperature": 0.8,
        "top_k": 5,
        "top_p": 0.9,
        "repetition_penalty": 1,
        "seed": 0,
        "stop": "",
        "name": "1" * 32,
    }
    rest = {"query": SMALL, "language": "en", "path": "shape.layers", "one": "gpt-2", "other": "bert", "again": True}
    files = {"content": base64.b64encode(b"Once upon a time.\n" * 40).decode(), "form": None}
    whole = {**chosen, **about, **said, **sampling, **rest, **files}
    return {name: whole for name in (*registry.answers, *registry.streams)}


def prepared(server: Server) -> tuple[list[str], list[str]]:
    """Another visitor's experiment and text on the server, and a file beside it: ids and paths."""
    other = Visitor(server.url)
    content = (SECRET + "\n" + "Once upon a time there was a fox. " * 40).encode()
    kept = other.ask("keep_text", name="own.txt", content=base64.b64encode(content).decode())
    trained = other.train(SMALL + "&recipe.data=text", text=kept["id"])
    (server.folder / "secret").write_text(SECRET)
    assert "id" in trained, trained
    other.close()
    home = server.home
    return [trained["id"]], [
        str(home / "texts" / f"{kept['id']}.txt"),
        str(home / "playground.db"),
        str(server.folder / "secret"),
    ]


def outside(folder: Path) -> set[str]:
    """All files beside the server's home and scratch, and those of the project itself."""
    inside = {"home", "scratch", "log", "secret"}
    beside = {str(path) for path in folder.rglob("*") if path.relative_to(folder).parts[0] not in inside}
    own = (path for part in ("assets", "docs", "models", "playground") for path in (ROOT / part).rglob("*"))
    return beside | {str(path) for path in own if "__pycache__" not in path.parts}


def attacked(counts: dict[str, int], seed: int, folder: Path) -> Findings:
    """All of it against one server; what went wrong."""
    odd, findings = Odd(seed), Findings()
    before = outside(folder)
    with Server(folder, {"PLAYGROUND_MAX_SECONDS": "5"}) as server:
        ids, texts = prepared(server)
        attack = Attack(server, odd, findings)
        attack.announced()
        attack.guesses(max(1, counts["raw"] // 40), ids, texts)
        for kind in ("archives", "uploads", "raw", "calls"):
            getattr(attack, kind)(counts[kind])
        attack.follows(max(8, counts["calls"] // 50))
        attack.programs(max(14, counts["calls"] // 10))
        findings.tried["alive at the end"] = int(server.alive and server.answers())
        fresh = Visitor(server.url)
        if "id" not in fresh.train(SMALL):
            findings.note("nobody can train any more", "")
        fresh.close()
        attack.visitor.close()
    if not findings.tried["alive at the end"]:
        findings.note("the server ended", "")
    for said, ours in _tracebacks(server.said()):
        if ours:
            findings.note("traceback logged", said)
        else:
            findings.tried["refused by gradio, which logs that"] += 1
    for path in sorted(outside(folder) - before):
        findings.note("file written outside", path)
    return findings


def _tracebacks(log: str) -> Iterator[tuple[str, bool]]:
    """What was logged of errors, and whether code of ours took part: what gradio itself refuses, it logs so as well."""
    for part in log.split("Traceback (most recent call last)")[1:]:
        places = [line.strip() for line in part.splitlines() if line.startswith('  File "')]
        says = next((line for line in part.splitlines()[1:] if line and not line.startswith(" ")), "")
        ours = not places or any(f'"{ROOT / "playground"}/' in place for place in places)
        yield f"{says} <- {places[-1] if places else ''}", ours


def main() -> None:
    """Everything, at the sizes asked for; the exit status says whether anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind, count in {"calls": 10_000, "uploads": 1000, "archives": 1000, "raw": 2000}.items():
        parser.add_argument(f"--{kind}", type=int, default=count)
    parser.add_argument("--seed", type=int, default=0)
    asked = vars(parser.parse_args())
    seed = asked.pop("seed")
    with tempfile.TemporaryDirectory(prefix="playground-attack-") as folder:
        findings = attacked(asked, seed, Path(folder))
    json.dump(findings.to_dict(), sys.stdout, indent=1)
    print()
    sys.exit(bool(findings.wrong))


if __name__ == "__main__":
    main()
