"""What a table writes of an architecture: a few words for each axis, and what sets one architecture apart from another.

Knows the axes, no system. An option without words of its own here is written by its title.
"""

from collections.abc import Callable

from models.architecture import Architecture
from models.option import Axis
from models.position.rope import Rope
from models.spelling import Path, differences, paths, written
from models.text import Text

SHOWN = tuple(axis for axis in Architecture.axes() if axis != "init")  # almost nobody publishes how matrices start
NONE = Text("—", "—")
WORD_NONE = Text("none", "无")


def _same(words: str) -> Text:
    """Words that read alike in both languages."""
    return Text(words, words)


def cells(architecture: Architecture) -> dict[str, Text]:
    """The words for every axis in `SHOWN`; a dash for what there is not."""
    return {axis: _CELLS.get(axis, _titled)(architecture, getattr(architecture, axis)) for axis in SHOWN}


def contrast(axis: str, mine: Text, theirs: Text) -> Text:
    """ "norm (RMSNorm for LayerNorm)"."""
    return _contrast(Architecture.axes()[axis].axis_title, mine, theirs)


def finer(mine: Architecture, theirs: Architecture, axis: str) -> list[Text]:
    """ "epsilon (1e-6 for 1e-5)": the parameters by which two choices differ whose words are the same."""
    one, other = getattr(mine, axis), getattr(theirs, axis)
    values = {path: (getattr(one, path.field), getattr(other, path.field)) for path in _parameters(one, axis)}
    return [_contrast(path.title, _number(a), _number(b)) for path, (a, b) in values.items() if a != b]


def differing(mine: Architecture, theirs: Architecture) -> list[str]:
    """The axes in `SHOWN`, shape aside, on which two architectures differ."""
    changed = {path.partition(".")[0] for path in differences(mine, theirs)}
    return [axis for axis in SHOWN if axis in changed and axis != "shape"]


# One function an axis that has more to say than its title.


def _titled(architecture: Architecture, choice: Axis) -> Text:
    return NONE if choice.slug == "none" else choice.title


def _shape(architecture: Architecture, _: Axis) -> Text:
    shape = architecture.shape
    return _same(f"{shape.layers} × {shape.width:,}, V {shape.vocabulary:,}")


def _embedding(architecture: Architecture, _: Axis) -> Text:
    embedding = architecture.embedding
    scale, logits = _scale(embedding.scale), _scale(embedding.logit_scale)
    return _joined(
        Text("tied", "共享") if embedding.tied else Text("untied", "不共享"),
        _same(f"× {scale}") if scale else None,
        Text(f"logits × {logits}", f"logits × {logits}") if logits else None,
        Text(f"{embedding.size:,} wide", f"宽 {embedding.size:,}") if embedding.size is not None else None,
    )


def _norm(architecture: Architecture, _: Axis) -> Text:
    norm = architecture.norm
    gain, bias = getattr(norm, "gain", "w"), getattr(norm, "bias", norm.offset)
    return _joined(
        _titled(architecture, norm),
        _same("1 + w") if gain == "one_plus_w" else None,
        Text("no gain", "无增益") if gain == "none" else None,
        Text("no bias", "无偏置") if norm.slug == "layernorm" and not bias else None,
    )


def _placement(architecture: Architecture, _: Axis) -> Text:
    placement = architecture.placement
    usual = type(placement).model_fields["final"].default
    return _joined(
        placement.title,
        Text("also on embeddings", "嵌入后亦有") if placement.embedding else None,
        FINAL[placement.final] if placement.final != usual else None,
    )


def _layout(architecture: Architecture, _: Axis) -> Text:
    layout = architecture.layout
    return _joined(layout.title, _same(f"× {layout.residual:g}") if layout.residual != 1 else None)


def _feed_forward(architecture: Architecture, _: Axis) -> Text:
    choice, width = architecture.feed_forward, architecture.shape.width
    word = choice.called(choice.function())
    name = word[1] if word else _joined(choice.title, choice.function().title)
    clamp = getattr(choice, "clamp", None)
    ratio = f"{choice.hidden(width) / width:.4g}×"
    return _joined(
        Text(f"{name.en} {ratio}", f"{name.zh} {ratio}".replace("） ", "）")),
        _same(f"≤ {clamp:g}") if clamp is not None else None,
    )


def _position(architecture: Architecture, _: Axis) -> Text:
    position = architecture.position
    return _joined(
        _rope(position) if isinstance(position, Rope) else _titled(architecture, position),
        _pattern(getattr(position, "layers", "all")),
    )


def _rope(rope: Rope) -> Text:
    theta, local = _same(f"{rope.title.en} θ {rope.theta:,.0f}"), rope.local_theta
    return _joined(
        theta,
        Text(f"local {local:,.0f}", f"局部 {local:,.0f}") if local is not None and local != rope.theta else None,
        _same(f"{rope.fraction:.3g} K") if rope.fraction < 1 else None,
        *_stretched(rope),
        Text("interleaved", "奇偶配对") if rope.pairing == "interleaved" else None,
        Text("temperature", "查询温度") if rope.temperature is not None else None,
    )


