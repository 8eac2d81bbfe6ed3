"""A sweep: one number or axis, a few values of it, on every variant. Making one, and reading loss against value.

Also against parameters and FLOPs, with a power law (`playground.power_law`): that is what a sweep of the width is for.
And the best of each variant against the best of the others: where the number is the learning rate, the fair
comparison, since one shared rate favours somebody.
"""

import itertools
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from models import spelling
from models.architecture import Architecture
from models.refusals import refusals
from models.spelling import Path
from models.text import Refusal, Text
from playground import power_law
from playground.experiment import MOST_VARIANTS, Experiment, Variant
from playground.forms import Point, Sweep, swept
from playground.interval import Interval, interval
from playground.measured import Measured, of_variant
from playground.metric import one_metric
from playground.recipe import Recipe
from playground.variants import changed, formed
from playground.verdict import Noise, compare

Json = dict[str, Any]
AGAINST = ("parameters", "flops")
VOCABULARY = "shape.vocabulary"


def expand(experiment: Experiment, sweep: Sweep) -> Experiment:
    """The experiment with all values of the sweep on each of its variants.

    Raises:
        Refusal: a value that the number can never have, more variants than there can be, or nothing that can be built.
    """
    base = experiment.variants
    for value in () if sweep.menu else sweep.values:
        _can_ever_be(sweep.path, value)
    count = len(base) * len(sweep.values)
    if count > MOST_VARIANTS:
        raise Refusal(TOO_MANY.format(count=count, most=MOST_VARIANTS), Sweep.key)
    made: list[Variant] = []
    points: list[Point] = []
    for (number, variant), value in itertools.product(enumerate(base), sweep.values):
        try:
            made.append(with_value(variant, sweep.path, value, experiment))
        except Refusal as refusal:
            points.append(Point(base=number, value=value, why=refusal.text))
        else:
            points.append(Point(base=number, value=value, variant=len(made) - 1))
    if not made:
        raise Refusal(next(point.why for point in points if point.why), Sweep.key, sweep.path)
    return formed(experiment, made, sweep.model_copy(update={"points": tuple(points)}))


def reading(
    experiment: Experiment, sweep: Sweep, runs: Sequence[Measured], names: Sequence[str], noise: Noise | None = None
) -> Json:
    """What a sweep shows: its points and, once every run has ended, fits and the best value of every base variant.

    Args:
        names: what the base variants are called in sentences.
        noise: how much differs from seed to seed, where that is known.
    """
    metric = one_metric(experiment)
    points = [_read(point, runs, metric) for point in sweep.points]
    content: Json = {"path": sweep.path, "metric": metric, "points": points, "best": [], "fits": [], "sentences": []}
    if any(run.state in ("queued", "running") for run in runs):
        return content
    mine = [[point for point in points if point["base"] == number] for number in range(len(names))]
    best = [_best(own, ends=not sweep.menu) for own in mine]
    told = _best_of(sweep, best, runs, names, metric, noise)
    told += [NONE_FINISHED.format(name=name) for name, own in zip(names, mine, strict=True) if _all_diverged(own)]
    # Options have no order, so nothing can grow with them by a law.
    fits = [] if sweep.menu else [fit for number, name in enumerate(names) for fit in _fits(number, name, points)]
    told += [fit["sentence"] for fit in fits]
    if not sweep.menu:
        told += [text for number, name in enumerate(names) for text in _too_few(number, name, points)]
    return content | {"best": [each for each in best if each], "fits": fits, "sentences": told}


