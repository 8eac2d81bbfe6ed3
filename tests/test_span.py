"""Attention spans, against sets of keys written down from the papers: masks, cache, cost, gradient, spelling, export.

Each kind has its own line in `KEYS`; a kind without one fails. Unions are the unions of these sets.
"""

from collections.abc import Callable

import onnx
import pytest
import torch
from exported import Exported, exported
from torch import Tensor
from variants import BASE, randomized, some_ids

from models.architecture import Architecture
from models.block import UNLIMITED, Pass
from models.cost import cache_bytes
from models.hooks import Place
from models.span.base import Span
from models.span.comb import Comb
from models.span.local import Local
from models.spelling import change
from playground.diagram.mask import CELLS, masks
from playground.verify import verify

# What the query at i sees, from the definitions:
#   window: i and the W − 1 before it. Mistral 7B §2; the causal half of Longformer §3.1.
#   strided: A_i^(2) = {j: (i − j) mod l = 0}. Sparse Transformer §4.3.
#   dilated: the window's W places, moved apart so that gaps of d stand between them. Longformer §3.1.
#   chunked: whoever is in the same block of the text. Llama 4's code.
#   global_tokens: the first G, and everything for these. Longformer §3.1.
KEYS: dict[str, Callable[..., set[int]]] = {
    "window": lambda i, window, **_: set(range(i - window + 1, i + 1)),
    "strided": lambda i, stride, **_: {j for j in range(i + 1) if (i - j) % stride == 0},
    "dilated": lambda i, window, stride, **_: {i - step * stride for step in range(window)},
    "chunked": lambda i, chunk, **_: {j for j in range(i + 1) if j // chunk == i // chunk},
    "global_tokens": lambda i, globals, **_: set(range(i + 1)) if i < globals else set(range(globals)),
}
NUMBERS = {"window": "4", "stride": "3", "chunk": "5", "globals": "2"}
UNIONS = ("window~strided", "window~global_tokens", "dilated~chunked", "strided~global_tokens", "window~dilated")
EVERYTHING = "~".join(KEYS)
SPELT = [(word, pattern) for word in (*KEYS, *UNIONS, EVERYTHING) for pattern in ("all", "alternate", "xoo")]
SPANS = pytest.mark.parametrize(("word", "pattern"), SPELT, ids=[" ".join(pair) for pair in SPELT])
ONE_PATTERN = pytest.mark.parametrize("word", [*KEYS, *UNIONS, EVERYTHING])
LAYERS = 3
EXACT = {"rtol": 0, "atol": 1e-9}


def architecture(word: str, pattern: str = "all", **more: str) -> Architecture:
    """A small architecture with a span, its parameters from NUMBERS."""
    held = change(Architecture(), {"span": word}).span
    numbers = {f"span.{name}": text for name, text in NUMBERS.items() if name in type(held).model_fields}
    changes = {"span": word, "span.pattern": pattern, "shape.layers": str(LAYERS)} | numbers
    return change(Architecture(), BASE | changes | {name.replace("__", "."): text for name, text in more.items()})


def keys(span: Span, query: int, layer: int) -> set[int]:
    """What is seen, by the definitions alone."""
    letters = {"all": "x", "alternate": "xo", "xoo": "xoo"}
    numbers = span.model_dump()
    pattern = letters[numbers.get("pattern", "all")]
    if pattern[layer % len(pattern)] == "o":
        return set(range(query + 1))
    seen = set().union(*(KEYS[kind](query, **numbers) for kind in numbers["option"].split("~")))
    return {key for key in seen if key >= 0}


def mask(span: Span, context: int, layer: int) -> list[set[int]]:
    """What every query of a context sees, by `visible` and causality."""
    at_T = torch.arange(context)
    visible_TS = span.visible(at_T, at_T, layer)
    seen_TS = at_T[:, None] >= at_T
    seen_TS = seen_TS if visible_TS is None else seen_TS & visible_TS
    return [set(row.nonzero().flatten().tolist()) for row in seen_TS]


def test_every_kind_has_its_definition_here() -> None:
    assert set(KEYS) == set(Local.options())


@SPANS
def test_a_mask_is_the_definition(word: str, pattern: str) -> None:
    span = architecture(word, pattern).span
    for layer in range(LAYERS):
        assert mask(span, 33, layer) == [keys(span, query, layer) for query in range(33)]


@ONE_PATTERN
def test_a_mask_depends_on_positions_not_on_where_the_keys_begin(word: str) -> None:
    span = architecture(word).span
    visible_TS = span.visible(torch.arange(20, 25), torch.arange(7, 25), 0)
    assert visible_TS is not None and visible_TS.shape == (5, 18)
    for row, query in enumerate(range(20, 25)):
        seen = {key for key in range(7, query + 1) if visible_TS[row, key - 7]}
        assert seen == {key for key in keys(span, query, 0) if key >= 7}


def test_a_window_of_w_sees_itself_and_w_minus_1_before() -> None:
    span = architecture("window").span
    assert mask(span, 12, 0)[10] == {7, 8, 9, 10} and mask(span, 12, 0)[1] == {0, 1}
    assert mask(architecture("dilated").span, 12, 0)[11] == {2, 5, 8, 11}
    assert mask(architecture("chunked").span, 12, 0)[4:6] == [{0, 1, 2, 3, 4}, {5}]


@ONE_PATTERN
def test_the_gradient_reaches_what_is_seen_and_nothing_else(word: str) -> None:
    """Through the fused kernel, one layer: what the logits at i feel of the embedding at j."""
    built = architecture(word, shape__layers="1")
    model, ids_BT = randomized(built).double(), some_ids(batch=1, length=24)
    x_BTD = model.embedding(ids_BT).detach().requires_grad_()
    model.embedding.register_forward_hook(lambda *_: x_BTD)
    logits_BTV = model(ids_BT)
    for query in range(24):
        (grad_BTD,) = torch.autograd.grad(logits_BTV[0, query].square().sum(), x_BTD, retain_graph=True)
        felt = set((grad_BTD[0].abs().amax(-1) > 1e-12).nonzero().flatten().tolist())
        assert felt == keys(built.span, query, 0) | {query}


@SPANS
def test_explicit_attention_equals_the_fast_one(word: str, pattern: str) -> None:
    model, ids_BT = randomized(architecture(word, pattern, position="rope")).double(), some_ids(batch=3)
    run = Pass(Place(torch.arange(ids_BT.shape[1])), maps=[])
    assert torch.allclose(model(ids_BT), model._run(ids_BT, run), **EXACT)
    assert run.maps is not None
    for layer, map_BHTT in enumerate(run.maps):
        for query in range(ids_BT.shape[1]):
            looked = (map_BHTT[:, :, query] > 0).nonzero()[:, -1].unique()
            assert set(looked.tolist()) == keys(model.architecture.span, query, layer)


@SPANS
@torch.no_grad()
def test_steps_through_the_cache_equal_the_whole(word: str, pattern: str) -> None:
    """A prefill that ends around each limit of the span, single tokens, then the rest at once; three rows."""
    built = architecture(word, pattern, position="alibi")
    model, ids_BT = randomized(built).double(), some_ids(batch=3, length=26)
    whole = model(ids_BT)
    limits = {built.span.kept(layer, 16) for layer in range(LAYERS)} | {5, 10}  # two chunks, and all that is kept
    for prefill in sorted({limit + more for limit in limits for more in (-1, 0, 1)}):
        cache, parts, at_T = None, [], torch.arange(26)
        for positions_T in at_T.split([prefill, 1, 1, 1, 26 - 3 - prefill]):
            logits_BTV, cache = model.step(ids_BT[:, positions_T], positions_T, cache)
            parts.append(logits_BTV)
        assert torch.allclose(torch.cat(parts, 1), whole, **EXACT), prefill


@SPANS
@torch.no_grad()
def test_a_cache_holds_what_later_tokens_see_and_as_much_as_was_said(word: str, pattern: str) -> None:
    built = architecture(word, pattern, shape__width="8", heads__head_dim="2")
    model, ids_BT, cache = randomized(built), some_ids(batch=3, length=24), None
    for token in range(24):
        _, cache = model.step(ids_BT[:, token : token + 1], torch.tensor([token]), cache)
        held = [k_BGSK.shape[2] for k_BGSK, _ in cache]
        assert held == [built.span.kept(layer, token + 1) for layer in range(LAYERS)]
        assert sum(part.nbytes for pair in cache for part in pair) == 3 * cache_bytes(built, token + 1)
        for layer in range(LAYERS):
            oldest = min(min(keys(built.span, later, layer), default=later) for later in range(token + 1, 45))
            assert held[layer] >= token + 1 - oldest


@pytest.mark.parametrize(
    ("word", "most"),
    {"window": 4, "dilated": 10, "chunked": 5, "strided": None, "global_tokens": None, "window~dilated": 10,
     "window~strided": None, "window~chunked": 5, "dilated~chunked": 10}.items(),
)  # fmt: skip
def test_what_a_local_layer_keeps(word: str, most: int | None) -> None:
    """The window, (W − 1)·s + 1, the chunk, everything; a union the most of its kinds."""
    span = architecture(word, "alternate").span
    for length in (0, 1, 3, 4, 5, 9, 10, 11, 1000):
        assert span.kept(0, length) == (length if most is None else min(length, most))
        assert span.kept(1, length) == length
    assert span.kept(0, UNLIMITED) == (most or UNLIMITED)


@SPANS
def test_pairs_are_counted_exactly(word: str, pattern: str) -> None:
    for context in (7, 40, 129):
        built = architecture(word, pattern, shape__context=str(max(context, 10)))
        shape = built.shape.model_copy(update={"context": context})
        for layer in range(LAYERS):
            seen = [len(keys(built.span, query, layer)) for query in range(context)]
            found = built.span.pairs(built.model_copy(update={"shape": shape}), layer)
            assert found == pytest.approx(sum(seen) / context, rel=1e-12)


def test_combs_of_different_steps_meet_at_their_common_multiples() -> None:
    queries, by_two, by_three = torch.arange(40), Comb(step=2), Comb(first=torch.arange(40) - 20, last=30, step=3)
    sizes = by_two.meet(by_three).size(queries)
    for query, size in enumerate(sizes.tolist()):
        assert size == len([j for j in range(max(query - 20, 0), min(query, 30) + 1) if (query - j) % 6 == 0])


LONG = {"window": 4096, "stride": 128, "chunk": 8192, "globals": 64}


@pytest.mark.parametrize(
    "word", ["strided", "dilated", "chunked", "window~strided", "window~global_tokens", "chunked~global_tokens"]
)
def test_pairs_of_a_long_context_are_near(word: str) -> None:
    """Counted at some queries where there are many, even where the spacing of these is that of the span."""
    context = 131_072
    for numbers in (LONG, {**LONG, "window": 512, "stride": 32, "chunk": 32}):
        built = architecture(word, shape__context=str(context))
        names = [name for name in numbers if name in type(built.span).model_fields]
        span = built.span.model_copy(update={name: numbers[name] for name in names})
        some = torch.randint(0, context, (300,), generator=torch.Generator().manual_seed(0)).tolist()
        exact = torch.tensor([_count(word, query, numbers) for query in range(0, context, 5)]).double().mean().item()
        assert span.pairs(built.model_copy(update={"span": span}), 0) == pytest.approx(exact, rel=2e-3)
        assert all(_count(word, query, numbers) == len(keys(span, query, 0)) for query in some[:6])


def _count(word: str, query: int, numbers: dict[str, int]) -> int:
    """How many keys are seen, by closed forms for one query."""
    window, stride, chunk, globals = (numbers[name] for name in ("window", "stride", "chunk", "globals"))
    near, first = min(query + 1, window), min(query + 1, globals)
    return {
        "window": lambda: near,
        "global_tokens": lambda: first,
        "strided": lambda: query // stride + 1,
        "dilated": lambda: min(query // stride + 1, window),
        "chunked": lambda: query % chunk + 1,
        "window~strided": lambda: near + query // stride + 1 - ((near - 1) // stride + 1),
        "window~global_tokens": lambda: min(query + 1, near + globals),
        "chunked~global_tokens": lambda: first + query + 1 - max(query - query % chunk, first),
    }[word]()


def test_every_kind_draws_a_mask_of_its_own() -> None:
    drawn = [masks(change(Architecture(), {"span": word}))[0][0] for word in Span.words()]
    assert len(set(drawn)) == len(drawn) == len(KEYS) + 3  # the full one, and two unions
    for word in (*KEYS, *UNIONS):
        built = architecture(word, shape__context=str(CELLS))
        cells = masks(built)[0][0]
        assert [{j for j, seen in enumerate(row) if seen} for row in cells] == [
            keys(built.span, query, 0) for query in range(CELLS)
        ]


@pytest.mark.parametrize("path", ["span.window", "span.stride", "span.chunk", "span.globals"])
def test_another_number_draws_another_mask(path: str) -> None:
    for word, option in Local.options().items():
        if path.removeprefix("span.") in option.model_fields:
            plain = change(Architecture(), {"span": word})
            twice = change(plain, {path: str(2 * getattr(plain.span, path.removeprefix("span.")))})
            assert masks(plain) != masks(twice), word


def test_layers_that_differ_have_a_picture_each() -> None:
    pictures = masks(architecture("window~global_tokens", "xoo"))
    assert [layers for _, layers in pictures] == [(0,), (1, 2)]


def file_of(word: str) -> Exported:
    """A small exported model with a span in its first layer and none in its second."""
    numbers = {name: text for name, text in NUMBERS.items() if name in architecture(word).span.model_dump()}
    spec = ",".join(f"span.{name}={text}" for name, text in numbers.items())
    return exported(f"position=rope,span={word},span.pattern=alternate,{spec}")


@pytest.mark.parametrize("word", ["strided", "dilated", "chunked", "global_tokens", "window~strided", "window~chunked"])
def test_it_is_exported_and_verified(word: str) -> None:
    made = file_of(word)
    found = verify(made.path, made.model)
    assert found.passed and found.top1_agreement == 1, found
    kept = made.model.architecture.span.kept(0, UNLIMITED)
    past = [value.type.tensor_type.shape.dim[2].dim_param for value in onnx.load(made.path).graph.input[2::2]]
    assert past == [f"past_within_{kept}" if kept < UNLIMITED else "past", "past"]
    assert kept == UNLIMITED or {kept - 1, kept, kept + 1} <= set(found.lengths)


def test_a_wrong_span_in_the_file_is_found() -> None:
    """Verification sees a stride, a chunk or a global token that is one off."""
    for word, name in (("strided", "stride"), ("chunked", "chunk"), ("global_tokens", "globals")):
        made = file_of(word)
        other = change(made.model.architecture, {f"span.{name}": str(int(NUMBERS[name]) + 1)})
        wrong = type(made.model)(other).eval()
        wrong.load_state_dict(made.model.state_dict())
        assert not verify(made.path, wrong).passed, word


def test_full_attention_has_no_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers outside the pattern keep the kernel's own causal way."""
    asked: list[Tensor | None] = []
    monkeypatch.setattr("models.block.fast", lambda q, k, v, scoring: asked.append(scoring.mask_TS) or q)
    randomized(architecture("window~strided", "xoo"))(some_ids())
    assert [mask is None for mask in asked] == [False, True, True]
