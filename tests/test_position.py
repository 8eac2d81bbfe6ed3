"""Positions that act in attention: where they act, and their biases against published numbers and formulas by hand."""

import pytest
import torch
from exported import exported
from test_models_attention import EXACT, explicit_logits, in_steps
from torch import Tensor
from transformers import T5Config
from transformers.models.falcon.modeling_falcon import build_alibi_tensor
from transformers.models.t5.modeling_t5 import T5Attention
from variants import CONTEXT, randomized, some_ids, variants

from models.architecture import Architecture
from models.block import Attention, Pass
from models.drawing import Mark
from models.hooks import Place
from models.position.alibi import penalty, rounded_penalty, slopes
from models.position.base import Layered, Position
from models.position.t5 import T5, Buckets, buckets
from models.position.transformer_xl import Layer, Relative
from models.spelling import Path, change, paths
from models.text import Refusal
from models.transformer import Transformer
from models.twin import twin
from models.waves import waves
from playground.verify import verify

BASE = variants()["base"]
GENERATOR = torch.Generator().manual_seed(0)
LAYERED = [slug for slug, option in Position.options().items() if issubclass(option, Layered)]
WINDOWS = "span=window,span.window=6,span.pattern=alternate"


def spelt(text: str) -> dict[str, str]:
    return dict(one.split("=") for one in text.split(",") if one)


def model_of(text: str) -> Transformer:
    """The base with changes, random, in float64."""
    return randomized(change(BASE, spelt(text))).double()


COMBINED = [
    "position=rope,position.layers=local," + WINDOWS,
    "position=rope,position.layers=ox,position.temperature=0.5,position.temperature_length=4",
    "position=rope,position.scaling=yarn,position.local_scaling=llama3,position.local_theta=50," + WINDOWS,
    "position=rope,position.scaling=ntk,position.fraction=0.5,position.pairing=interleaved",
    "position=rope,position.scaling=linear,qk_norm=after_rope,position.layers=alternate",
    "position=alibi,position.rounding=bfloat16,position.inside_scale=on,position.slopes=3,heads.query=6," + WINDOWS,
    "position=alibi,position.layers=local,attention_cap=5," + WINDOWS,
    "position=t5,position.buckets=8,position.distance=20,heads.scale=1," + WINDOWS,
    "position=transformer_xl,position.layers=local," + WINDOWS,
    "position=transformer_xl,qk_norm=after_rope,sink=learned,attention_cap=5,heads.scale=0.3," + WINDOWS,
]


@pytest.mark.parametrize("text", COMBINED)
@torch.no_grad()
def test_fast_equals_explicit_and_steps_equal_the_whole(text: str) -> None:
    """At every split into two, and token by token; beyond the context too."""
    model, ids_BT = model_of(text), some_ids(length=CONTEXT + 5)
    whole = model(ids_BT)
    assert torch.allclose(whole, explicit_logits(model, ids_BT)[0], **EXACT)
    assert torch.allclose(whole, in_steps(model, ids_BT, (1,) * (CONTEXT + 5)), **EXACT)
    for split in (1, 5, 6, 7, CONTEXT, CONTEXT + 4):
        assert torch.allclose(whole, in_steps(model, ids_BT, (split, CONTEXT + 5 - split)), **EXACT), split


@pytest.mark.parametrize("text", [COMBINED[number] for number in (1, 2, 5, 7, 8)])
def test_exports_are_the_model(text: str) -> None:
    """Beside the pairwise design, which exports every level of every parameter: what needs others to matter."""
    file = exported(f"{text},heads.head_dim=8,heads.kv=2")
    found = verify(file.path, file.model)
    assert found.passed and max(found.lengths) > file.model.architecture.shape.context, found


@torch.no_grad()
def attended(model: Transformer, layer: int, h_BTD: Tensor) -> Tensor:
    """What the attention of `layer` makes of `h_BTD`."""
    attention = model.blocks[layer].get_submodule("attention")
    assert isinstance(attention, Attention)
    at = Place(torch.arange(h_BTD.shape[1]), layer=layer, site="attention")
    return attention(h_BTD, Pass(at), at)


