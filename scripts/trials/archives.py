"""Archives for a trial: a sound one, and ones made to harm. No store is needed: an archive is a zip of known names."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping

from playground import link
from playground.environment import here
from playground.events import Finished, Point, Sampled, Started, encode
from playground.share.archive import MOST_BYTES
from scripts.trials.odd import MARKUP

QUERY = "v=1&a=gpt-2&b=llama-3,position=alibi&recipe.tokens=60000"
STEPS = (20, 40, 60, 80)


def sound(text: str = "Once upon a time") -> bytes:
    """An archive with nothing wrong in it, whose runs have written `text`."""
    return zipped(_files(text))


def hostile(content: bytes) -> Iterator[bytes]:
    """Archives that are made to harm."""
    for mark in MARKUP:
        yield sound(mark * 20)
    files = _files("Once")
    for name in (
        "../../evil.py",
        "/etc/evil",
        "C:evil",
        "..\\evil",
        "runs/../../evil",
        "evil.pkl",
        "\0",
        "a" * 60_000,
        MARKUP[1],
    ):
        yield zipped({**files, name: b"x"})
    yield zipped({**files, "result.json": b"\0" * (MOST_BYTES + 1)})  # a bomb, and one that lies about its size
    bomb = zipped({**files, "result.json": b"\0" * (MOST_BYTES + 1)})
    yield bomb.replace((MOST_BYTES + 1).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    yield zipped({f"{n}.txt": b"" for n in range(20_000)})
    yield zipped({"archive.json": b"[" * 10**6, "experiment.json": b"{" * 10**6})
    yield zipped({"outer.zip": content})
    yield zipped({name: bytes for name, bytes in files.items() if name != "experiment.json"})
    for changes in ({"format": 2}, {"runs": []}, {"created": -1}, {"created": 1e300}, {"evil": 1}):
        yield zipped({**files, "archive.json": json.dumps(json.loads(files["archive.json"]) | changes).encode()})
    for line in (
        "{}",
        "[]",
        "null",
        '{"version": 1, "kind": "point"}',
        '{"version": 1, "kind": "beat", "step": 1}',
        "NaN",
        "9" * 9000,
    ):
        yield zipped({**files, "runs/A-seed0.jsonl": (line + "\n").encode()})
    for name in ("archive.json", "experiment.json", "runs/A-seed0.jsonl"):
        yield zipped({**files, name: b"\xff\xfe\0"})
        yield zipped({**files, name: b'"\\ud800"'})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _files(text: str) -> dict[str, bytes]:
    experiment, _ = link.read(QUERY)
    runs = [{"variant": variant, "seed": seed, "state": "finished", "step": 80} for variant, seed in experiment.runs()]
    files = {
        "archive.json": json.dumps({"format": 1, "created": 1.0, "runs": runs}),
        "experiment.json": experiment.to_json(),
    }
    for run in runs:
        letter = "AB"[int(run["variant"])]
        files[f"runs/{letter}-seed{run['seed']}.jsonl"] = "\n".join(_said(text, int(run["variant"])))
    return {name: content.encode() for name, content in files.items()}


def _said(text: str, variant: int) -> list[str]:
    said = [
        Started(80, None, 4, 768, 5e6, 800_000, 60, "a processor", "ab" * 32, {"uniform": 4.1}, here()),
        *(
            Point(step, 768 * step, step / 10, 1e9, 4 - step / 50 + variant / 10, 3.0, 1.5, 1e-3, 7000.0)
            for step in STEPS
        ),
        Finished(80, 61440, 8.0, 2.5 + variant / 10, 12.0, 3.6, 0.5, 1.0),
        Sampled(80, 0.8, (text,)),
    ]
    return [encode(event) for event in said]
