"""What a verdict does not say of itself, from the readings alone: a cost within the bound, a part that cannot tell.

A rule that allows a cost is confirmed by one that is there and smaller; one that counts failures is confirmed where
nothing failed at all. Both are right by the rule, and read as more than they are. Knows no lesson and no page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.text import Text
from playground.lessons import Lesson
from playground.ruling import Lies, Readings


@dataclass(frozen=True, slots=True)
class Remark:
    """What there is to know of one part of a rule: a few words to stand beside its verdict, and a sentence."""

    words: Text
    sentence: Text


def remarks(lesson: Lesson, content: Mapping[str, Any]) -> list[Remark | None]:
    """For each part of the lesson's rule what there is to know of it in the result `content`; None where nothing is."""
    pairs = zip(lesson.rule, content["findings"], strict=False)
    return [_untold(part, content) if part.counted else _cost(lesson, part, found) for part, found in pairs]


def beside(lesson: Lesson, content: Mapping[str, Any]) -> Text | None:
    """What the lesson asks beside its rule, measured and not judged; None where it asks nothing."""
    readings: Readings = {
        key: {int(seed): of for seed, of in values.items()} for key, values in content.get("readings", {}).items()
    }
    found = [(lesson.who(part), part.judge(readings).to_dict()) for part in lesson.beside]
    told = [(who, numbers(of)) for who, of in found if of["mean"] is not None]
    if not told:
        return None
    return BESIDE.format(
        en="; ".join(f"{who.en}: {by}" for who, by in told), zh="；".join(f"{who.zh}：{by}" for who, by in told)
    )


def all_sentences(lesson: Lesson, content: Mapping[str, Any]) -> Text:
    """Everything there is to know beside the verdict, in one piece; empty where nothing is."""
    said = [remark.sentence for remark in remarks(lesson, content) if remark]
    said += [also] if (also := beside(lesson, content)) else []
    return Text(" ".join(one.en for one in said), "".join(one.zh for one in said))


def numbers(found: Mapping[str, Any]) -> str:
    """A mean with its interval."""
    ends = "" if found["low"] is None else f" [{found['low']:.4g}, {found['high']:.4g}]"
    return f"{found['mean']:.4g}{ends}"


def _cost(lesson: Lesson, part: Lies, found: Mapping[str, Any]) -> Remark | None:
    """Of a difference that may be positive up to a bound: it is positive, all of its interval."""
    # A bound such as "above 0.1" allows nothing, and of what lies above it nobody thinks that it might be zero.
    allowed = part.minus is not None and part.above < 0 < part.below
    if found["verdict"] != "confirmed" or not allowed or found["low"] is None or found["low"] <= 0:
        return None
    words = {"who": lesson.who(part), "by": numbers(found), "below": f"{part.below:g}"}
    return Remark(COST_WORDS, COST.format(**words))


def _untold(part: Lies, content: Mapping[str, Any]) -> Remark | None:
    """Of failures, which are what is counted, where neither variant has any: nothing is there to tell them apart."""
    counted = {key: of[part.metric] for key, of in content.get("intervals", {}).items() if part.metric in of}
    asked = [counted.get(key) for key in (part.of, part.minus) if key]
    if not all(of and of["mean"] == 0 for of in asked):
        return None
    hits, runs = (round(sum(of["seeds"] * (of["mean"] if hit else 1) for of in counted.values())) for hit in (1, 0))
    return Remark(UNTOLD_WORDS, UNTOLD.format(hits=hits, runs=runs))


COST_WORDS = Text("a small cost was seen", "测到了小代价")
COST = Text(
    "Confirmed is that it costs less than {below}, not that it costs nothing: a small cost was seen, {by} ({who.en}).",
    "成立的是代价小于 {below}，而不是没有代价：确实测到了小代价 {by}（{who.zh}）。",
)
UNTOLD_WORDS = Text("uninformative: no run failed", "不说明问题：没有训练失败")
UNTOLD = Text(
    "In neither of the two variants whose failures are compared did a run fail ({hits} of {runs} in the whole lesson), "
    "so that part says nothing about stability.",
    "比较失败占比的两个变体都没有一次训练失败（整个课题 {runs} 次训练中失败 {hits} 次），因此这一项说明不了稳定性。",
)
BESIDE = Text("Measured as well, and not judged: {en}.", "另外测得、不作判定：{zh}。")
