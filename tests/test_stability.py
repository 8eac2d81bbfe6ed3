"""What keeps attention and stream in bounds, told from outside: formulas by hand, and the published modules."""

import math
from collections.abc import Callable

import pytest
import torch
from exported import exported
from test_models_equations import block_of, norm, parts, stream
from torch import Tensor, nn
from transformers import GptOssConfig
from transformers.models.cohere.modeling_cohere import CohereLayerNorm
from transformers.models.gpt_oss.modeling_gpt_oss import GptOssExperts
from transformers.models.llama4.modeling_llama4 import Llama4TextL2Norm
from transformers.models.olmo2.modeling_olmo2 import Olmo2RMSNorm
from transformers.models.qwen3.modeling_qwen3 import Qwen3RMSNorm
from transformers.models.stablelm.modeling_stablelm import StableLmLayerNormPerHead
from variants import randomized, some_ids, variants

import models.block
from models.architecture import Architecture
from models.attention import Scoring
from models.feed_forward.gated import Gated, GatedModule
from models.initialize import initialize
from models.position.rope import Rope
from models.qk_norm.base import Normalizing, QKNorm
from models.spelling import change
from models.text import Refusal
from models.transformer import Transformer
from playground.verify import verify

Heads = tuple[Tensor, Tensor, Tensor]  # q_BHTK, k_BGTK, v_BGTK
H, G, K, EPS = 4, 2, 8, 1e-3
ONE_LAYER = change(variants()["base"], {"shape.layers": "1", "position": "none"})
NORMALIZING = [slug for slug, option in QKNorm.options().items() if issubclass(option, Normalizing)]


def model_of(spelt: str, base: Architecture = ONE_LAYER) -> Transformer:
    """A random model of the base with the changes in `spelt`, in float64."""
    return randomized(change(base, dict(one.split("=") for one in spelt.split(",")))).double()


def met(model: Transformer) -> list[Heads]:
    """Queries, keys and values of every layer as they meet."""
    seen: list[Heads] = []
    fast = models.block.fast

    def recording(q: Tensor, k: Tensor, v: Tensor, scoring: Scoring) -> Tensor:
        seen.append((q, k, v))
        return fast(q, k, v, scoring)

    with pytest.MonkeyPatch.context() as patch, torch.no_grad():
        patch.setattr(models.block, "fast", recording)
        model(some_ids())
    return seen


@torch.no_grad()
def projected(model: Transformer) -> Heads:
    """What the first layer's projections give, at full width."""
    h_BTD = norm(model, "input", "attention")(stream(model))
    q, k, v = (model.get_submodule(f"blocks.0.attention.{name}")(h_BTD) for name in ("query", "key", "value"))
    return q, k, v


def split(x_BTE: Tensor) -> Tensor:
    return x_BTE.unflatten(-1, (-1, K)).transpose(1, 2)


def by_hand(x: Tensor, kind: str) -> Tensor:
    """Normalized over the last dimension, neither gain nor offset."""
    centred = x - x.mean(-1, keepdim=True) if kind == "layernorm" else x
    return centred / (centred.square().mean(-1, keepdim=True) + EPS).sqrt()


def affine(model: Transformer, name: str, y_BHTK: Tensor) -> Tensor:
    """Times the gain and plus the offset of query or key, whatever shape they have."""
    heads = y_BHTK.shape[1]
    for kind, apply in (("weight", torch.mul), ("bias", torch.add)):
        found = dict(model.named_parameters()).get(f"parts.qk_norm.{name}.0.{kind}")
        if found is not None:
            one_head = found.numel() == K
            y_BHTK = apply(y_BHTK, found if one_head else found.reshape(heads, 1, K))
    return y_BHTK.detach()


@pytest.mark.parametrize("kind", ["rmsnorm", "layernorm"])
@pytest.mark.parametrize("slug", NORMALIZING)
def test_queries_and_keys_by_hand(slug: str, kind: str) -> None:
    offset = "on" if kind == "layernorm" else "off"
    spelt = f"qk_norm={slug},qk_norm.kind={kind},qk_norm.eps={EPS},qk_norm.bias={offset},qk_norm.gain=w"
    model = model_of(spelt)
    for name, x_BTE, found in zip(("query", "key"), projected(model), met(model)[0], strict=False):
        whole = slug == "full_width"
        normal = split(by_hand(x_BTE, kind)) if whole else by_hand(split(x_BTE), kind)
        assert torch.allclose(found, affine(model, name, normal)), name
    assert torch.allclose(met(model)[0][2], split(projected(model)[2]))


