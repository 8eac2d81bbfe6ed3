"""Answers as they are sent: the same JSON, packed where the browser takes that and where it pays."""

import gzip
import json
import math
from dataclasses import dataclass

from playground.ui.packing import PACKED, packed


@dataclass
class Point:
    x: float


def test_an_answer_is_packed_where_the_browser_takes_it() -> None:
    answer = {"text": "注意力 " * PACKED, "numbers": (1, 2.5, None)}
    plain, small = packed(answer, ""), packed(answer, "gzip, deflate, br")
    assert (
        json.loads(bytes(plain.body))
        == json.loads(gzip.decompress(bytes(small.body)))
        == json.loads(json.dumps(answer))
    )
    assert small.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert int(small.headers["content-length"]) == len(small.body) < len(plain.body) / 10
    assert {one.headers["content-type"] for one in (plain, small)} == {"application/json"}
    assert plain.headers["vary"] == small.headers["vary"] == "Accept-Encoding"


def test_a_short_answer_is_left_as_it_is() -> None:
    answer = packed({"made": Point(0.5)}, "gzip")
    assert json.loads(bytes(answer.body)) == {"made": {"x": 0.5}} and "content-encoding" not in answer.headers


def test_for_what_json_does_not_have_stands_none() -> None:
    assert json.loads(bytes(packed({"losses": [1.5, math.nan, -math.inf]}, "").body)) == {"losses": [1.5, None, None]}