@pytest.mark.parametrize("slug", LAYERED)
@pytest.mark.parametrize(
    ("layers", "more", "acting"),
    [
        ("all", "", (0, 1, 2, 3)),
        ("alternate", "", (0, 2)),
        ("3_to_1", "", (0, 1, 2)),
        ("oxx", "", (1, 2)),
        ("local", "span=window,span.window=40,span.pattern=2_to_1", (0, 1, 3)),
    ],
)
def test_a_layer_without_is_one_of_a_model_without(slug: str, layers: str, more: str, acting: tuple[int, ...]) -> None:
    def made(position: str) -> Transformer:
        return model_of(f"shape.layers=4,{more}{',' if more else ''}position={position}")

    mixed, everywhere, nowhere = made(f"{slug},position.layers={layers}"), made(slug), made("none")
    h_BTD = torch.randn(2, 12, 24, generator=GENERATOR, dtype=torch.float64)
    for layer in range(4):
        found = attended(mixed, layer, h_BTD)
        expected = attended(everywhere if layer in acting else nowhere, layer, h_BTD)
        other = attended(nowhere if layer in acting else everywhere, layer, h_BTD)
        assert torch.allclose(found, expected, **EXACT) and not torch.allclose(found, other, rtol=0, atol=1e-4)
        assert mixed.architecture.position.acts(mixed.architecture, layer) == (layer in acting)


@pytest.mark.parametrize("slug", Position.options())
def test_other_positions_act_everywhere(slug: str) -> None:
    architecture = change(BASE, {"position": slug})
    assert all(architecture.position.acts(architecture, layer) for layer in range(2))


@pytest.mark.parametrize("slug", Position.options())
@torch.no_grad()
def test_one_layer_without_positions_cannot_tell_the_order_of_its_prefix_and_two_can(slug: str) -> None:
    ids_BT = some_ids(batch=1, length=12)
    turned = torch.cat((ids_BT[:, :-1].flip(1), ids_BT[:, -1:]), 1)
    for layers in (1, 2):
        model = model_of(f"position={slug},shape.layers={layers}")
        difference = (model(ids_BT)[0, -1] - model(turned)[0, -1]).abs().max()
        assert difference < 1e-12 if slug == "none" and layers == 1 else difference > 1e-4