GAINS = {"per_head": ((K,), (K,)), "per_head_weights": ((H, K), (G, K)), "full_width": ((H * K,), (G * K,))}


@pytest.mark.parametrize("slug", GAINS)
def test_how_many_gains_there_are(slug: str) -> None:
    model = model_of(f"qk_norm={slug}")
    assert (
        tuple(tuple(model.get_parameter(f"parts.qk_norm.{n}.0.weight").shape) for n in ("query", "key")) == GAINS[slug]
    )
    assert not [name for name, _ in model_of("qk_norm=after_rope").named_parameters() if "qk_norm" in name]


def of_stablelm(heads: int, weight: Tensor) -> nn.Module:
    module = StableLmLayerNormPerHead(K, heads, eps=EPS)
    for part, row in zip(module.norms, weight, strict=True):
        assert isinstance(part, nn.LayerNorm)
        part.weight.copy_(row)
    return module


def with_weight(module: nn.Module, weight: Tensor) -> nn.Module:
    module.get_parameter("weight").copy_(weight)
    return module


Published = Callable[[int, Tensor], Callable[[Tensor], Tensor]]  # heads, our gain: x at full width to x_BHTK
PUBLISHED: dict[str, tuple[str, Published]] = {
    "Qwen3": ("per_head", lambda heads, w: lambda x: with_weight(Qwen3RMSNorm(K, EPS), w)(split(x))),
    "OLMo 2": ("full_width", lambda heads, w: lambda x: split(with_weight(Olmo2RMSNorm(heads * K, EPS), w)(x))),
    "Command R+": (
        "per_head_weights,qk_norm.kind=layernorm",
        lambda heads, w: (
            lambda x: with_weight(CohereLayerNorm((heads, K), EPS), w)(split(x).transpose(1, 2)).transpose(1, 2)
        ),
    ),
    "StableLM": ("per_head_weights,qk_norm.kind=layernorm", lambda heads, w: lambda x: of_stablelm(heads, w)(split(x))),
    "Llama 4": ("after_rope", lambda heads, w: lambda x: Llama4TextL2Norm(EPS)(split(x))),
}


