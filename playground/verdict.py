"""The verdict on two variants in one metric: what seeds show of their difference. Numbers in, a sentence out.

The differences are paired: seed k of both variants saw the same batches. Their mean has Student's 95 % interval; a
difference is told where zero lies outside it. Where it is not, `needed` says how many seeds would tell an effect of
this size with 80 % power at the 5 % level (noncentral t). Knows no run, no store and no page.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from scipy import stats

from models.text import Text
from playground.interval import CONFIDENCE, interval, paired

POWER = 0.8
MOST = 1000  # seeds: beyond them nobody counts
RANKED = 6  # seeds below which no sign or rank test can reach 5 %
FEW = 2  # seeds up to which the interval says little, and the recipe's measured noise is set beside the difference

NoiseOf = Literal["pair", "recipe", "data"]  # of this very pair; of another by this recipe; by the page's on these data
Finding = Literal["better", "worse", "undecided", "equal", "one_seed", "none"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that runs end at, and how differences in it are said."""

    name: str
    unit: Text
    more: Text  # how the better one is called: better, faster
    lower: bool = True  # is less of it better?
    scale: float = 1.0  # in which a difference is said
    form: str = ".3f"

    def say(self, difference: float) -> str:
        """The size of a difference, without its sign."""
        return format(abs(self.scale * difference), self.form)


BETTER = Text("better", "好")
METRICS = {
    metric.name: metric
    for metric in (
        Metric("val_loss", Text("nats per token", "nat/词元"), BETTER),
        Metric("bits_per_byte", Text("bits per byte", "比特/字节"), BETTER),
        Metric("accuracy", Text("percentage points", "个百分点"), Text("more accurate", "准确率高"), False, 100, ".1f"),
        Metric("tokens_per_second", Text("tokens/s", "词元/秒"), Text("faster", "快"), False, 1, ",.0f"),
        Metric("characters_per_second", Text("characters/s", "字符/秒"), Text("faster", "快"), False, 1, ",.0f"),
    )
}
ACROSS = ("bits_per_byte", "characters_per_second")  # what can be compared between tokenizers


@dataclass(frozen=True, slots=True)
class Noise:
    """How far a difference seen with one seed lies from the mean difference, typically: measured, not assumed."""

    sd: float  # standard deviation over seeds of the paired difference
    seeds: int
    of: NoiseOf


@dataclass(frozen=True, slots=True)
class Comparison:
    """b minus a, seed by seed: the mean, its interval where there are several seeds, and what follows from it."""

    a: str
    b: str
    metric: str
    difference: float | None
    low: float | None
    high: float | None
    seeds: int
    text: Text
    verdict: Finding = "none"  # of b against a
    sd: float | None = None  # of the paired differences
    p_value: float | None = None  # Student's t, two-sided
    p_holm: float | None = None  # the same, corrected for all pairs of the experiment in this metric
    p_wilcoxon: float | None = None
    p_sign: float | None = None
    needed: int | None = None  # seeds for an effect of this size; None where it is told, or not to be had within MOST
    diverged: tuple[int, int] = (0, 0)  # runs of a and of b that are in no mean for it
    noise: Noise | None = None

    def to_dict(self) -> dict[str, Any]:
        """As `result.json` holds it: the sentence in English, the Chinese one beside it."""
        content = asdict(self)
        text = content.pop("text")
        return {**content, "sentence": text[0], "sentence_zh": text[1]}


def compare(
    a: str, b: str, metric: str, of_a: Mapping[int, float], of_b: Mapping[int, float], noise: Noise | None = None
) -> Comparison:
    """The difference of b to a over the seeds that both have."""
    differences = paired(of_a, of_b)
    found = interval(differences)
    text, verdict = _said(a, b, METRICS[metric], differences, noise)
    made = Comparison(a, b, metric, found.mean, found.low, found.high, found.seeds, text, verdict)
    if found.seeds < 2:
        return replace(made, noise=noise)
    sd = statistics.stdev(differences)
    told = verdict in ("better", "worse")
    return replace(
        made,
        sd=sd,
        noise=noise,
        needed=None if told or not sd else needed(found.mean or 0.0, sd),
        **_p_values(differences, sd),
    )


