"""Fast attention equals explicit attention, steps through the cache equal the whole pass: every option, every pair."""

import pytest
import torch
from pairwise import design, name
from torch import Tensor
from variants import CONTEXT, randomized, some_ids, variants

import models.block
from models.architecture import Architecture
from models.attention import MULTIPLIED, Scoring, _products, fast
from models.block import Pass
from models.hooks import Place
from models.initialize import initialize
from models.spelling import change
from models.transformer import Transformer

VARIANTS = pytest.mark.parametrize("architecture", variants().values(), ids=list(variants()))
EXACT = {"rtol": 0, "atol": 1e-9}  # in float64, where different orders of summation hardly differ


def explicit_logits(model: Transformer, ids_BT: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The logits of the pass that also returns the maps."""
    run = Pass(Place(torch.arange(ids_BT.shape[1])), maps=[])
    logits_BTV = model._run(ids_BT, run)
    assert run.maps is not None
    return logits_BTV, run.maps


def in_steps(model: Transformer, ids_BT: Tensor, counts: tuple[int, ...]) -> Tensor:
    """The logits, `counts` tokens at a time through the cache."""
    cache, parts = None, []
    for positions_T in torch.arange(ids_BT.shape[1]).split(list(counts)):
        logits_BTV, cache = model.step(ids_BT[:, positions_T], positions_T, cache)
        parts.append(logits_BTV)
    return torch.cat(parts, 1)


@VARIANTS
def test_fast_equals_explicit_in_value_and_gradient(architecture: Architecture) -> None:
    model, ids_BT = randomized(architecture).double(), some_ids()
    weights = list(model.parameters())
    fast, (explicit, _) = model(ids_BT), explicit_logits(model, ids_BT)
    assert torch.allclose(fast, explicit, **EXACT)
    grads = [torch.autograd.grad(logits.square().mean(), weights) for logits in (fast, explicit)]
    assert all(torch.allclose(one, other, **EXACT) for one, other in zip(*grads, strict=True))


@VARIANTS
@torch.no_grad()
def test_steps_equal_the_whole(architecture: Architecture) -> None:
    """A prefill, single tokens, then several at once, over the edges of both windows."""
    model, ids_BT = randomized(architecture).double(), some_ids()
    assert torch.allclose(in_steps(model, ids_BT, (3, 1, 1, 26, 1, 1, 7)), model(ids_BT), **EXACT)


@VARIANTS
@torch.no_grad()
def test_maps_are_where_and_how_much_is_looked_at(architecture: Architecture) -> None:
    model, ids_BT = randomized(architecture), some_ids()
    maps = model.maps(ids_BT)
    assert len(maps) == (architecture.shape.layers if architecture.layout.attention else 0)
    for layer, map_BHTT in enumerate(maps):
        assert map_BHTT.shape == (2, architecture.heads.query, CONTEXT, CONTEXT)
        at_T = torch.arange(CONTEXT)
        visible = architecture.span.visible(at_T, at_T, layer)
        seen = (at_T <= at_T[:, None]) if visible is None else (at_T <= at_T[:, None]) & visible
        assert (map_BHTT[..., ~seen] == 0).all() and (map_BHTT[..., seen] > 0).all()
        total = map_BHTT.sum(-1)
        assert (total < 1).all() if architecture.sink.slug == "learned" else torch.allclose(total, torch.ones(()))


def test_a_window_of_w_sees_itself_and_w_minus_1_before() -> None:
    for window, layers in ((4, {"all": (0, 1, 2), "alternate": (0, 2), "2_to_1": (0, 1)}), (1, {"all": (0, 1, 2)})):
        for pattern, local in layers.items():
            changes = {"span": "window", "span.window": str(window), "span.pattern": pattern, "shape.layers": "3"}
            maps = randomized(change(variants()["base"], changes)).maps(some_ids())
            distance = torch.arange(CONTEXT)[:, None] - torch.arange(CONTEXT)
            for layer, map_BHTT in enumerate(maps):
                width = window if layer in local else CONTEXT
                assert torch.equal(map_BHTT > 0, ((distance >= 0) & (distance < width)).expand_as(map_BHTT))


def test_a_local_layer_keeps_its_window_and_no_more() -> None:
    architecture = change(variants()["base"], {"span": "window", "span.window": "4", "span.pattern": "alternate"})
    cache, lengths = None, []
    for t in range(7):
        _, cache = randomized(architecture).step(some_ids()[:, t : t + 1], torch.tensor([t]), cache)
        lengths.append(tuple(k_BGSK.shape[2] for k_BGSK, _ in cache))
    assert lengths == [(1, 1), (2, 2), (3, 3), (4, 4), (4, 5), (4, 6), (4, 7)]


def test_a_kv_head_serves_neighbouring_query_heads() -> None:
    """Head j of the keys and values serves heads j·g … j·g + g − 1: the same model with the heads written out."""
    base = change(variants()["base"], {"heads.query": "6", "heads.kv": "2"})
    grouped = randomized(base)
    whole = randomized(change(base, {"heads.kv": "6"}))
    state = dict(grouped.state_dict())
    for key, tensor in grouped.state_dict().items():
        if "attention.key" in key or "attention.value" in key:
            state[key] = tensor.unflatten(0, (2, 8)).repeat_interleave(3, 0).flatten(0, 1)
    whole.load_state_dict(state)
    assert torch.allclose(grouped(some_ids()), whole(some_ids()), rtol=0, atol=1e-5)


def test_attention_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """One layer, one head at a time, with loops and the formula."""
    monkeypatch.setattr(models.block, "needs_explicit", lambda chain: True)
    changes = {"attention_cap": "5", "position": "alibi", "shape.layers": "1", "heads.query": "4", "heads.kv": "2"}
    model, ids_BT = randomized(change(variants()["base"], changes)).double(), some_ids(batch=1, length=6)
    seen: dict[str, Tensor] = {}
    attention = model.blocks[0].attention
    for part in ("query", "key", "value", "out"):
        getattr(attention, part).register_forward_hook(lambda _, inp, out, part=part: seen.update({part: out[0]}))
        getattr(attention, part).register_forward_pre_hook(
            lambda _, inp, part=part: seen.update({f"{part} in": inp[0][0]})
        )
    model(ids_BT)
    for head, slope in enumerate((2**-2, 2**-4, 2**-6, 2**-8)):
        kv = head // 2
        for i in range(6):
            q = seen["query"][i, head * 8 : head * 8 + 8]
            keys, values = (seen[part][: i + 1, kv * 8 : kv * 8 + 8] for part in ("key", "value"))
            scores = torch.stack([5 * torch.tanh(q @ k / 8**0.5 / 5) - slope * (i - j) for j, k in enumerate(keys)])
            expected = scores.exp() / scores.exp().sum() @ values
            assert torch.allclose(seen["out in"][i, head * 8 : head * 8 + 8], expected, **EXACT)


@pytest.mark.parametrize("row", range(len(design().rows)), ids=lambda row: f"{row}-{name(design().spelt[row])}")
def test_a_row_of_the_pairwise_design(row: int) -> None:
    """Builds, is fast as it is explicit, whole as in steps, has no idle parameter, and trains."""
    architecture = design().rows[row]
    model = randomized(architecture).double()
    ids_BT = some_ids(length=architecture.shape.context)
    with torch.no_grad():
        whole = model(ids_BT)
        assert torch.allclose(whole, explicit_logits(model, ids_BT)[0], **EXACT)
        assert torch.allclose(whole, in_steps(model, ids_BT, (3, 1, 1, 4, 1, 6)), **EXACT)
    model.loss(ids_BT[:, :-1], ids_BT[:, 1:])[0].backward()
    assert not [name for name, weight in model.named_parameters() if weight.grad is None]
    fresh = initialize(Transformer(architecture), 0).train()
    optimizer = torch.optim.AdamW(fresh.parameters(), lr=1e-3)
    for _ in range(2):
        loss, plain = fresh.loss(ids_BT[:, :-1], ids_BT[:, 1:])
        assert torch.isfinite(loss) and loss >= plain
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert all(torch.isfinite(weight).all() for weight in fresh.parameters())


@pytest.mark.parametrize("tokens", [9, MULTIPLIED, MULTIPLIED + 8])
@pytest.mark.parametrize("masked", ["causal", "window", "bias"])
def test_in_bfloat16_attention_is_the_equation_within_rounding(tokens: int, masked: str) -> None:
    """By products or by torch's kernel: value and gradient are those of the equation in float64."""
    draw = torch.Generator().manual_seed(0)
    parts = [torch.randn(2, heads, tokens, 8, generator=draw).requires_grad_() for heads in (4, 2, 2)]
    past_TS = torch.ones(tokens, tokens, dtype=torch.bool).tril()
    near_TS = past_TS.triu(-3) if masked == "window" else past_TS
    bias_HTS = torch.randn(4, tokens, tokens, generator=draw) if masked == "bias" else None
    scoring = Scoring(8**-0.5, bias_HTS, near_TS if masked == "window" else None)
    with torch.autocast("cpu", torch.bfloat16):
        y_BHTK = fast(parts[0], parts[1], parts[2], scoring)
    wide = [part.detach().double().requires_grad_() for part in parts]
    q, k, v = (part.repeat_interleave(4 // part.shape[1], 1) for part in wide)
    scores = q @ k.transpose(-1, -2) * 8**-0.5 + (0 if bias_HTS is None else bias_HTS.double())
    wanted_BHTK = scores.masked_fill(~near_TS, -torch.inf).softmax(-1) @ v
    found = [y_BHTK, *torch.autograd.grad(y_BHTK.float().square().sum(), parts)]
    wanted = [wanted_BHTK, *torch.autograd.grad(wanted_BHTK.square().sum(), wide)]
    for one, other in zip(found, wanted, strict=True):
        error = float(((one.double() - other).abs().max() / other.abs().max()).detach())
        assert 1e-4 < error < 3e-2


@pytest.mark.parametrize("masked", [None, "shared", "of each head", "of each text"])
def test_products_are_what_the_kernel_gives(masked: str | None) -> None:
    draw = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(3, heads, 7, 8, generator=draw, dtype=torch.float64) for heads in (4, 2, 2))
    shape = {None: None, "shared": (7, 7), "of each head": (4, 7, 7), "of each text": (3, 1, 7, 7)}[masked]
    mask = None if shape is None else torch.rand(shape, generator=draw) > 0.3
    if mask is not None:
        mask |= torch.eye(7, dtype=torch.bool)
    scoring = Scoring(0.3, None, None)
    expected = torch.nn.functional.scaled_dot_product_attention(
        q, k, v, attn_mask=mask, is_causal=mask is None, scale=0.3, enable_gqa=True
    )
    assert torch.allclose(_products(q, k, v, mask, scoring), expected, **EXACT)
    if mask is not None:
        added = torch.zeros(mask.shape, dtype=torch.float64).masked_fill(~mask, -torch.inf)
        assert torch.allclose(_products(q, k, v, added, scoring), expected, **EXACT)


@torch.no_grad()
@pytest.mark.parametrize("spec", ["position=rope", "position=alibi", "position=rope,span=window"])
def test_a_model_of_bfloat16_gives_bfloat16(spec: str) -> None:
    changes = {"shape.context": "1024"} | dict(part.split("=") for part in spec.split(","))
    model = randomized(change(Architecture(), changes)).bfloat16()
    ids_BT = torch.arange(600)[None] % 60  # long enough for a window to be computed in blocks
    assert model(ids_BT[:, :40]).dtype == model(ids_BT).dtype == torch.bfloat16