REFUSED = {
    "position=rope,position.layers=local": {"position.layers", "span"},
    "position=alibi,position.layers=oox,shape.layers=2": {"position.layers", "shape.layers"},
    "position=t5,position.layers=ooo": {"position.layers"},
    "position=t5,position.layers=every": {"position.layers"},
    "position=t5,position.distance=16": {"position.distance", "position.buckets"},
    "position=rope,position.low=5": {"position.low", "position.high"},
    "position=rope,position.fast=0.5": {"position.slow", "position.fast"},
    "position=rope,position.scaling=longrope": {"position.scaling"},
    "position=rope,position.local_scaling=all": {"position.local_scaling"},
    "position=rope,position.fraction=0.4": {"position.fraction", "heads.head_dim"},
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        change(BASE, spelt(text))
    assert set(caught.value.fields) == REFUSED[text]
    assert all(field in sentence for field in caught.value.fields for sentence in caught.value.text)


def published(text: str, layers: int = 24) -> Architecture:
    shape = f"shape.layers={layers},shape.context=8192,heads.query=16,heads.kv=16,heads.head_dim=64,"
    return change(Architecture(), spelt(shape + text))


def test_a_twin_keeps_the_pattern_and_shortens_lengths() -> None:
    def tiny(text: str) -> Architecture:
        return twin(published(text))[0]

    assert tiny("position=rope,position.layers=5_to_1").shape.layers == 6
    assert tiny("position=rope,position.layers=local,span=window,span.window=1024,span.pattern=xxxxo").shape.layers == 5
    assert tiny("position=alibi,position.layers=xxoxo,span=window,span.pattern=2_to_1").shape.layers == 15
    assert tiny("position=t5,position.distance=8192").position.model_dump()["distance"] == 64
    assert tiny("position=t5").position.model_dump()["distance"] == 32  # not below the buckets
    scaled = tiny("position=rope,position.scaling=llama3,position.original=2048").position.model_dump()
    assert (scaled["original"], scaled["temperature_length"]) == (16, 8192)
    warm = twin(published("position=rope,position.temperature=0.1"))
    assert warm[0].position.model_dump()["temperature_length"] == 64 and not warm[1]


# ALiBi


@pytest.mark.parametrize(
    ("heads", "expected"),
    {
        4: [2**-2, 2**-4, 2**-6, 2**-8],
        6: [0.25, 0.0625, 0.015625, 0.00390625, 0.5, 0.125],
        8: [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625],
        12: [*(2**-h for h in range(1, 9)), 2**-0.5, 2**-1.5, 2**-2.5, 2**-3.5],
        1: [2**-8],
    }.items(),
)
def test_alibi_slopes(heads: int, expected: list[float]) -> None:
    assert slopes(heads) == pytest.approx(expected, rel=1e-12)
    assert slopes(heads, 4.0) == pytest.approx([slope**0.5 for slope in expected], rel=1e-12)


def test_alibi_penalizes_distance() -> None:
    bias_HTS = penalty(slopes(4), torch.tensor([7, 500]), torch.arange(501))
    for head, slope in enumerate(slopes(4)):
        for row, i in enumerate((7, 500)):
            assert bias_HTS[head, row].tolist() == pytest.approx([-slope * (i - j) for j in range(501)])


@pytest.mark.parametrize("heads", [4, 12])
def test_rounded_alibi_is_falcons(heads: int) -> None:
    """Up to a number that is the same for all keys of a query, which no softmax feels."""
    T = 700  # more than 8 bits can count
    theirs_HS = build_alibi_tensor(torch.ones(1, T, dtype=torch.long), heads, torch.float32)[:, 0]
    ours_HTS = rounded_penalty(slopes(heads), torch.tensor([3, T - 1]), torch.arange(T))
    shift_HT1 = (ours_HTS - theirs_HS[:, None]).mean(-1, keepdim=True)
    assert torch.allclose(ours_HTS - shift_HT1, theirs_HS[:, None].expand_as(ours_HTS), rtol=0, atol=1e-3)
    assert ours_HTS[:, 0, 3].tolist() == ours_HTS[:, 1, -1].tolist() == [0.0] * heads
    exact = penalty(slopes(heads), torch.tensor([T - 1]), torch.arange(T))
    assert (ours_HTS[:, 1:] - exact).abs().max() > 0.1


def biased(text: str, scale: float) -> Tensor:
    """What the position adds in layer 0 at a score scale."""
    architecture = change(BASE, spelt(text))
    at = Place(torch.arange(5), layer=0, keys_S=torch.arange(5), scale=scale)
    found = architecture.position.build(architecture).on_bias(None, at)
    assert found is not None
    return found


def test_alibi_inside_the_scale_is_scaled() -> None:
    plain = biased("position=alibi", 0.3)
    assert torch.equal(plain, penalty(slopes(4), torch.arange(5), torch.arange(5)))
    assert torch.allclose(biased("position=alibi,position.inside_scale=on", 0.3), 0.3 * plain)
    model = model_of("position=alibi,position.inside_scale=on,heads.scale=0.3")
    seen: list[float] = []
    attention = model.blocks[0].get_submodule("attention")
    assert isinstance(attention, Attention)
    on_bias = attention.chain.acts["on_bias"][0]
    attention.chain.acts["on_bias"] = [lambda bias, at: seen.append(at.scale) or on_bias(bias, at)]
    model(some_ids())
    assert seen == [0.3, 0.3]


# T5

PUBLISHED = {n: n for n in range(16)} | {
    16: 16, 18: 16, 20: 17, 23: 18, 26: 19, 30: 20, 40: 23, 64: 26, 90: 29, 112: 30, 113: 31, 127: 31, 128: 31,
}  # fmt: skip


def test_buckets_are_the_published_ones() -> None:
    found = buckets(32, 128)
    assert len(found) == 129 and {n: found[n] for n in PUBLISHED} == PUBLISHED


@pytest.mark.parametrize(("count", "distance"), [(32, 128), (32, 1000), (8, 20), (7, 50), (2, 9), (64, 33)])
def test_t5s_bias_is_the_references(count: int, distance: int) -> None:
    """A decoder's, at distances far beyond the last bucket."""
    config = T5Config(
        num_heads=6, d_model=12, d_kv=2, relative_attention_num_buckets=count,
        relative_attention_max_distance=distance, is_decoder=True,
    )  # fmt: skip
    theirs = T5Attention(config, has_relative_attention_bias=True, layer_idx=0)
    ours = Buckets(T5(buckets=count, distance=distance), 6, (True,))
    T, S = 5, 3 * distance
    with torch.no_grad():
        ours.table.copy_(theirs.relative_attention_bias.weight.normal_())
        expected = theirs.compute_bias(T, S, past_seen_tokens=S - T)[0]
        found = ours.bias(torch.arange(S - T, S), torch.arange(S))
    assert torch.equal(found, expected)


def test_t5_has_one_table_for_all_layers_and_starts_without_preference() -> None:
    names = {name: weight for name, weight in Transformer(change(BASE, {"position": "t5"})).named_parameters()}
    assert [name for name in names if "position" in name] == ["parts.position.table"]
    assert not names["parts.position.table"].any()


# Transformer-XL


@torch.no_grad()
def test_transformer_xl_is_the_papers_equation() -> None:
    """A_ij = q·k + q·W r + u·k + v·W r, with loops, every layer and head; grouped keys, a score scale."""
    model = model_of("position=transformer_xl,heads.query=4,heads.kv=2,heads.scale=0.4,bias=none")
    ids_BT = some_ids(batch=1, length=7)
    seen: dict[int, Tensor] = {}
    for layer, block in enumerate(model.blocks):

        def see(_: object, inputs: tuple[Tensor, ...], layer: int = layer) -> None:
            seen[layer] = inputs[0][0]

        block.get_submodule("attention").register_forward_pre_hook(see)
    maps = model.maps(ids_BT)
    sines_TD = waves(torch.arange(7), 24).double()
    relative = model.get_submodule("parts.position")
    assert isinstance(relative, Relative) and len(maps) == 2
    for layer, map_BHTT in enumerate(maps):
        own = relative.layers[str(layer)]
        attention = model.blocks[layer].get_submodule("attention")
        assert isinstance(own, Layer) and isinstance(attention, Attention)
        h_TD = seen[layer]
        made = (attention.query(h_TD), attention.key(h_TD), own.relative(sines_TD))
        q, k, r = (x.unflatten(-1, (-1, 8)) for x in made)
        for head in range(4):
            for i in range(7):
                scores = [
                    q[i, head] @ k[j, head // 2] + q[i, head] @ r[i - j, head]
                    + own.u[head] @ k[j, head // 2] + own.v[head] @ r[i - j, head]
                    for j in range(i + 1)
                ]  # fmt: skip
                assert torch.allclose(map_BHTT[0, head, i, : i + 1], (0.4 * torch.stack(scores)).softmax(0), **EXACT)


def test_transformer_xl_has_parameters_where_it_acts_alone() -> None:
    model = Transformer(change(BASE, spelt("position=transformer_xl,position.layers=ox")))
    names = [name for name, _ in model.named_parameters() if "position" in name]
    assert sorted(names) == [f"parts.position.layers.1.{name}" for name in ("relative.weight", "u", "v")]


# The picture

USE = {  # what makes a parameter matter
    "position.local_scaling": "",
    "position.low": "position.scaling=llama3",
    "position.high": "position.scaling=llama3",
    "position.original": "position.scaling=llama3",
    "position.factor": "position.scaling=ntk",
    "position.local_factor": "position.scaling=linear",
    "position.fast": "position.scaling=yarn",
    "position.slow": "position.scaling=yarn",
    "position.attention_factor": "position.scaling=yarn",
    "position.truncate": "position.scaling=yarn",
    "position.temperature_length": "position.temperature=0.1",
}
OTHERS = {"switch": ("on", "off"), "whole": ("24", "48"), "number": ("2.5", "3"), "text": ("x", "o")}
PARAMETERS = [path for path in paths() if path.axis == "position"]


def marks(architecture: Architecture) -> tuple[Mark, ...]:
    return architecture.position.draw(architecture)


@pytest.mark.parametrize("path", PARAMETERS, ids=[f"{path.option} {path.name}" for path in PARAMETERS])
def test_every_parameter_is_drawn(path: Path) -> None:
    use = USE.get(path.name, "")
    base = change(BASE, spelt(f"{WINDOWS},position={path.option},{use}"))
    others = ("0.5", "0.25") if path.maximum == 1 else OTHERS.get(path.kind, ())
    levels = path.choices[:2] if path.choices else (*others, *(["none"] if path.optional else []))
    drawn = {marks(change(base, {path.name: level})) for level in levels}
    assert len(drawn) == len(levels)
