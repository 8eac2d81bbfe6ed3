"""Rotary parameters as configurations have them: of version 5 (`rope_parameters`, flat or one set for each kind of
layer) and older (`rope_theta`, `rope_scaling`, `partial_rotary_factor`). Knows no model type.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from models.hugging_face.config import Config, Fields, UnsupportedArchitecture
from models.hugging_face.sizes import head_width
from models.pattern import shortest
from models.text import Text

IDLE = (  # what a scaling may carry that its kind does not read
    "factor", "original_max_position_embeddings", "attention_factor", "beta_fast", "beta_slow", "short_factor",
    "long_factor", "low_freq_factor", "high_freq_factor", "mscale", "mscale_all_dim", "truncate", "type", "finetuned",
)  # fmt: skip


OUTSIDE = ("rope_theta", "partial_rotary_factor")  # as they are called outside the rotary parameters


def rope(
    config: Config,
    partial: bool = False,
    odd: bool = False,
    scalings: Sequence[str] = (),
    outside: tuple[str, str] = OUTSIDE,
) -> Fields:
    """The position's fields.

    `partial`: does this type rotate a part of each head, as `partial_rotary_factor` says? One that rotates whole heads
    ignores the factor; with a scaling the reference cannot run it. `odd`: does it round an odd part up, where others
    cannot run? `scalings`: those that the reference lets this type have, if not all. `outside`: the names that θ and
    the factor have outside the rotary parameters.
    """
    scaling, parameters = config.section("rope_scaling"), config.section("rope_parameters")
    unused, used = (scaling, parameters) if scaling.is_empty() else (parameters, scaling)
    unused.skip_all()
    fields: Fields = {"option": "rope", "theta": _either(used, config, "rope_theta", outside[0])}
    fraction = _either(used, config, "partial_rotary_factor", outside[1], 1.0)
    fields |= _scaled(used, _original(config), lambda: used.switch("truncate") if used.holds("truncate") else True)
    if scalings and fields.get("scaling", "default") not in scalings:
        raise _no_such(used, scalings)
    if partial:
        return _in_part(fields, fraction, head_width(config), odd)
    if fraction != 1 and "scaling" in fields:
        holder = used if used.holds("partial_rotary_factor") else config
        raise holder.refused("partial_rotary_factor", WHOLE_HEADS)
    return fields


def _in_part(rotation: Fields, fraction: float, width: int, odd: bool) -> Fields:
    """The rotation of the first entries of a head; an odd number of them is rounded up if `odd`.

    Exponents keep the odd number as their divisor then, which is a larger θ over the even one; yarn's ramp would
    need it too.
    """
    turned = int(width * fraction)
    if not odd or turned % 2 == 0 or not 0 < turned < width or rotation.get("scaling") == "yarn":
        return {**rotation, "fraction": fraction} if turned else {"option": "none"}
    theta = rotation["theta"] ** ((turned + 1) / turned)
    return {**rotation, "theta": theta, "fraction": share(turned + 1, width)}


def share(entries: int, width: int) -> float:
    """The fraction of a head that is so many of its entries, whichever way it rounds."""
    fraction = entries / width
    return fraction if int(fraction * width) == entries else math.nextafter(fraction, 1.0)


WHOLE_HEADS = Text(
    "this model type rotates whole heads, and with this scaling it cannot rotate a part.",
    "该模型类型旋转整个头，与这种缩放同用时无法只旋转一部分。",
)


def rope_by_kind(config: Config, kinds: list[str], local_theta: float) -> Fields:
    """The position's fields where layers with a window have rotary parameters of their own.

    `kinds`: each layer's; `local_theta`: θ of the windowed layers, if their own parameters do not say it.
    """
    parameters, scaling = config.section("rope_parameters"), config.section("rope_scaling")
    both = {kind: parameters.section(kind) for kind in ("full_attention", "sliding_attention")}
    usual = both["full_attention"] if config.holds("rope_parameters") else Config({"rope_type": "default"})
    full, local = scaling.over(usual), both["sliding_attention"]  # so a `type` alone is overlooked, as theirs is
    original = config.whole("max_position_embeddings")

    def truncate() -> bool:  # the reference looks for it beside the kinds, not inside
        return parameters.switch("truncate") if parameters.holds("truncate") else True

    of_full = {"theta": _either(full, config, "rope_theta", "rope_theta"), **_scaled(full, original, truncate)}
    theta = local.number("rope_theta") if local.holds("rope_theta") else local_theta
    of_local = {"theta": theta, **_scaled(local, original, truncate)}
    for section in (full, local, parameters, config):  # what stands beside the kinds, or above, is not read
        section.skip("partial_rotary_factor", "truncate", "rope_theta", "rope_type", *IDLE)
    if set(kinds) == {"sliding_attention"}:
        return {"option": "rope", **of_local}
    if set(kinds) == {"full_attention"} or of_full == of_local:
        return {"option": "rope", **of_full}
    return {"option": "rope", **of_full, **_beside(of_full, of_local, config)}


def _beside(full: Fields, local: Fields, config: Config) -> Fields:
    """What the windowed layers have for themselves: a θ, and a scaling or none."""
    own: Fields = {} if local["theta"] == full["theta"] else {"local_theta": local["theta"]}
    kinds = [{key: value for key, value in kind.items() if key != "theta"} for kind in (full, local)]
    if kinds[0] == kinds[1]:
        return own
    of_full, of_local = ({key: kind[key] for key in kind if key not in ("scaling", "factor")} for kind in kinds)
    if of_full and of_local and of_full != of_local:
        why = Text(
            "both kinds of layers are scaled, and they differ in more than kind and factor of the scaling.",
            "两类层都做了缩放，且除缩放方式与倍数之外还有其他参数不同。",
        )
        raise config.refused("rope_parameters", why)
    own["local_scaling"] = local.get("scaling", "none")
    return own | of_local | ({"local_factor": local["factor"]} if "factor" in local else {})


def in_layers(position: Fields, acts: Sequence[bool]) -> Fields:
    """The position in those layers alone; none at all if it acts in no layer."""
    if not any(acts):
        return {"option": "none"}
    return position if all(acts) else {**position, "layers": shortest(tuple(acts))}


def _either(section: Config, config: Config, key: str, outside: str, absent: float | None = None) -> float:
    """`key` in the rotary parameters, else `outside` in the configuration itself, else that type's default."""
    if section.holds(key):
        config.skip(outside)
        return section.number(key)
    return config.number(outside) if config.knows(outside) or absent is None else absent


