"""Train variants on the same data and say how they differ."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from models.text import Refusal, Text
from playground import experiment as experiments
from playground import link, place, profile
from playground.comparing import EXPORTS, Comparing
from playground.data.own_text import from_file
from playground.device import DEVICES
from playground.experiment import MOST_SEEDS, Experiment, Match, MatchBy, compose
from playground.follow import Snapshot
from playground.formed import ONE_FORM, expanded, rows
from playground.forms import Ladder, Sweep, spelt_sweep
from playground.plan import ready
from playground.recipe import Recipe
from playground.results import columns, table
from playground.store import GOING, Settings

OWN_TEXT = "text"  # the data source of a text that a person gives
ASIDE = ("seeds", "match", "match_by")  # fields of the experiment itself that can be given
CHANGING = ("experiment", "variant", "text", "data", "tokens", *ASIDE, "sweep", "ladder", "set")
STEP = 0.1  # of its run: how often progress is said


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("experiment", nargs="?", type=Path, metavar="EXPERIMENT.json", help="an experiment file, instead of --variant")
    add("--variant", action="append", default=[], metavar="SYSTEM[,field=value …]", help="once for every variant")
    add("--text", type=Path, metavar="FILE", help="train on this text (UTF-8)")
    add("--data", metavar="NAME", help="train on this data source (default: tales)")
    add("--tokens", metavar="N", help="tokens of a run (default: 300000)")
    add("--seeds", metavar="N", help="seeds of every variant (default: 1)")
    add("--add-seeds", metavar="N", help="train N more seeds of the experiment in --out, beside those it has")
    add("--match", metavar="|".join(get_args(Match)), help="what the first variant has and all others get as much of")
    add("--match-by", metavar="|".join(get_args(MatchBy)), help="what is changed for it (default: d_ff, feed_forward)")
    add("--sweep", metavar="FIELD=V1,V2,…", help="each variant with 3 to 9 values of one number")
    add("--ladder", action="store_true", help="which change did it: the way from the first variant to the second")
    add("--set", action="append", default=[], metavar="recipe.field=value", help="change the recipe; may be repeated")
    add("--device", default="auto", metavar="|".join(DEVICES), help="default: auto")
    place.add_argument(parser)
    add("--export", choices=EXPORTS, help="finished runs to export to ONNX (default: first, the first seed)")
    add("--out", type=Path, metavar="DIR", help="where everything is written; without it the result goes to stdout")


def run(arguments: argparse.Namespace) -> int:
    """Check everything, train, export, write; 0 if every run came to its end and every export is its model."""
    if arguments.add_seeds is not None:
        return _carry_out(_more(arguments), arguments.export or "first")
    where = place.where(arguments.cluster)
    device, experiment = where.device(arguments.device), asked_for(arguments)
    file: Path | None = arguments.text
    text = None if file is None else _text(file)
    experiment = ready(experiment, profile.current(), text)
    settings = Settings(device=device, text=None if file is None else str(file.resolve()))
    if arguments.out is not None:
        return _carry_out(Comparing(experiment, _writable(arguments.out), settings, where), arguments.export or "first")
    if arguments.export not in (None, "none"):
        raise Refusal(NOWHERE, "out")
    with tempfile.TemporaryDirectory() as folder:
        code = _carry_out(Comparing(experiment, Path(folder), settings, where), "none")
        content = json.loads((Path(folder) / "result.json").read_text(encoding="utf-8"))
        for row in content["runs"]:
            row["folder"] = None  # gone with this process
        print(json.dumps(content, ensure_ascii=False, indent=1))
    return code


def asked_for(arguments: argparse.Namespace) -> Experiment:
    """The experiment that the arguments describe; raises `Refusal`, naming the nearest right field or value."""
    if (arguments.experiment is None) == (not arguments.variant):
        raise Refusal(ONE_OF_BOTH, "variant")
    changes = _recipe_changes(arguments)
    if arguments.experiment is not None:
        given = experiments.read(arguments.experiment)
    else:
        given = compose([link.variant(text) for text in arguments.variant], Recipe())
    content = given.model_dump() | {"recipe": link.settings(changes, given.recipe).model_dump()}
    if "recipe.data" in changes and changes["recipe.data"] != given.recipe.data:
        content["data_hash"] = None
    content |= {name: getattr(arguments, name) for name in ASIDE if getattr(arguments, name) is not None}
    form = _form(arguments)
    if form is not None:
        content |= {"variants": given.chosen, "base": (), "form": form.model_dump()}
    return expanded(experiments.from_dict(content))


def _form(arguments: argparse.Namespace) -> Sweep | Ladder | None:
    if arguments.sweep is not None and arguments.ladder:
        raise Refusal(ONE_FORM, "ladder")
    if arguments.sweep is not None:
        return spelt_sweep(arguments.sweep, "=", ",")
    return Ladder() if arguments.ladder else None


def _recipe_changes(arguments: argparse.Namespace) -> dict[str, str]:
    if arguments.text is not None and arguments.data is not None:
        raise Refusal(TEXT_OR_DATA, "recipe.data")
    changes: dict[str, str] = {}
    for setting in arguments.set:
        path, equals, value = setting.partition("=")
        if not equals:
            raise Refusal(NO_VALUE.format(setting=repr(setting[:60])), path)
        changes[path] = value
    named = {"recipe.data": OWN_TEXT if arguments.text else arguments.data, "recipe.tokens": arguments.tokens}
    return changes | {path: value for path, value in named.items() if value is not None}


def _text(file: Path) -> bytes:
    from_file(file)  # refused here rather than in the middle of training
    return file.read_bytes()


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise Refusal(NOT_WRITABLE.format(folder=folder, reason=error.strerror), "out") from None


def _more(arguments: argparse.Namespace) -> Comparing:
    """The experiment of an earlier `compare` in the folder, to go on with more seeds."""
    word, folder = arguments.add_seeds, arguments.out
    if not (word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= MOST_SEEDS):
        raise Refusal(NO_SEEDS.format(given=word[:40], most=MOST_SEEDS), "add_seeds")
    if folder is None:
        raise Refusal(WHICH_FOLDER, "out")
    if changing := [name for name in CHANGING if getattr(arguments, name) not in (None, [], False)]:
        raise Refusal(AS_IT_IS.format(given=", ".join(map(_flag, changing))), changing[0])
    where = place.where(arguments.cluster)
    return Comparing(experiments.read(folder / "experiment.json"), folder, where=where, more=int(word))


def _flag(name: str) -> str:
    return "EXPERIMENT.json" if name == "experiment" else f"--{name.replace('_', '-')}"


def _carry_out(comparing: Comparing, export: str) -> int:
    with comparing:
        interrupted, experiment = False, comparing.experiment
        try:
            said: dict[str, Any] = {}
            for snapshot in comparing.watch():
                _say_progress(experiment, snapshot, said)
            for line in comparing.export(export):
                _tell(line)
        except KeyboardInterrupt:
            _tell("stopping; what is finished is kept")
            interrupted = True
            comparing.stop()
        content = comparing.result()
    for line in _result(experiment, content):
        _tell(line)
    if interrupted:
        return 130
    ended = all(row["status"] in ("finished", "diverged") for row in content["runs"])
    return 0 if ended and not comparing.not_exported else 1


def _result(experiment: Experiment, content: dict[str, Any]) -> Iterator[str]:
    """The result as lines for a terminal: of a form its own table, else what sets each two variants apart."""
    yield table(content["runs"])
    if experiment.form is None:
        yield from (comparison["sentence"] for comparison in content["comparisons"])
    else:
        yield "\n" + columns(rows(experiment, content))
        yield from content[experiment.form.key]["sentences"]


def _say_progress(experiment: Experiment, snapshot: Snapshot, said: dict[str, Any]) -> None:
    """A line for every tenth of a run, and for its end."""
    for run in snapshot["runs"]:
        over = run["state"] not in GOING
        mark = run["state"] if over else int(run["progress"] / STEP)
        if said.get(run["id"]) != mark and (over or run["step"]):
            said[run["id"]] = mark
            _tell(_line(experiment.variants[run["variant"]].name, run, over))


def _line(name: str, run: Snapshot, over: bool) -> str:
    losses = [loss for loss in run["train_loss"] if loss is not None]
    parts = [f"{run['name']} {name}", run["state"] if over else f"{run['progress']:4.0%}"]
    if losses:
        parts.append(f"train loss {losses[-1]:.3f}")
    if run["finished"] and run["finished"]["val_loss"] is not None:
        parts.append(f"validation loss {run['finished']['val_loss']:.4f}")
    if run["diverged"]:
        parts.append(f"at step {run['diverged']['step']}")
    if run["reason"]:
        parts.append(run["reason"]["en"])
    if not over and run["left"] is not None:
        parts.append(f"{run['left']:.0f} s left")
    return " · ".join(parts)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


ONE_OF_BOTH = Text(
    "Give variants with --variant, or one experiment file, but not both.",
    "请用 --variant 给出变体，或给出一个实验文件，二者选一。",
)
NO_SEEDS = Text(
    "--add-seeds {given}: it must be a whole number from 1 to {most}.",
    "--add-seeds {given}：必须是 1 到 {most} 的整数。",
)
WHICH_FOLDER = Text(
    "--add-seeds goes on with the experiment in --out DIR: give that folder.",
    "--add-seeds 会继续 --out DIR 中的实验：请给出该目录。",
)
AS_IT_IS = Text(
    "--add-seeds goes on with the experiment in --out DIR as it is, so {given} cannot be given with it.",
    "--add-seeds 会原样继续 --out DIR 中的实验，不能同时给出 {given}。",
)
TEXT_OR_DATA = Text("Give --text or --data, not both.", "--text 与 --data 只能给一个。")
NO_VALUE = Text(
    "--set {setting}: write recipe.field=value, such as recipe.lr=1e-3.",
    "--set {setting}：应写成 recipe.field=value，例如 recipe.lr=1e-3。",
)
NOWHERE = Text("Exported files need a place: give --out DIR.", "导出的文件需要存放位置：请给出 --out DIR。")
NOT_WRITABLE = Text("Nothing can be written to {folder}: {reason}.", "无法写入 {folder}：{reason}。")
