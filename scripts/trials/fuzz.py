"""Odd links, archives and requests by the thousand: `python -m scripts.trials.fuzz [--links N]`, and so on.

Whatever is given must come out as an experiment, an answer, or a refusal in words; anything else is counted as broken
and shown. In this process, on a home of its own; nothing listens and nothing trains.
"""

import argparse
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from models.text import Refusal
from playground import link
from playground.home import Home
from playground.profile import PROFILES
from playground.share import archive
from playground.ui import registry
from playground.ui.catalogue import sentence
from playground.ui.service import Service
from scripts.trials.archives import hostile, sound
from scripts.trials.odd import Odd

SEED = 7
FULL = {"links": 10_000, "archives": 2_000, "requests": 5_000}
VARIANT = {"system": "gpt-2", "changes": {"shape.layers": "1", "norm": "rmsnorm"}}
# What any answer may be given, each taking what it knows: sound at first, then changed in a place or a few.
GIVEN: dict[str, Any] = {
    "variants": [VARIANT, {"system": "llama-3", "changes": {}}],
    "recipe": {"tokens": "60000"},
    "seeds": 2,
    "query": "v=1&a=gpt-2&b=llama-3",
    "owner": "a" * 32,
    "id": "0" * 32,
    "ids": ["0" * 32],
    "letter": "A",
    "text": "Once upon a time",
    "name": "own.txt",
    "content": "T25jZSB1cG9uIGEgdGltZQ==",
    "step": 3,
    "layer": 0,
    "tokens": 20,
}

Counts = Counter[str]
Take = Callable[[Any], str]
Kind = Callable[[int], Counts]


def links(count: int) -> Counts:
    """Odd links, read."""
    odd = Odd(SEED)
    return _counted((odd.link() for _ in range(count)), _read)


def archives(count: int) -> Counts:
    """Archives made to harm, and sound ones that were damaged on their way."""
    odd, content = Odd(SEED), sound()
    return _counted((*hostile(content), *(odd.broken(content) for _ in range(count))), _unpacked)


def requests(count: int) -> Counts:
    """Requests past the page: odd things given to every answer in turn."""
    odd = Odd(SEED)
    registry.load()
    names = [*registry.answers, "no_such_answer"]
    given = ({"name": names[n % len(names)], "given": odd.changed(GIVEN)} for n in range(count))
    with tempfile.TemporaryDirectory() as folder:
        service = Service(PROFILES["public-cpu"], Home(Path(folder) / "home"))
        try:
            found = _counted(given, lambda request: _answered(service, request))
        finally:
            service.store.close()
        outside = [path.name for path in Path(folder).iterdir() if path.name != "home"]
        return found + Counter({"broken": len(outside)})


def _counted(values: Iterator[Any] | tuple[Any, ...], take: Take) -> Counts:
    found: Counts = Counter()
    for value in values:
        try:
            found[take(value)] += 1
        except Refusal as refusal:
            assert refusal.text.en and refusal.text.zh
            found["refused"] += 1
        except Exception as error:
            found["broken"] += 1
            print(f"{type(error).__name__}: {error!s:.200} of {value!r:.300}")
    return found


def _read(text: str) -> str:
    written = link.write(link.read(text)[0])
    again, notes = link.read(written)
    if notes or link.write(again) != written:
        raise AssertionError(f"what was read is written as {written:.200} and read as something else")
    return "taken"


def _unpacked(content: bytes) -> str:
    archive.read(content)
    return "taken"


def _answered(service: Service, request: dict[str, Any]) -> str:
    said = registry.respond(service, request)
    refusal = said.get("refusal")
    if refusal is not None and refusal["text"]["en"] == sentence("our_fault").en:
        raise AssertionError("an error of ours")
    return "taken" if refusal is None else "refused"


def main() -> int:
    """Try as many as is asked for, and say what came of them; 1 where something broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = {"links": links, "archives": archives, "requests": requests}
    for name, count in FULL.items():
        parser.add_argument(f"--{name}", type=int, default=count)
    wanted, broken = vars(parser.parse_args()), 0
    logging.basicConfig(level=logging.ERROR)
    for name, kind in kinds.items():
        found = kind(wanted[name])
        broken += found["broken"]
        parts = [f"{found.total():,} tried", *(f"{found[what]:,} {what}" for what in ("taken", "refused", "broken"))]
        print(f"{name}: {', '.join(parts)}")
    return int(broken > 0)


if __name__ == "__main__":
    raise SystemExit(main())