def _original(config: Config) -> int:
    """The context before scaling, unless the rotary parameters say it; beside them, the key outweighs them."""
    key = "original_max_position_embeddings"
    return config.whole(key if config.holds(key) else "max_position_embeddings")


def _scaled(section: Config, original: int, truncate: Callable[[], bool]) -> Fields:
    """The scaling's fields, empty where there is none."""
    key = _key(section)
    kind = section.word(key) if section.holds(key) else "default"
    if kind not in SCALINGS:
        raise _no_such(section, SCALINGS)
    fields = SCALINGS[kind](section, original)
    if kind == "yarn":
        fields["truncate"] = truncate()
    section.skip(*IDLE)
    return fields


def _key(section: Config) -> str:
    return "rope_type" if section.holds("rope_type") else "type"


def _no_such(section: Config, known: Iterable[str]) -> UnsupportedArchitecture:
    en, zh = (separator.join(known) for separator in (", ", "、"))
    return section.refused(_key(section), Text(f"of scalings there are {en}.", f"可用的缩放方式有 {zh}。"))


def _linear(section: Config, original: int) -> Fields:
    return {"scaling": "linear", "factor": section.number("factor")}


def _llama3(section: Config, original: int) -> Fields:
    return {
        "scaling": "llama3",
        "factor": section.number("factor"),
        "low": section.number("low_freq_factor"),
        "high": section.number("high_freq_factor"),
        "original": _own_original(section, original),
    }


def _yarn(section: Config, original: int) -> Fields:
    original = _own_original(section, original)
    factor = section.number("factor")
    fields: dict[str, Any] = {"scaling": "yarn", "factor": factor, "original": original}
    for ours, theirs in (("fast", "beta_fast"), ("slow", "beta_slow")):
        if section.holds(theirs) and section.number(theirs):
            fields[ours] = section.number(theirs)
    if section.holds("attention_factor"):
        fields["attention_factor"] = section.number("attention_factor")
    elif section.holds("mscale") and section.holds("mscale_all_dim"):
        over, under = section.number("mscale"), section.number("mscale_all_dim")
        if over and under:
            fields["attention_factor"] = _grown(factor, over) / _grown(factor, under)
    return fields


def _grown(factor: float, by: float) -> float:
    return 1.0 if factor <= 1 else 0.1 * by * math.log(factor) + 1.0


def _own_original(section: Config, original: int) -> int:
    key = "original_max_position_embeddings"
    return section.whole(key) if section.holds(key) else original


SCALINGS: dict[str, Callable[[Config, int], Fields]] = {
    "default": lambda section, original: {},
    "linear": _linear,
    "llama3": _llama3,
    "yarn": _yarn,
}
