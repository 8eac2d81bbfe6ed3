"""How far a trained model reads: its loss at every position up to eight of its contexts, as a worker's job.

Stretches of the validation part are read in one pass each, with the weights as they are. A model with RoPE reads again
with its rotation slowed for eight contexts in every way there is, untrained for it. Whether reading on hurts is judged
on the same tokens, read with no more before them than the model was trained with. What positions cannot reach is not
measured: where a table of positions ends, so does the curve. Knows no page and no store.
"""

import math
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.architecture import Architecture
from models.frequencies import SCALINGS
from models.position.rope import Rope
from models.text import Refusal, Text
from models.transformer import Transformer
from playground import runs
from playground.data import confirm, prepare
from playground.data.batches import Batches
from playground.findings import keep, known
from playground.interval import interval
from playground.measure.lengths import every_loss, slowed, stretches

FOUND = "beyond.json"
TIMES = 8  # contexts that are read at most
LONGEST = 4096  # tokens of a stretch: what is longer takes minutes
TOKENS = 2**15  # read in all, in as many stretches as that gives,
LEAST, MOST = 8, 64  # within these, and no two of them overlap
SCORES = 2**24  # of all heads at once: bounds memory
BINS = 4  # an octave of positions
FLAT = 0.1  # nats per token: what is within it has stayed; the bound of the lesson "beyond"
PARTS = ((0.5, 1), (1, 2), (2, 4), (4, 8))  # of the trained length, from over to


def beyond_job(payload: dict[str, Any]) -> dict[str, Any]:
    """`read_on` as a worker's job, for the folder in `payload` and the text in the file it names, if any."""
    text = payload.get("text")
    return read_on(Path(payload["folder"]), None if text is None else Path(text).read_bytes())


def read_on(folder: Path, text: bytes | None = None) -> dict[str, Any]:
    """The loss by position of the run in `folder`, as plain JSON; kept there while the model is unchanged.

    `context` it was trained at, `reach` of its positions (None: no limit), `length` that was read, what `stopped` it
    short of eight contexts ("positions", "text", "size" or None), and `lines`: as trained, then RoPE's scalings.

    Raises:
        Refusal: a folder that is no run, a model that diverged, data that are no text or cannot be had.
    """
    of = (runs.ABOUT, runs.MODEL)
    return known(folder, FOUND, of) or keep(folder, FOUND, of, _found(folder, text))


def said(found: dict[str, Any], name: str) -> Text:
    """What the first line of `found` shows of a variant called so, in a sentence."""
    line, context = found["lines"][0], found["context"]
    if found["length"] <= context:
        return (ENDS if found["reach"] is not None else NO_MORE_TEXT).format(
            name=name, context=context, beyond=context + 1
        )
    far = line["beyond"]
    half = math.inf if far["low"] is None else (far["high"] - far["low"]) / 2
    words = {"name": name, "context": context, "length": found["length"]}
    words |= {"change": f"{far['mean']:+.3f}".replace("-", "−"), "half": f"{half:.3f}"}
    if far["low"] is not None and far["low"] > FLAT:
        rises, slowed_by = RISES.format(**words), _mended(found["lines"])
        return Text(f"{rises.en} {slowed_by.en}".strip(), f"{rises.zh}{slowed_by.zh}")
    return (STAYS if far["high"] is not None and far["high"] < FLAT else UNSURE).format(**words)


def _mended(lines: list[dict[str, Any]]) -> Text:
    """Which way to slow RoPE rises least, untrained for it; empty where there is no RoPE to be slowed."""
    if len(lines) < 2:
        return Text("", "")
    best = min(lines, key=lambda line: line["beyond"]["mean"])
    change = f"{best['beyond']['mean']:+.3f}".replace("-", "−")
    if best["scaling"] == "none":
        return NO_MENDING
    way = CALLED.get(best["scaling"], Text(best["scaling"], best["scaling"]))
    return MENDED.format(en=way.en, zh=way.zh, change=change)