@pytest.mark.parametrize("name", PUBLISHED)
@torch.no_grad()
def test_queries_and_keys_are_those_of_published_modules(name: str) -> None:
    spelt, published = PUBLISHED[name]
    model = model_of(f"qk_norm={spelt},qk_norm.eps={EPS}").float()
    for part, x_BTE, found in zip(("query", "key"), projected(model), met(model)[0], strict=False):
        weight = dict(model.named_parameters()).get(f"parts.qk_norm.{part}.0.weight", torch.ones(()))
        assert torch.allclose(published(x_BTE.shape[-1] // K, weight)(x_BTE), found, rtol=0, atol=1e-5), part


@pytest.mark.parametrize("slug", NORMALIZING)
@torch.no_grad()
def test_only_the_full_width_lets_heads_interact(slug: str) -> None:
    model = model_of(f"qk_norm={slug},qk_norm.eps=1e-12")
    before = met(model)[0][0]
    model.get_parameter("blocks.0.attention.query.weight")[:K] *= 10
    model.get_parameter("blocks.0.attention.query.bias")[:K] *= 10
    after = met(model)[0][0]
    assert torch.allclose(before, after) == (slug != "full_width")
    assert torch.allclose(before[:, 1:], after[:, 1:]) == (slug != "full_width")


def test_after_rotation_is_as_before_it_without_a_gain_alone() -> None:
    def logits(slug: str, gain: str) -> Tensor:
        model = model_of(f"qk_norm={slug},position=rope,qk_norm.gain={gain}")
        return model(some_ids())

    assert torch.allclose(logits("per_head", "none"), logits("after_rope", "none"))
    assert (logits("per_head", "w") - logits("after_rope", "w")).abs().max() > 1e-3


def test_after_rope_acts_in_layers_with_positions_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rope, "acts", lambda self, architecture, layer: layer % 2 == 0)
    model = model_of("qk_norm=after_rope,position=rope,shape.layers=4,qk_norm.gain=w,qk_norm.eps=1e-12")
    learned = {name.split(".")[3] for name, _ in model.named_parameters() if "qk_norm" in name}
    assert learned == {"0", "2"}
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "qk_norm" in name:
                weight.fill_(1)
    for layer, (q_BHTK, k_BGTK, _) in enumerate(met(model)):
        for x in (q_BHTK, k_BGTK):
            unit = torch.allclose(x.square().mean(-1), torch.ones(()).double())
            assert unit == (layer % 2 == 0), layer


@pytest.mark.parametrize("qk_norm", ["none", "full_width"])
def test_clip_bounds_all_three_before_anything_else(qk_norm: str) -> None:
    """As MPT and OLMo: `x.clamp(-c, c)` of what the projection gives, its bias included."""
    model = model_of(f"heads.clip=0.4,qk_norm={qk_norm}")
    clipped = [x.clip(-0.4, 0.4) for x in projected(model)]
    assert all((x.abs() > 0.4).any() for x in projected(model))
    found = met(model)[0]
    assert torch.equal(found[2], split(clipped[2]))
    if qk_norm == "none":
        assert torch.equal(found[0], split(clipped[0])) and torch.equal(found[1], split(clipped[1]))
    else:
        q = clipped[0] / (clipped[0].square().mean(-1, keepdim=True) + 1e-6).sqrt()
        assert torch.allclose(found[0], split(q * model.get_parameter("parts.qk_norm.query.0.weight")))


@pytest.mark.parametrize("extra", ["attention_cap=none", "attention_cap=5", "heads.scale=0.7"])
@torch.no_grad()
def test_scale_by_layer_is_a_smaller_query(extra: str) -> None:
    """GPT-2's option: layer l's scores, scaled as ever, divided by l + 1."""
    deep = change(ONE_LAYER, {"shape.layers": "3"})
    model, other = model_of(f"heads.scale_by_layer=on,{extra}", deep), model_of(extra, deep)
    other.load_state_dict(model.state_dict())
    assert not torch.allclose(model(some_ids()), other(some_ids()), atol=1e-4)
    for layer in range(3):
        for name in ("weight", "bias"):
            other.get_parameter(f"blocks.{layer}.attention.query.{name}").div_(layer + 1)
    assert torch.allclose(model(some_ids()), other(some_ids()))


@pytest.mark.parametrize("extra", ["layout.residual=1", "layout.residual=0.3"])
def test_residual_after_the_norm(extra: str) -> None:
    """x ← N(x) + m · f(N(x)), as BLOOM's apply_residual_connection_post_layernorm."""
    factor = float(extra.split("=")[1])
    model = model_of(f"layout.normed_residual=on,{extra}")
    (attend, feed), h = parts(model), norm(model, "input", "attention")(stream(model))
    h1 = norm(model, "input", "feed_forward")(h + factor * attend(h))
    assert torch.allclose(block_of(model, stream(model)), h1 + factor * feed(h1))


def test_residual_after_the_norm_of_a_parallel_block() -> None:
    model = model_of("layout=parallel,layout.normed_residual=on,placement=double")
    (attend, feed), h = parts(model), norm(model, "input", "shared")(stream(model))
    added = norm(model, "output", "attention")(attend(h)) + norm(model, "output", "feed_forward")(feed(h))
    assert torch.allclose(block_of(model, stream(model)), h + added)


@pytest.mark.parametrize("tied", ["on", "off"])
def test_a_table_of_its_own_width(tied: str) -> None:
    model = model_of(f"embedding.size=16,embedding.tied={tied},embedding.scale=3,bias=all")
    state = dict(model.named_parameters())
    assert state["embedding.weight"].shape == model.head.weight.shape == (37, 16)
    assert (model.head.weight is model.embedding.weight) == (tied == "on")
    x_BTD = 3 * state["embedding.weight"][some_ids()] @ state["project_in.weight"].T
    read_BTD = model.get_submodule("parts.placement.final")(block_of(model, x_BTD))
    expected = read_BTD @ state["project_out.weight"].T @ model.head.weight.T
    assert torch.allclose(model(some_ids()), expected)
    assert "project_in.bias" not in state and "project_out.bias" not in state
    assert not [name for name, _ in model_of("embedding.tied=off").named_parameters() if "project" in name]


def test_projections_of_the_embedding_start_like_other_matrices() -> None:
    wide = change(ONE_LAYER, {"shape.width": "256", "embedding.size": "96"})
    model = initialize(Transformer(wide), 0)
    for name, fan_in in (("project_in", 96), ("project_out", 256), ("embedding", 96)):
        assert model.get_parameter(f"{name}.weight").std().item() == pytest.approx(fan_in**-0.5, rel=0.05)


@torch.no_grad()
def test_a_clamped_gate_is_gpt_oss_one_expert() -> None:
    config = GptOssConfig(hidden_size=24, intermediate_size=20, num_local_experts=1, swiglu_limit=0.7)
    config._experts_implementation = "eager"
    theirs: nn.Module = GptOssExperts(config)
    option = Gated(activation="quick_gelu", size=20, clamp=0.7, offset=1)
    ours = GatedModule(option, change(ONE_LAYER, {"bias": "all"}))
    generator = torch.Generator().manual_seed(0)
    for weight in theirs.parameters():
        weight.copy_(torch.randn(weight.shape, generator=generator))
    weight = {name: tensor[0] for name, tensor in theirs.named_parameters()}  # of the only expert
    for part, at in ((ours.gate, 0), (ours.up, 1)):
        part.weight.copy_(weight["gate_up_proj"][:, at::2].T)
        part.bias.copy_(weight["gate_up_proj_bias"][at::2])
    ours.down.weight.copy_(weight["down_proj"].T)
    ours.down.bias.copy_(weight["down_proj_bias"])
    x_ND = torch.randn(9, 24, generator=generator)
    first, all_of_it = torch.zeros(9, 1, dtype=torch.int64), torch.ones(9, 1)
    assert torch.allclose(ours(x_ND), theirs(x_ND, first, all_of_it), rtol=0, atol=1e-5)


def test_a_clamped_gate_by_hand() -> None:
    """The gate is bounded above alone, the other branch on both sides; the offset comes after the bound."""
    gate, up = torch.tensor([-9.0, -1.0, 1.0, 9.0]).double(), torch.tensor([-9.0, 1.0, 9.0, 2.0]).double()
    silu = [x / (1 + math.exp(-x)) for x in (-9.0, -1.0, 1.0, 3.0)]
    expected = [(min(max(u, -3), 3) + 0.5) * s for u, s in zip(up.tolist(), silu, strict=True)]
    assert Gated(clamp=3, offset=0.5).met(gate, up).tolist() == pytest.approx(expected, rel=1e-12)


REFUSED = {
    "qk_norm=per_head,qk_norm.bias=on": {"qk_norm.bias", "qk_norm.kind"},
    "layout.normed_residual=on,placement=post": {"layout.normed_residual", "placement", "norm"},
    "layout.normed_residual=on,placement=residual_post": {"layout.normed_residual", "placement", "norm"},
    "layout=parallel,layout.normed_residual=on,norm=none": {"layout.normed_residual", "placement", "norm"},
    "layout=parallel_two_norms,layout.normed_residual=on": {"layout.normed_residual"},
    "feed_forward=plain,feed_forward.clamp=7": {"feed_forward.clamp"},
    "heads.clip=0": {"heads.clip"},
    "feed_forward=gated,feed_forward.clamp=-1": {"feed_forward.clamp"},
    "embedding.size=0": {"embedding.size"},
}


@pytest.mark.parametrize("spelt", REFUSED)
def test_what_has_no_meaning_is_refused(spelt: str) -> None:
    with pytest.raises(Refusal) as caught:
        change(Architecture(), dict(one.split("=") for one in spelt.split(",")))
    assert set(caught.value.fields) == REFUSED[spelt]
    assert all(field in sentence for field in caught.value.fields for sentence in caught.value.text)


EXPORTED = [
    "heads.clip=0.5,heads.scale_by_layer=on,qk_norm=full_width,layout.normed_residual=on,embedding.size=16",
    "qk_norm=per_head_weights,feed_forward=gated,feed_forward.activation=quick_gelu,feed_forward.clamp=0.5",
]


@pytest.mark.parametrize("spec", EXPORTED)
def test_the_exported_file_keeps_them(spec: str) -> None:
    made = exported(spec)
    found = verify(made.path, made.model)
    assert found.passed and found.top1_agreement == 1
    assert made.file.operators["Clip"]
