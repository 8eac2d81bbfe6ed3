"""Tiny twins, against a table worked out by hand from the rule, and against the rule's own words for other shapes."""

import pytest

from models.architecture import Architecture
from models.systems import systems
from models.twin import twin

# Worked out by hand: query heads, kv heads, head width, d_ff, window (None: full). Frozen under link version 1.
#   palm: 48·256/18432 = 2/3; 128·(2/3)/8 = 10.67, the nearest even number is 10.
#   gemma-2: 16·256/3584 = 8/7; 128·(8/7)/4 = 36.57, the nearest even number is 36. Window 4096 of 8192, so 32 of 64.
FROZEN = {
    "original-transformer": (4, 4, 32, 512, None),
    "gpt-2": (4, 4, 32, 512, None),
    "palm": (8, 1, 10, 512, None),
    "mistral": (8, 2, 16, 448, 32),
    "gemma-2": (4, 2, 36, 512, 32),
    "llama-3": (8, 2, 16, 448, None),
}

# What else makes each of them, in the spelling of links, against the plainest architecture.
CHOICES = {
    "original-transformer": {
        "embedding": {"tied": True, "scale": "sqrt_width", "logit_scale": "none"},
        "position": {"option": "sinusoidal"},
        "norm": {"option": "layernorm", "eps": 1e-6, "gain": "w", "bias": True},
        "placement": {"option": "post", "final": False, "embedding": False},
        "layout": {"option": "serial", "attention": True, "feed_forward": True, "residual": 1.0},
        "activation": "relu",
        "bias": "feed_forward",
        "caps": (None, None, None),
    },
    "gpt-2": {
        "embedding": {"tied": True, "scale": "none", "logit_scale": "none"},
        "position": {"option": "learned"},
        "norm": {"option": "layernorm", "eps": 1e-5, "gain": "w", "bias": True},
        "placement": {"option": "pre", "final": True, "embedding": False},
        "layout": {"option": "serial", "attention": True, "feed_forward": True, "residual": 1.0},
        "activation": "gelu_tanh",
        "bias": "all",
        "caps": (None, None, None),
    },
    "palm": {
        "embedding": {"tied": True, "scale": "none", "logit_scale": "inverse_sqrt_width"},
        "position": {"option": "rope", "theta": 10_000.0, "fraction": 1.0, "pairing": "half"},
        "norm": {"option": "layernorm", "eps": 1e-5, "gain": "w", "bias": False},
        "placement": {"option": "pre", "final": True, "embedding": False},
        "layout": {"option": "parallel", "attention": True, "feed_forward": True, "residual": 1.0},
        "activation": "silu",
        "bias": "none",
        "caps": (None, None, 1e-4),
    },
    "mistral": {
        "embedding": {"tied": False, "scale": "none", "logit_scale": "none"},
        "position": {"option": "rope", "theta": 10_000.0, "fraction": 1.0, "pairing": "half"},
        "norm": {"option": "rmsnorm", "eps": 1e-5, "gain": "w"},
        "placement": {"option": "pre", "final": True, "embedding": False},
        "layout": {"option": "serial", "attention": True, "feed_forward": True, "residual": 1.0},
        "activation": "silu",
        "bias": "none",
        "caps": (None, None, None),
    },
    "gemma-2": {
        "embedding": {"tied": True, "scale": "sqrt_width", "logit_scale": "none"},
        "position": {"option": "rope", "theta": 10_000.0, "fraction": 1.0, "pairing": "half"},
        "norm": {"option": "rmsnorm", "eps": 1e-6, "gain": "one_plus_w"},
        "placement": {"option": "double", "final": True, "embedding": False},
        "layout": {"option": "serial", "attention": True, "feed_forward": True, "residual": 1.0},
        "activation": "gelu_tanh",
        "bias": "none",
        "caps": (50.0, 30.0, None),
    },
    "llama-3": {
        "embedding": {"tied": False, "scale": "none", "logit_scale": "none"},
        "position": {"option": "rope", "theta": 500_000.0, "fraction": 1.0, "pairing": "half"},
        "norm": {"option": "rmsnorm", "eps": 1e-5, "gain": "w"},
        "placement": {"option": "pre", "final": True, "embedding": False},
        "layout": {"option": "serial", "attention": True, "feed_forward": True, "residual": 1.0},
        "activation": "silu",
        "bias": "none",
        "caps": (None, None, None),
    },
}


@pytest.mark.parametrize("name", FROZEN)
def test_a_twin_never_changes(name: str) -> None:
    tiny = systems()[name].twin
    query, kv, head, hidden, window = FROZEN[name]
    assert tiny.shape.model_dump() == {"layers": 4, "width": 128, "context": 64, "vocabulary": 64}
    assert (tiny.heads.query, tiny.heads.kv, tiny.heads.width(tiny), tiny.heads.scale) == (query, kv, head, None)
    assert tiny.feed_forward.hidden(128) == hidden
    assert tiny.span.model_dump().get("window") == window
    assert tiny.qk_norm.slug == "none" and tiny.sink.slug == "none"
    assert tiny.dropout.rate == 0 and tiny.init.model_dump() == {"option": "fan_in", "residual": "one"}


