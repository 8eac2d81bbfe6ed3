"""The port that the page is served on. Asked before gradio is imported, which breaks on one that is no number."""

import os
import socket

from models.text import Refusal, Text

FIRST, LAST = 7860, 7959
BAD = Text(
    "GRADIO_SERVER_PORT is {given}; a port is a number from 1 to 65535.",
    "GRADIO_SERVER_PORT 的值是 {given}；端口应为 1 到 65535 之间的数。",
)


def port() -> int:
    """The port that `GRADIO_SERVER_PORT` names, else the first free one from 7860 on.

    Raises:
        Refusal: where the variable holds no port.
        OSError: where all of them are taken.
    """
    named = os.environ.get("GRADIO_SERVER_PORT", "").strip()
    if named:
        if not (named.isascii() and named.isdecimal() and 0 < int(named) < 2**16):
            raise Refusal(BAD.format(given=repr(named)), "GRADIO_SERVER_PORT")
        return int(named)
    for number in range(FIRST, LAST + 1):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)):
                return number
    raise OSError(f"no free port from {FIRST} to {LAST}")
