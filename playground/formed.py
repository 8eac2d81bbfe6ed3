"""Experiments of a form, whichever it is: made of their base, read from their runs. Knows not how they are shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from models.text import Refusal, Text
from playground import ladder, sweep
from playground.experiment import Experiment
from playground.forms import Ladder, Sweep, spelt_sweep
from playground.measured import measured
from playground.verdict import Noise

Json = dict[str, Any]


def expanded(experiment: Experiment) -> Experiment:
    """The experiment with the variants that its form makes of those it holds; itself where they are made already.

    Raises:
        Refusal: as `sweep.expand` and `ladder.expand`.
    """
    if experiment.base or experiment.form is None:
        return experiment
    if isinstance(experiment.form, Sweep):
        return sweep.expand(experiment, experiment.form)
    return ladder.expand(experiment, experiment.form)


def form_of(words: Mapping[str, str]) -> Sweep | Ladder | None:
    """The form that a link's `sweep=…` or `ladder=on` asks for; raises `Refusal` where it is none, or both."""
    if Ladder.key in words and words[Ladder.key] != "on":
        raise Refusal(ON.format(given=repr(words[Ladder.key][:40])), Ladder.key)
    if words.keys() >= {Sweep.key, Ladder.key}:
        raise Refusal(ONE_FORM, Ladder.key)
    if Sweep.key in words:
        return spelt_sweep(words[Sweep.key])
    return Ladder() if Ladder.key in words else None


def reading(
    experiment: Experiment,
    runs: Iterable[Mapping[str, Any]],
    names: Sequence[str] = (),
    labels: Sequence[Text] = (),
    noise: Noise | None = None,
) -> Json:
    """`{"sweep": …}` or `{"ladder": …}`, from the runs of a snapshot; empty for an experiment without a form.

    Args:
        names: what the base variants are called in sentences; their own names if left out.
        labels: what a ladder's changes are called; as they are spelt if left out.
        noise: how much differs from seed to seed (`playground.noise`), where that is known.
    """
    form, names = experiment.form, names or [variant.name for variant in experiment.base]
    if isinstance(form, Sweep):
        return {form.key: sweep.reading(experiment, form, measured(runs), names, noise)}
    if isinstance(form, Ladder):
        return {form.key: ladder.reading(experiment, form, measured(runs), names, labels, noise)}
    return {}


def rows(experiment: Experiment, content: Json) -> list[tuple[str, ...]]:
    """What `reading` gave, as `result.json` holds it, in rows of words for a terminal."""
    if isinstance(experiment.form, Sweep):
        return sweep.rows(content[Sweep.key], [variant.name for variant in experiment.base])
    return ladder.rows(content[Ladder.key]) if isinstance(experiment.form, Ladder) else []


def localized(content: Any, say: Callable[[Text], Any]) -> Any:
    """`content` with every text in it as `say` puts it: in English for a file, in both languages for the page."""
    if isinstance(content, Text):
        return say(content)
    if isinstance(content, dict):
        return {name: localized(each, say) for name, each in content.items()}
    return [localized(each, say) for each in content] if isinstance(content, list | tuple) else content


ONE_FORM = Text("An experiment is a sweep or a ladder, not both.", "一次实验只能是扫描或逐步改动之一。")
ON = Text("ladder={given}: it can only be on.", "ladder={given}：只能是 on。")
