"""Whether a Ray cluster answers at an address; where nobody does, Ray waits for more than a minute. Imports no Ray."""

import os
import socket
from contextlib import suppress
from pathlib import Path

from models.text import Refusal, Text

AUTO = "auto"
REACH = 4.0  # seconds for the address to answer
CURRENT = Path("/tmp/ray/ray_current_cluster")  # where `ray start` notes this machine's
# What a server of gRPC, which Ray's is, answers with a frame of settings (RFC 9113, section 3.4).
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
SETTINGS = 4  # the kind of that frame, its fourth byte


def reach(address: str) -> None:
    """Ask for a sign of life; raises `Refusal` where there is none, or where this is no address."""
    if address == AUTO:
        address = os.environ.get("RAY_ADDRESS", "")
        with suppress(OSError):
            address = address or CURRENT.read_text().strip()
        if not address:
            return  # Ray looks for it
    host, colon, port = address.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and "/" not in host and int(port) < 65536):
        raise Refusal(SPELLING.format(address=repr(address[:80])), "cluster")
    try:
        with socket.create_connection((host, int(port)), REACH) as line:
            line.sendall(PREFACE)
            answer = line.recv(9)
    except OSError:
        answer = b""
    if len(answer) < SETTINGS or answer[SETTINGS - 1] != SETTINGS:
        raise Refusal(NOBODY.format(address=address), "cluster")


SPELLING = Text(
    "{address} is no address of a Ray cluster: write auto, or HOST:PORT as `ray start` printed it (mostly port 6379).",
    "{address} 不是 Ray 集群的地址：请写 auto，或 `ray start` 打印的 HOST:PORT（端口通常是 6379）。",
)
NOBODY = Text(
    "No Ray cluster answers at {address}. See that `ray start --head` runs there and that the port can be reached from "
    "here; `ray status --address {address}` must work on this machine.",
    "{address} 处没有 Ray 集群应答。请确认那里已运行 `ray start --head`，且本机能访问该端口；"
    "在本机执行 `ray status --address {address}` 应能成功。",
)
