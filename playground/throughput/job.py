"""Measuring as a worker's job: architectures in, numbers out, and what is known so far in a file meanwhile."""

import hashlib
import json
import os
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from models.architecture import Architecture
from models.text import Refusal, Text
from playground.bench.measure import machine

JOB = "throughput"


def payload(architectures: Sequence[Architecture], folder: Path, compile: bool = False) -> dict[str, Any]:
    """The job that measures these architectures here; `run` names what its result holds for."""
    described = [architecture.model_dump(mode="json") for architecture in architectures]
    name = name_of(architectures)
    return {
        "run": name,
        "architectures": described,
        "compile": compile,
        "progress": str(folder / f"{name}.json"),
        "end": str(folder / f"{uuid.uuid4().hex}.stop"),  # the file whose being there ends it: a job hears nothing else
    }


def name_of(architectures: Sequence[Architecture], batch: int | None = None) -> str:
    """What a measurement holds for: these architectures in this order, a batch, this machine and its versions."""
    described = [architecture.model_dump_json() for architecture in architectures]
    return hashlib.sha256(json.dumps([described, batch, _machine()]).encode()).hexdigest()


def measure_job(payload: dict[str, Any]) -> dict[str, Any]:
    """Measure the architectures in `payload`; see `measure.measured` for what is found."""
    from playground.throughput import measure  # and with it what exports: a page that asks for a job does without

    architectures = [Architecture.model_validate(each) for each in payload["architectures"]]
    file, end, found = Path(payload["progress"]), Path(payload["end"]), dict[str, Any]()

    def go_on() -> None:
        if end.exists():
            raise Refusal(STOPPED)

    try:
        for found in measure.measured(architectures, measure.SIZES, payload["compile"], go_on):
            _write(file, found)
    finally:
        file.unlink(missing_ok=True)
        end.unlink(missing_ok=True)
    return found


def stop(payload: dict[str, Any]) -> None:
    """Have a job end before its next round, begun or not."""
    end = Path(payload["end"])
    end.parent.mkdir(parents=True, exist_ok=True)
    end.touch()


def so_far(payload: dict[str, Any]) -> dict[str, Any] | None:
    """What a job that is going has found already."""
    try:
        return json.loads(Path(payload["progress"]).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _write(file: Path, found: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(found), encoding="utf-8")
    os.replace(partial, file)


@cache
def _machine() -> str:
    return json.dumps(machine())


STOPPED = Text("Stopped by you.", "已手动停止。")