def corrected(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """With `p_holm`: Holm's correction for as many pairs as there are in one metric.

    The interval and the verdict remain those of the pair alone; where the correction takes a told difference back, the
    sentence says so.
    """
    tested = sorted((each.p_value, n) for n, each in enumerate(comparisons) if each.p_value is not None)
    found, largest = list(comparisons), 0.0
    for rank, (p_value, n) in enumerate(tested):
        largest = max(largest, min(1.0, p_value * (len(tested) - rank)))
        found[n] = _taken_back(replace(comparisons[n], p_holm=largest), len(tested))
    return found


def _taken_back(comparison: Comparison, count: int) -> Comparison:
    told, p_holm = comparison.verdict in ("better", "worse"), comparison.p_holm
    if not told or p_holm is None or p_holm <= 1 - CONFIDENCE:
        return comparison
    return replace(comparison, text=_joined(comparison.text, TAKEN_BACK.format(count=count)))


def with_diverged(comparison: Comparison, runs_of_a: Sequence[str], runs_of_b: Sequence[str]) -> Comparison:
    """With the runs that diverged counted and said; given the states of all runs of a and of b.

    What is left of a variant that often diverges is what went well: without the count its mean would flatter it.
    """
    text = comparison.text
    for name, states in ((comparison.a, runs_of_a), (comparison.b, runs_of_b)):
        if (also := diverged_sentence(name, states)) is not None:
            text = _joined(text, also)
    return replace(comparison, diverged=(_diverged(runs_of_a), _diverged(runs_of_b)), text=text)


def diverged_sentence(name: str, states: Sequence[str]) -> Text | None:
    """How many of a variant's runs diverged, given the states of all; None where none did."""
    many = _diverged(states)
    return DIVERGED.format(name=name, many=many, of=len(states)) if many else None


def _diverged(states: Sequence[str]) -> int:
    return sum(state == "diverged" for state in states)


def needed(effect: float, sd: float) -> int | None:
    """The fewest seeds with which a paired t-test tells `effect` in four of five experiments; None beyond `MOST`."""
    if not effect:
        return None
    low, high = 1, 2
    while power(effect, sd, high) < POWER:
        low, high = high, 2 * high
        if low >= MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, sd, middle) >= POWER else (middle, high)
    return high if high <= MOST else None


def power(effect: float, sd: float, seeds: int) -> float:
    """The chance that a paired t-test at the 5 % level with so many seeds tells a true difference of `effect`."""
    freedom, shift = seeds - 1, abs(effect) / sd * math.sqrt(seeds)
    border = stats.t.ppf((1 + CONFIDENCE) / 2, freedom)
    return float(stats.nct.sf(border, freedom, shift) + stats.nct.cdf(-border, freedom, shift))


def _p_values(differences: Sequence[float], sd: float) -> dict[str, float | None]:
    moved = [difference for difference in differences if difference]
    count, ranked = len(differences), len(moved) >= RANKED
    t = statistics.fmean(differences) / (sd / math.sqrt(count)) if sd else None
    return {
        "p_value": None if t is None else float(2 * stats.t.sf(abs(t), count - 1)),
        "p_wilcoxon": _p_value(stats.wilcoxon(moved)) if ranked else None,
        "p_sign": float(stats.binomtest(sum(d > 0 for d in moved), len(moved)).pvalue) if ranked else None,
    }


def _p_value(tested: Any) -> float:
    """Of a result of scipy's: its stubs know no attributes."""
    return float(tested.pvalue)


def _said(a: str, b: str, metric: Metric, differences: Sequence[float], noise: Noise | None) -> tuple[Text, Finding]:
    found = interval(differences)
    if found.mean is None:
        return NOTHING.format(a=a, b=b), "none"
    if not any(differences):
        return SAME[metric.name in ("val_loss", "bits_per_byte")].format(a=a, b=b), "equal"
    leads = (found.mean < 0) == metric.lower
    better, worse = (b, a) if leads else (a, b)
    words = {"better": better, "worse": worse, "size": metric.say(found.mean), "seeds": found.seeds}
    if found.low is None or found.high is None:
        return _joined(_put(ONE_SEED, metric, noise, **words), noise_sentence(noise, metric)), "one_seed"
    words["half"] = metric.say((found.high - found.low) / 2)
    if found.told:
        text = _put(TOLD, metric, noise, **words)
        return _beside(text, metric, found.seeds, noise), "better" if leads else "worse"
    enough = needed(found.mean, statistics.stdev(differences))
    text = _put(NOT_TOLD if enough else NEVER_TOLD, metric, noise, **words, needed=enough, most=f"{MOST:,}")
    return _beside(text, metric, found.seeds, noise), "undecided"