def rows(content: Json, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The points as rows of words, for a terminal."""
    lines: list[tuple[str, ...]] = [
        ("variant", content["path"], content["metric"], "95 %", "seeds", "parameters", "tokens/s", "")
    ]
    for point in content["points"]:
        loss, name = point["loss"], str(names[point["base"]])
        half = None if loss["low"] is None else (loss["high"] - loss["low"]) / 2
        why = point["why"] or (f"{point['diverged']} diverged" if point["diverged"] else "")
        known = (_number(loss["mean"], ".4f"), _number(half, ".4f", "± "), str(loss["seeds"]))
        costs = (_number(point["parameters"], ",d"), _number(point["tokens_per_second"], ",.0f"))
        lines.append((name, point["value"], *known, *costs, why))
    return lines


def with_value(variant: Variant, path: str, value: str, experiment: Experiment) -> Variant:
    """The variant with one value of a sweep; raises `Refusal` where it cannot be built."""
    tokenizer = variant.recipe_in(experiment).tokenizer
    if path == VOCABULARY and tokenizer != "bpe":
        raise Refusal(FIXED.format(tokenizer=tokenizer), path, "recipe.tokenizer")
    return changed(variant, {path: value})


def _can_ever_be(name: str, value: str) -> None:
    """Refuse what is out of the number's own bounds, whatever else is chosen: a learning rate of zero."""
    found: list[Refusal] = []
    for path in swept(name):
        try:
            _field(path).validate_strings(value)
        except ValidationError as error:
            found += refusals(error, name)
    if len(found) == len(swept(name)):
        raise Refusal(found[0].text, Sweep.key, name)


def _field(path: Path) -> TypeAdapter[Any]:
    axis = Recipe if path.axis == "recipe" else Architecture.axes()[path.axis]
    info = spelling.info(axis, path)
    return TypeAdapter(info.rebuild_annotation())


def _read(point: Point, runs: Sequence[Measured], metric: str) -> Json:
    mine = [run for run in runs if run.variant == point.variant]
    known = next((run for run in mine if run.parameters is not None), None)

    def over_seeds(quantity: str) -> Interval:
        return interval(of_variant(mine, mine[0].variant, quantity).values() if mine else ())

    speed = over_seeds("tokens_per_second")
    return {
        **point.model_dump(exclude={"why"}),
        "why": point.why,
        "loss": over_seeds(metric).to_dict(),
        "accuracy": over_seeds("accuracy").to_dict(),
        "diverged": sum(run.state == "diverged" for run in mine),
        "parameters": known and known.parameters,
        "flops": over_seeds("flops").mean,
        "tokens_per_second": speed.mean,
        "speed": speed.to_dict(),
    }


def _all_diverged(points: Sequence[Json]) -> bool:
    """Did every value lose all its seeds, so that there is nothing to be compared?"""
    return any(point["diverged"] for point in points) and not any(point["loss"]["seeds"] for point in points)


def _best(points: Sequence[Json], ends: bool) -> Json | None:
    """The point with the lowest mean loss, and whether the grid ends there; one that lost seeds does not count."""
    whole = max((point["loss"]["seeds"] for point in points), default=0)
    there = [point for point in points if whole and point["loss"]["seeds"] == whole]
    if not there:
        return None
    best = min(there, key=lambda point: point["loss"]["mean"])
    built = [point for point in points if point["variant"] is not None]
    edge = ends and best in (built[0], built[-1])
    return {name: best[name] for name in ("base", "value", "variant")} | {"edge": edge, "among": len(there)}


def _best_of(
    sweep: Sweep,
    best: Sequence[Json | None],
    runs: Sequence[Measured],
    names: Sequence[str],
    metric: str,
    noise: Noise | None,
) -> list[Text]:
    """A sentence on the best value of each that has several, and one on every two of them."""
    found = [each for each in best if each]
    several = [each for each in found if each["among"] > 1]
    told = [_best_at(str(names[each["base"]]), sweep.said(each["value"]), each["edge"]) for each in several]
    for one, other in itertools.combinations(found, 2):
        of_a, of_b = (of_variant(runs, each["variant"], metric) for each in (one, other))
        a, b = (_with(names, sweep, each) for each in (one, other))
        en, zh = (compare(a[n], b[n], metric, of_a, of_b, noise).text[n] for n in range(2))
        picked = one in several or other in several
        told.append(BEST_OF.format(a=one["among"], b=other["among"], en=en, zh=zh) if picked else Text(en, zh))
    return told


def _best_at(name: str, value: Text, edge: bool) -> Text:
    before, after = (" " if sign.isascii() else "" for sign in (value.zh[0], value.zh[-1]))
    return (AT_THE_EDGE if edge else BEST).format(name=name, en=value.en, zh=before + value.zh + after)


def _with(names: Sequence[str], sweep: Sweep, best: Json) -> Text:
    """What a variant is called with its best value: "A (learning rate 0.003)"."""
    value = sweep.said(best["value"])
    return Text(f"{names[best['base']]} ({value.en})", f"{names[best['base']]}（{value.zh}）")


def _fits(number: int, name: str, points: Sequence[Json]) -> list[Json]:
    """A power law of the loss of one base variant against parameters and against FLOPs, where these differ."""
    mine = [point for point in points if point["base"] == number and point["loss"]["mean"] is not None]
    found = []
    for against in AGAINST:
        there = [point for point in mine if point[against]]
        law = power_law.fit([point[against] for point in there], [point["loss"]["mean"] for point in there])
        if law is not None:
            found.append({"base": number, "against": against, **asdict(law), "sentence": _law(name, against, law)})
    return found


def _too_few(number: int, name: str, points: Sequence[Json]) -> list[Text]:
    """Said where there are sizes to be compared, but not of this variant."""
    sizes = {point["parameters"] for point in points if point["base"] == number and point["loss"]["mean"] is not None}
    few = 1 < len(sizes) < power_law.FEWEST
    return [TOO_FEW.format(name=name, sizes=len(sizes), fewest=power_law.FEWEST)] if few else []


def _law(name: str, against: str, law: power_law.PowerLaw) -> Text:
    words = {
        "name": name,
        "sizes": law.sizes,
        "scale": f"{law.scale:.3g}",
        "reference": f"{law.reference:,.0f}" if law.reference < 1e7 else f"{law.reference:.2e}",
        "exponent": f"{law.exponent.value:.3g}",
        "low": f"{law.exponent.low:.2g}",
        "high": f"{law.exponent.high:.2g}",
    }
    symbol = {"parameters": "N", "flops": "C"}[against]
    if not law.told:
        return NO_LAW.format(symbol=symbol, **words)
    if law.floor is None:
        return LAW.format(symbol=symbol, **words)
    floor = {"floor": f"{law.floor.value:.3g}", "from_": f"{law.floor.low:.3g}", "to": f"{law.floor.high:.3g}"}
    return LAW_WITH_FLOOR.format(symbol=symbol, **words, **floor)


def _number(value: float | None, form: str, before: str = "") -> str:
    return "-" if value is None else before + format(value, form)


TOO_MANY = Text(
    "This sweep makes {count} variants; an experiment has at most {most}. Take fewer values or fewer variants.",
    "这次扫描会产生 {count} 个变体，而一次实验最多 {most} 个。请减少取值或变体。",
)
FIXED = Text(
    "With recipe.tokenizer={tokenizer} the data fix the vocabulary; it can be chosen with recipe.tokenizer=bpe.",
    "recipe.tokenizer={tokenizer} 时词表由数据决定；只有 recipe.tokenizer=bpe 才能选择词表大小。",
)
BEST = Text("{name} is best with {en}.", "{name} 在{zh}时最好。")
NONE_FINISHED = Text(
    "{name} diverged at every value: nothing can be compared. Its curves end where it died; try smaller values.",
    "{name} 在所有取值下都发散了，无从比较。曲线画到发散处为止；请换更小的取值。",
)
AT_THE_EDGE = Text(
    "{name} is best with {en}, where the grid ends: better values may lie beyond.",
    "{name} 在{zh}时最好，但这是取值范围的边缘，更好的值可能在范围之外。",
)
BEST_OF = Text(
    "Best of {a} against best of {b}, chosen by the same runs: {en}",
    "分别取 {a} 个与 {b} 个取值中的最优（用同一批训练挑选）：{zh}",
)
LAW = Text(
    "{name}: L = {scale} · ({symbol} / {reference})^−{exponent}, exponent between {low} and {high} (95 %, {sizes} "
    "sizes); a floor L∞ cannot be told from these.",
    "{name}：L = {scale} · ({symbol} / {reference})^−{exponent}，指数的 95% 区间为 {low} 到 {high}（{sizes} 个规模）；"
    "由此还看不出损失下限 L∞。",
)
LAW_WITH_FLOOR = Text(
    "{name}: L = {floor} + {scale} · ({symbol} / {reference})^−{exponent}, exponent between {low} and {high}, floor "
    "between {from_} and {to} (95 %, {sizes} sizes).",
    "{name}：L = {floor} + {scale} · ({symbol} / {reference})^−{exponent}，指数的 95% 区间为 {low} 到 {high}，"
    "下限 L∞ 为 {from_} 到 {to}（{sizes} 个规模）。",
)
TOO_FEW = Text(
    "{name}: {sizes} sizes are too few for a power law; it takes {fewest}.",
    "{name}：只有 {sizes} 个规模，不足以拟合幂律，至少需要 {fewest} 个。",
)
NO_LAW = Text(
    "{name}: no power law in {symbol} can be told from {sizes} sizes; its exponent lies between {low} and {high} "
    "(95 %).",
    "{name}：从 {sizes} 个规模看不出关于 {symbol} 的幂律，指数的 95% 区间为 {low} 到 {high}。",
)