@pytest.mark.parametrize("name", CHOICES)
def test_a_twin_keeps_every_other_choice(name: str) -> None:
    tiny, wanted = systems()[name].twin, CHOICES[name]
    for axis in ("embedding", "position", "norm", "placement", "layout"):
        written_then = Architecture.axes()[axis].model_validate(wanted[axis])  # what came later is off
        assert getattr(tiny, axis) == written_then, axis
    assert tiny.feed_forward.activation == wanted["activation"]
    assert tiny.feed_forward.slug == ("gated" if wanted["activation"] == "silu" or name == "gemma-2" else "plain")
    assert tiny.bias.places == wanted["bias"]
    assert (tiny.attention_cap.cap, tiny.output_cap.cap, tiny.z_loss.weight) == wanted["caps"]
    if name == "gemma-2":
        assert tiny.span.model_dump()["pattern"] == "alternate"


def test_what_was_rounded_is_said() -> None:
    said = {name: [text.en for text in system.rounded] for name, system in systems().items()}
    assert said["palm"] == ["query heads to a key/value head: 48 became 8", "head width: 10.67 became 10"]
    assert said["gemma-2"] == ["head width: 36.57 became 36"]
    assert not said["gpt-2"] and not said["llama-3"] and not said["mistral"] and not said["original-transformer"]


def published(**changes: dict[str, object]) -> Architecture:
    """A made-up published architecture."""
    shape = {"layers": 24, "width": 1024, "context": 4096, "vocabulary": 32_000}
    return Architecture.model_validate({"shape": shape, "heads": {"query": 16, "kv": 16}, **changes})


def window(size: int, pattern: str) -> dict[str, object]:
    return {"option": "window", "window": size, "pattern": pattern}


def test_a_longer_layer_pattern_makes_more_layers() -> None:
    assert twin(published(span=window(1024, "3_to_1")))[0].shape.layers == 4
    assert twin(published(span=window(1024, "5_to_1")))[0].shape.layers == 6


def test_a_window_keeps_its_ratio_in_eights() -> None:
    tiny, rounded = twin(published(span=window(1000, "all")))  # 1000/4096 · 64 = 15.6
    assert tiny.span.model_dump()["window"] == 16
    assert [text.en for text in rounded] == ["window W: 15.62 became 16"]
    assert twin(published(span=window(2, "all")))[0].span.model_dump()["window"] == 8


@pytest.mark.parametrize(
    ("query", "kv", "wanted"),
    # 7 to one: 8/7 = 1.14, at least 2. 2 to one: 4 heads. 71 on one: MQA. 3 to one: 4/3 = 1.33, at least 2.
    [(28, 4, (8, 2)), (32, 16, (4, 2)), (71, 1, (8, 1)), (2, 1, (4, 1)), (24, 8, (4, 2)), (64, 8, (8, 2))],
)
def test_sharing_of_heads(query: int, kv: int, wanted: tuple[int, int]) -> None:
    tiny, _ = twin(published(heads={"query": query, "kv": kv, "head_dim": 64}))
    assert (tiny.heads.query, tiny.heads.kv) == wanted


def test_a_score_scale_of_its_own_is_kept_and_the_usual_one_is_not_written() -> None:
    own = {"query": 16, "kv": 16, "head_dim": 64}
    assert twin(published(heads={**own, "scale": 1.0}))[0].heads.scale == 1.0
    assert twin(published(heads={**own, "scale": 0.125}))[0].heads.scale is None


def test_what_is_no_size_of_the_heads_is_kept() -> None:
    heads = twin(published(heads={"query": 16, "kv": 16, "clip": 8.0, "scale_by_layer": True}))[0].heads
    assert heads.clip == 8.0 and heads.scale_by_layer


@pytest.mark.parametrize(
    ("size", "wanted", "said"),
    [
        (None, None, []),
        (512, 64, []),
        (720, 88, ["width of the embedding: 90 became 88"]),
        (4, 8, ["width of the embedding: 0.5 became 8"]),
    ],
)
def test_a_table_of_its_own_width_keeps_its_ratio(size: int | None, wanted: int | None, said: list[str]) -> None:
    tiny, rounded = twin(published(embedding={"size": size}))
    assert tiny.embedding.size == wanted and [text.en for text in rounded] == said


def test_the_feed_forward_keeps_its_ratio_whatever_it_was_given_by() -> None:
    def hidden(**fields: object) -> int:
        return twin(published(feed_forward={"option": "gated", **fields}))[0].feed_forward.hidden(128)

    assert hidden(size=5504) == 688  # 5.375 · 128
    assert hidden(ratio=2.0) == 256
    assert hidden(match=True) == 344  # round(8/3 · 1024) = 2731, in 1024; · 128 = 341.4, in eights 344
