"""A finished experiment as one zip, and back: what was asked, how every run ended, and all that it said. No models.

Nothing of a zip is written to disk or executed: known names are read in memory, within bounds, and every value is
checked before it reaches the store. Whatever does not belong there is refused in one sentence.
"""

import io
import json
import time
import zipfile
import zlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.text import Refusal, Text
from playground.environment import here
from playground.experiment import Experiment, from_json
from playground.rows import FREE, GOING, IMPORTED, Ended, ExperimentRow, RunRow, run_name
from playground.share.said import checked
from playground.store import Store

FORMAT = 1
ABOUT, EXPERIMENT = "archive.json", "experiment.json"
EXTRA = ("result.json", "runs.csv", "curves.csv")  # for people and programs; not read back
MiB = 2**20
MOST_BYTES = 64 * MiB  # of all files, unpacked
SAVED = '"kind": "saved"'  # says where on this machine a model lies, which is nobody else's business
STAMP = (1980, 1, 1, 0, 0, 0)  # of every file, so that equal experiments make equal archives
# What zipfile raises for bytes that are no sound zip: it documents the first alone, a flipped bit finds the others.
UNSOUND = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class _Run(BaseModel):
    """How a run ended, as the archive says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    variant: int = Field(ge=0)
    seed: int = Field(ge=0)
    state: Literal["finished", "stopped", "diverged", "failed", "interrupted"]
    reason: tuple[str, str] | None = None
    started: float | None = Field(default=None, ge=0, le=1e11, allow_inf_nan=False)
    ended: float | None = Field(default=None, ge=0, le=1e11, allow_inf_nan=False)
    step: int = Field(ge=0, le=2**53)


class _About(BaseModel):
    """What an archive holds, beside the experiment and what its runs said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    created: float = Field(ge=0, le=1e11, allow_inf_nan=False)
    runs: tuple[_Run, ...] = Field(min_length=1, max_length=2400)


def write(store: Store, id: str, extra: dict[str, str] | None = None) -> bytes:
    """The archive of an ended experiment; `extra` are files for people, by those names of `EXTRA`."""
    row, runs = store.experiment(id), store.runs(id)
    assert row is not None and not any(run.state in GOING for run in runs)
    about = _About(format=FORMAT, created=row.created, runs=tuple(map(_ended, runs)))
    files = {ABOUT: about.model_dump_json(indent=1), EXPERIMENT: from_json(row.json).to_json()}
    for run in runs:
        lines = [_complete(line) for _, line in store.events(run.id) if SAVED not in line]
        files[_events_file(run.variant, run.seed)] = "".join(f"{line}\n" for line in lines)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**files, **(extra or {})}.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), text.encode(), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def read(content: bytes) -> tuple[Experiment, float, list[Ended]]:
    """The experiment of an archive, when it was made, and its runs.

    Raises:
        Refusal: no archive, one that is damaged or of another kind, or one that holds what cannot be.
    """
    files = _unpacked(content)
    if ABOUT not in files or EXPERIMENT not in files:
        raise Refusal(FOREIGN)
    about, experiment = _about(files[ABOUT]), from_json(files[EXPERIMENT])
    names = [(run.variant, run.seed) for run in about.runs]
    if len(set(names)) < len(names) or not set(names) <= set(experiment.runs()):
        raise Refusal(WRONG.format(name=ABOUT))
    expected = {_events_file(*name) for name in names}
    if stray := sorted(files.keys() - expected - {ABOUT, EXPERIMENT, *EXTRA}):
        raise Refusal(STRAY.format(name=_short(stray[0])))
    return experiment, about.created, [_run(run, files) for run in about.runs]


def take_in(store: Store, runs: Path, content: bytes, owner: str, id: str) -> str:
    """Put an archive's experiment into the store under `id`, as `owner`'s; its id.

    Args:
        runs: the folder of an experiment's runs, "{id}" standing for its id. Nothing is written there.

    Raises:
        Refusal: as `read`.
    """
    experiment, created, ended = read(content)
    row = ExperimentRow(id, owner, min(created, time.time()), experiment.model_dump_json(), FREE, IMPORTED)
    return store.adopt(row, ended, Path(str(runs).replace("{id}", id)))


def _ended(run: RunRow) -> _Run:
    return _Run.model_validate(
        {
            "variant": run.variant,
            "seed": run.seed,
            "state": run.state,
            "reason": run.reason and tuple(run.reason),
            "started": run.started,
            "ended": run.ended,
            "step": run.step,
        }
    )


def _complete(line: str) -> str:
    """Runs from before the machine was recorded were made on this one, as far as is known."""
    if '"kind": "started"' not in line or json.loads(line).get("environment"):
        return line
    return json.dumps(json.loads(line) | {"environment": here()}, ensure_ascii=False)


def _events_file(variant: int, seed: int) -> str:
    return f"runs/{run_name(variant, seed)}.jsonl"


def _unpacked(content: bytes) -> dict[str, bytes]:
    """Every file's bytes by name, within bounds; reads no more than that, whatever the zip announces."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.filename.endswith("/")]  # `is_dir` wants a name
            names = [info.filename for info in infos]
            if odd := [name for name in names if name.startswith(("/", "\\")) or ".." in name or ":" in name]:
                raise Refusal(STRAY.format(name=_short(odd[0])))
            if len(set(names)) < len(names) or any(info.flag_bits & 1 for info in infos):
                raise Refusal(DAMAGED)
            if sum(info.file_size for info in infos) > MOST_BYTES:
                raise Refusal(LARGE.format(most=MOST_BYTES // MiB))
            return _contents(archive, infos)
    except Refusal:
        raise
    except UNSOUND:
        raise Refusal(DAMAGED) from None


def _contents(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    found, left = {}, MOST_BYTES
    for info in infos:
        with archive.open(info) as file:
            found[info.filename] = file.read(left + 1)
        left -= len(found[info.filename])
        if left < 0:
            raise Refusal(LARGE.format(most=MOST_BYTES // MiB))
    return found


def _about(content: bytes) -> _About:
    try:
        about = _About.model_validate_json(content)
    except ValidationError:
        raise Refusal(WRONG.format(name=ABOUT)) from None
    if about.format != FORMAT:
        raise Refusal(OTHER_FORMAT.format(given=about.format, known=FORMAT))
    return about


def _run(run: _Run, files: dict[str, bytes]) -> Ended:
    name = _events_file(run.variant, run.seed)
    lines = checked(files.get(name, b""), name)
    reason = None if run.reason is None else Text(*(part[:1000] for part in run.reason))
    return Ended(run.variant, run.seed, run.state, reason, run.started, run.ended, run.step, lines)


def _short(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:57] + "…")


FOREIGN = Text(
    "This is a zip, but no archive of an experiment: archive.json or experiment.json is missing.",
    "这是 zip 文件，但不是实验存档：缺少 archive.json 或 experiment.json。",
)
DAMAGED = Text(
    "This is no zip that can be read: it is damaged, cut off, or something else.",
    "无法读取该 zip：文件已损坏、不完整，或者不是 zip。",
)
LARGE = Text(
    "Unpacked, the archive is larger than {most} MiB, which no experiment's is.",
    "存档解压后超过 {most} MiB，实验存档不会这么大。",
)
STRAY = Text("The archive holds a file that does not belong there: {name}.", "存档中有不该出现的文件：{name}。")
WRONG = Text("In the archive, {name} says what cannot be.", "存档中的 {name} 内容有误。")
OTHER_FORMAT = Text(
    "The archive is of format {given}; format {known} can be read here.",
    "存档的格式版本是 {given}，这里只能读取版本 {known}。",
)
