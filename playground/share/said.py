"""What a run of somebody else's says, checked line by line before it is believed: kinds, fields, types, bounds."""

import json
import math
from dataclasses import asdict
from typing import Any, Never

from pydantic import TypeAdapter, ValidationError

from models.text import Refusal, Text
from playground import events
from playground.data.references import LABELS

MOST = 4000  # events of one run
LONGEST = 20_000  # characters of one text
WIDEST = 64  # entries of a list or a table
LARGEST = 2**53  # of whole numbers: what a browser counts exactly
DEEPEST = 4

TYPES = {kind: TypeAdapter(kind) for kind in events.KINDS.values()}


def checked(content: bytes, name: str) -> tuple[str, ...]:
    """The lines of a file of events, as our own encoder writes them.

    Raises:
        Refusal: a line is no event, or holds what cannot be; named by the file's `name`.
    """
    try:
        lines = content.decode("utf-8").splitlines()
        if len(lines) > MOST:
            raise ValueError(f"{len(lines)} events")
        return tuple(events.encode(_event(line)) for line in lines)
    except (ValueError, TypeError, RecursionError):
        raise Refusal(NO_EVENTS.format(name=name)) from None


def _event(line: str) -> events.Event:
    record = json.loads(line, parse_constant=_refuse)
    _bounded(record, DEEPEST)
    event = events.decode(line)
    try:
        sound = TYPES[type(event)].validate_python(asdict(event), strict=False)
    except ValidationError as error:
        raise ValueError(str(error)) from None
    if isinstance(sound, events.Started):
        _started(sound)
    return sound


def _started(said: events.Started) -> None:
    budget = said.steps if said.steps is not None else said.seconds
    if not budget or budget <= 0 or not said.references.keys() <= LABELS.keys():
        raise ValueError("no budget, or reference lines that nobody knows")
    if said.environment is not None:
        _environment(said.environment)


def _environment(said: dict[str, Any]) -> None:
    versions = said.get("versions")
    texts = [said.get("machine"), *(versions.values() if isinstance(versions, dict) else [None])]
    company = said.get("runs_in_one_step", 1)  # where it is more than one it is said
    if said.keys() - {"runs_in_one_step"} != {"machine", "versions"} or type(company) is not int or company < 1:
        raise ValueError("no environment")
    if not all(isinstance(text, str) and len(text) <= 200 for text in texts):
        raise ValueError("no environment")
    if "python" not in (versions or {}):
        raise ValueError("no environment")


def _bounded(value: Any, depth: int) -> None:
    if depth < 0:
        raise ValueError("too deep")
    if isinstance(value, dict | list):
        if len(value) > WIDEST:
            raise ValueError("too many")
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            _bounded(item, depth - 1)
    elif isinstance(value, str) and len(value) > LONGEST:
        raise ValueError("too long")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not finite")
    elif isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError("too large")


def _refuse(constant: str) -> Never:
    raise ValueError(constant)


NO_EVENTS = Text("In the archive, {name} does not hold what a run says.", "存档中的 {name} 不是训练过程的记录。")