def _stretched(rope: Rope) -> tuple[Text | None, ...]:
    """How RoPE is scaled, and what its local layers have instead."""
    own = rope.local_scaling
    full = None if rope.scaling == "none" else _same(f"{rope.scaling} × {rope.factor:g}")
    if own in ("same", rope.scaling) and rope.local_factor in (None, rope.factor):
        return (full,)
    if own == "none":
        return full, Text("local unscaled", "局部层不缩放")
    factor = rope.factor if rope.local_factor is None else rope.local_factor
    kind = rope.scaling if own == "same" else own
    return full, Text(f"local {kind} × {factor:g}", f"局部 {kind} × {factor:g}")


def _heads(architecture: Architecture, _: Axis) -> Text:
    heads, width = architecture.heads, architecture.heads.width(architecture)
    usual = heads.query * width == architecture.shape.width
    return _joined(
        _same(heads.reading()),
        None if usual else Text(f"{width} wide", f"头宽 {width}"),
        Text(f"scale {heads.scale:.4g}", f"缩放 {heads.scale:.4g}") if heads.scale is not None else None,
        Text(f"clip {heads.clip:g}", f"截断 {heads.clip:g}") if heads.clip is not None else None,
    )


def _qk_norm(architecture: Architecture, _: Axis) -> Text:
    choice = architecture.qk_norm
    kind = getattr(choice, "kind", "")
    return _joined(_titled(architecture, choice), _same(KINDS[kind]) if kind else None)


def _span(architecture: Architecture, _: Axis) -> Text:
    span = architecture.span
    if span.slug == "full":
        return span.title
    labels = [mark.label for mark in span.draw(architecture)]
    return _joined(*labels, _pattern(getattr(span, "pattern", "all")))


def _bias(architecture: Architecture, _: Axis) -> Text:
    places = architecture.bias.places
    words = [PLACES[place] for place in places.split("~") if place in PLACES]
    return Text(" + ".join(word.en for word in words), " + ".join(word.zh for word in words)) if words else NONE


def _numbered(architecture: Architecture, choice: Axis) -> Text:
    value = getattr(choice, choice.abbreviates)
    return NONE if not value else _number(value)


FINAL = {True: Text("final", "末尾有"), False: Text("no final", "末尾无")}
KINDS = {"rmsnorm": "RMSNorm", "layernorm": "LayerNorm"}
PLACES = {
    "all": Text("all", "全部"),
    "qkv": _same("q, k, v"),
    "attention_out": Text("attention out", "注意力输出"),
    "feed_forward": Text("feed-forward", "前馈层"),
    "head": Text("head", "输出头"),
}
_CELLS: dict[str, Callable[[Architecture, Axis], Text]] = {
    "shape": _shape,
    "embedding": _embedding,
    "norm": _norm,
    "placement": _placement,
    "layout": _layout,
    "feed_forward": _feed_forward,
    "position": _position,
    "heads": _heads,
    "qk_norm": _qk_norm,
    "span": _span,
    "bias": _bias,
    "attention_cap": _numbered,
    "output_cap": _numbered,
    "z_loss": _numbered,
    "dropout": _numbered,
}


# Words.


def _contrast(title: Text, mine: Text, theirs: Text) -> Text:
    one, other = (WORD_NONE if words == NONE else words for words in (mine, theirs))
    space = " " if other.zh[0].isascii() else ""
    return Text(f"{title.within().en} ({one.en} for {other.en})", f"{title.zh}（{one.zh}，后者为{space}{other.zh}）")


def _parameters(choice: Axis, axis: str) -> list[Path]:
    return [path for path in paths() if path.axis == axis and path.option in ("", choice.slug)]


def _pattern(word: str) -> Text | None:
    """Which layers, in words; None where it is all of them."""
    known = {"all": None, "alternate": Text("alternate layers", "隔层"), "local": Text("local layers", "局部层")}
    return known.get(word, _same(word.replace("_to_", ":")))


def _scale(scale: float | str) -> str:
    words = {"none": "", "sqrt_width": "√d", "inverse_sqrt_width": "1/√d"}
    return words[scale] if isinstance(scale, str) else f"{scale:.4g}"


def _number(value: object) -> Text:
    """A parameter's value: 1e-5 and not 1e-05 or 0.00001."""
    if not isinstance(value, float) or abs(value) >= 1e-3 or not value:
        return _same(f"{value:,g}" if isinstance(value, float) else written(value))
    digits, exponent = f"{value:e}".split("e")
    return _same(f"{float(digits):g}e{int(exponent)}")


def _joined(*parts: Text | None) -> Text:
    there = [part for part in parts if part is not None]
    return Text(", ".join(part.en for part in there), "、".join(part.zh for part in there))