def _beside(text: Text, metric: Metric, seeds: int, noise: Noise | None) -> Text:
    """With two seeds: the noise that was measured with more of them."""
    if noise is None or seeds > FEW:
        return text
    return _joined(text, noise_sentence(noise, metric))


def noise_sentence(noise: Noise | None, metric: Metric) -> Text:
    """What stands beside a difference that one seed has shown."""
    return NOT_KNOWN if noise is None else _put(MEASURED[noise.of], metric, noise)


def _joined(text: Text, also: Text) -> Text:
    return Text(f"{text.en} {also.en}", f"{text.zh}{also.zh}")


def _put(text: Text, metric: Metric, noise: Noise | None, **words: object) -> Text:
    if noise is not None:
        words |= {"noise": metric.say(noise.sd), "of": noise.seeds}
    return Text(
        text.en.format(unit=metric.unit.en, more=metric.more.en, **words),
        text.zh.format(unit=metric.unit.zh, more=metric.more.zh, **words),
    )


NOTHING = Text(
    "{a} and {b} cannot be compared: no seed finished for both.", "{a} 与 {b} 无法比较：没有两者都完成的种子。"
)
SAME = {
    True: Text("{a} and {b} end at the same loss, to the bit.", "{a} 与 {b} 的最终损失逐位相同。"),
    False: Text("{a} and {b} are equal, to the bit.", "{a} 与 {b} 逐位相同。"),
}
ONE_SEED = Text(
    "{better} is {size} {unit} {more} than {worse}, with one seed only.",
    "{better} 比 {worse} {more} {size} {unit}，但只有一个种子。",
)
NOT_KNOWN = Text("How much of that is noise is not known.", "无法判断其中有多少是噪声。")
MEASURED = {
    "pair": Text(
        "The seed noise of this pair and recipe, measured over {of} seeds, is ± {noise}.",
        "这一对变体在该配方下的种子噪声为 ± {noise}（由 {of} 个种子测得）。",
    ),
    "recipe": Text(
        "With this recipe, another pair's seed noise, measured over {of} seeds, is ± {noise}.",
        "该配方下另一对变体的种子噪声为 ± {noise}（由 {of} 个种子测得）。",
    ),
    "data": Text(
        "On these data, with the two variants and the budget that the page starts with, seed noise, measured over {of} "
        "seeds, is ± {noise}.",
        "在该数据上，按页面初始的两个变体与预算，种子噪声为 ± {noise}（由 {of} 个种子测得）。",
    ),
}
DIVERGED = Text(
    "{many} of {of} runs of {name} diverged and are in no mean.",
    "{name} 的 {of} 次训练中有 {many} 次发散，不计入均值。",
)
TOLD = Text(
    "{better} is {size} ± {half} {unit} {more} than {worse} over {seeds} seeds.",
    "{better} 比 {worse} {more} {size} ± {half} {unit}（{seeds} 个种子）。",
)
NOT_TOLD = Text(
    "{better} and {worse} are not distinguishable with {seeds} seeds: {size} ± {half} {unit}; about {needed} would be "
    "needed for an effect of this size.",
    "{better} 与 {worse} 用 {seeds} 个种子无法区分：相差 {size} ± {half} {unit}；要看出这样大小的差别，"
    "约需 {needed} 个种子。",
)
TAKEN_BACK = Text(
    "Taken alone; among {count} comparisons this may be chance (Holm).",
    "这是单独比较的结果；考虑到共有 {count} 组比较，也可能出于偶然（Holm 校正）。",
)
NEVER_TOLD = Text(
    "{better} and {worse} are not distinguishable with {seeds} seeds: {size} ± {half} {unit}; more than {most} would "
    "be needed for an effect of this size.",
    "{better} 与 {worse} 用 {seeds} 个种子无法区分：相差 {size} ± {half} {unit}；要看出这样大小的差别，"
    "需要 {most} 个以上种子。",
)