def _found(folder: Path, text: bytes | None) -> dict[str, Any]:
    model, about = runs.load(folder)
    ids = _ids(about, text)
    architecture, context = model.architecture, model.architecture.shape.context
    apart = (len(ids) - 1) // LEAST  # else the same tokens would count as several stretches
    text_ends = max(apart, min(context, len(ids) - 2))
    limits = {"positions": architecture.position.reach(architecture), "text": text_ends, "size": LONGEST}
    length = min(TIMES * context, *(limit for limit in limits.values() if limit is not None))
    stopped = next((why for why, limit in limits.items() if limit == length < TIMES * context), None)
    rows = min(MOST, max(LEAST, TOKENS // length), (len(ids) - 1) // length)
    at_once = max(1, SCORES // (architecture.heads.query * length**2))
    near_RT = _near(model, list(stretches(ids, length, rows, at_once)))

    def line(scaling: str, reader: Transformer) -> dict[str, Any]:
        loss_RT = every_loss(reader, stretches(ids, length, rows, at_once)).double()
        beyond_R = (loss_RT - near_RT)[:, context:].nanmean(1) if length > context else torch.empty(0)
        return {"scaling": scaling, **_read(loss_RT, context), "beyond": interval(beyond_R.tolist()).to_dict()}

    lines = [line("none", model), *(line(kind, reader) for kind, reader in _rescaled(model))]
    return {
        "context": context,
        "reach": limits["positions"],
        "length": length,
        "stopped": stopped,
        "rows": rows,
        "lines": lines,
    }


def _ids(about: runs.About, text: bytes | None) -> "np.ndarray[Any, np.dtype[np.int32]]":
    """The tokens of the validation part that the run was judged on."""
    recipe, shape = about.recipe, about.architecture.shape
    task = prepare(recipe.data, recipe.tokenizer, shape.context, recipe.batch, shape.vocabulary, text)
    if not isinstance(task, Batches):
        raise Refusal(NO_TEXT.format(data=recipe.data), "recipe.data")
    confirm(recipe.data, task.hash, str(about.provenance.get("data_hash")))
    return task.validation_ids


def _near(model: Transformer, some: list[tuple[Tensor, Tensor]]) -> Tensor:
    """The loss [R, T] of the same tokens with half a context to a whole one before them; NaN where there is less."""
    context, length = model.architecture.shape.context, some[0][0].shape[1]
    near_RT = torch.full((sum(len(ids_BT) for ids_BT, _ in some), length), math.nan, dtype=torch.float64)
    half = context // 2
    for first in range(0, length - context + 1, max(1, context - half)):
        here = slice(first, first + context)
        windows = ((ids_BT[:, here], targets_BT[:, here]) for ids_BT, targets_BT in some)
        near_RT[:, first + half : first + context] = every_loss(model, windows)[:, half:].double()
    return near_RT


def _rescaled(model: Transformer) -> Iterator[tuple[str, Transformer]]:
    """The same weights with RoPE slowed for `TIMES` contexts, one way after the other; nothing without a plain RoPE."""
    architecture = model.architecture
    for scaling in SCALINGS if _plain_rope(architecture) else ():
        if scaling != "none":
            slow = Transformer(slowed(architecture, scaling, TIMES))
            slow.load_state_dict(model.state_dict())
            yield scaling, slow.eval()


def _plain_rope(architecture: Architecture) -> bool:
    position = architecture.position
    return isinstance(position, Rope) and position.scaling == "none"


def _read(loss_RT: Tensor, context: int) -> dict[str, Any]:
    """Means over bins of positions with their 95 % interval over stretches, and over the parts of the length."""
    length = loss_RT.shape[1]
    edges = _edges(context, length)
    bins = [interval(loss_RT[:, low:high].mean(1).tolist()) for low, high in zip(edges, edges[1:], strict=False)]
    return {
        "x": [(low + high + 1) / 2 for low, high in zip(edges, edges[1:], strict=False)],  # positions count from 1
        "y": [each.mean for each in bins],
        "low": [each.low for each in bins],
        "high": [each.high for each in bins],
        "parts": [_part(loss_RT, round(low * context), round(high * context)) for low, high in PARTS],
    }


def _part(loss_RT: Tensor, low: int, high: int) -> float | None:
    """The mean from position `low` to `high`, None where it was not read to the end."""
    return statistics.fmean(loss_RT[:, low:high].mean(1).tolist()) if high <= loss_RT.shape[1] and low < high else None


def _edges(context: int, length: int) -> list[int]:
    """Where bins of equal width in log position end, such that one ends at the context: 0, 1, …, context, …, length."""
    first, last = (math.ceil(BINS * math.log2(number / context)) for number in (1, length))
    inner = (round(context * 2 ** (step / BINS)) for step in range(first, last + 1))
    return sorted({0, *(edge for edge in inner if 0 < edge < length), length})


ENDS = Text(
    "{name}: its table of positions ends at {context}, the trained length. There is no row for position {beyond}, "
    "so nothing can be read beyond it, and the curve ends.",
    "{name}：位置表到训练长度 {context} 为止，第 {beyond} 个位置没有对应的行，后面无法读取，曲线到此结束。",
)
NO_MORE_TEXT = Text(
    "{name}: the validation part is no longer than the trained length of {context}, so nothing beyond it was read.",
    "{name}：验证文本不比训练长度 {context} 更长，因此没有读到更远处。",
)
STAYS = Text(
    "{name} stays: from {context} to {length} tokens its loss is {change} ± {half} nats against the same tokens read "
    "within the trained length.",
    "{name} 保持不变：从 {context} 到 {length} 个词元，损失与在训练长度之内读同样的词元相比变化 {change} ± {half} "
    "nat。",
)
RISES = Text(
    "{name} rises: from {context} to {length} tokens its loss is {change} ± {half} nats against the same tokens read "
    "within the trained length.",
    "{name} 上升：从 {context} 到 {length} 个词元，损失与在训练长度之内读同样的词元相比变化 {change} ± {half} nat。",
)
UNSURE = Text(
    "{name}: from {context} to {length} tokens its loss is {change} ± {half} nats against the same tokens read "
    "within the trained length; whether that is a rise cannot be told.",
    "{name}：从 {context} 到 {length} 个词元，损失与在训练长度之内读同样的词元相比变化 {change} ± {half} nat，"
    "尚不能判断是否上升。",
)
CALLED = {
    "linear": Text("linear scaling", "线性缩放"),
    "ntk": Text("NTK", "NTK"),
    "llama3": Text("LLaMA 3's way", "LLaMA 3 的方式"),
    "yarn": Text("YaRN", "YaRN"),
}
MENDED = Text(
    "Slowed by {en}, untrained for it, it rises least: {change} nats.",
    "不再训练、按 {zh} 放慢时上升最少：{change} nat。",
)
NO_MENDING = Text("No way to slow it, untrained for it, does better.", "不再训练时，没有哪种放慢方式更好。")
NO_TEXT = Text(
    "{data} is a task: its sequences have the length they have, and there is nothing to read beyond. Train on a text.",
    "{data} 是任务，序列长度固定，没有更长的内容可读。请改用文本训练。",
)
