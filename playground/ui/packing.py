"""Answers on their way to the browser: written and packed here, at once. Knows no page.

Left as they are, FastAPI would walk through every value first: a quarter of a second of the server's time for what a
visit asks for, and gradio would send its megabyte as it is.
"""

import gzip
import json
from typing import Any

from fastapi.encoders import jsonable_encoder
from starlette.responses import Response

from playground.events import finite

PACKED = 1_000  # bytes from which on packing pays
LEVEL = 5


def packed(answer: Any, accepted: str) -> Response:
    """The answer as JSON, with gzip where the browser takes that (`accepted`: its header Accept-Encoding)."""
    try:
        text = _written(answer)
    except ValueError:  # JSON has no infinity: None stands for it, as in events
        text = _written(finite(answer))
    content, headers = text.encode(), {"Vary": "Accept-Encoding"}
    if len(content) >= PACKED and "gzip" in accepted:
        content, headers = gzip.compress(content, LEVEL), headers | {"Content-Encoding": "gzip"}
    return Response(content, headers=headers, media_type="application/json")


def _written(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=jsonable_encoder)
