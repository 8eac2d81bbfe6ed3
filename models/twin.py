"""Tiny twins: a published architecture's choices and ratios at a size that trains in seconds, by one rule for all.

Knows no system by name. The rule must not change under the same link version: a link's `gpt-2` is this twin.
"""

import math

from models.architecture import Architecture
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.base import FeedForward
from models.heads import Heads
from models.init.fan_in import FanIn
from models.option import described
from models.shape import Shape
from models.spelling import validated
from models.text import Text

LAYERS, WIDTH, CONTEXT, VOCABULARY = 4, 128, 64, 64
QUERY, QUERY_SHARED = 4, 8  # query heads; the second where QUERIES_A_KV or more of them share a key/value head
QUERIES_A_KV = 4
MULTIPLE = 8  # of which lengths in tokens and the widths of feed-forward and embedding table are multiples


def twin(published: Architecture) -> tuple[Architecture, tuple[Text, ...]]:
    """The tiny twin of `published`, and what had to be rounded, a sentence each.

    Raises `Refusal` where choices that go together at full size do not at the tiny one.
    """
    factor = CONTEXT / published.shape.context
    layers = max(LAYERS, math.lcm(*(choice.period for _, choice in published.choices())))
    heads = _heads(published)
    fields = {name: choice.shortened(factor, MULTIPLE) for name, choice in published.choices()} | {
        "shape": Shape(layers=layers, width=WIDTH, context=CONTEXT, vocabulary=VOCABULARY),
        "heads": heads,
        "embedding": _embedding(published),
        "feed_forward": _feed_forward(published),
        "dropout": Dropout(),
        "init": FanIn(),
    }
    tiny = validated(Architecture, fields)
    return tiny, (
        *_rounded_heads(published, tiny),
        *_rounded_hidden(published, tiny),
        *_rounded_table(published, tiny),
        *_rounded_lengths(published, tiny),
    )


def _heads(published: Architecture) -> Heads:
    """How many heads, and how wide; the width is left out where it follows from the model's."""
    sharing = published.heads.query / published.heads.kv
    query = QUERY_SHARED if sharing >= QUERIES_A_KV else QUERY
    divisors = [kv for kv in range(1, query + 1) if query % kv == 0]
    allowed = [1] if published.heads.kv == 1 else [kv for kv in divisors if kv >= 2]
    kv = min(allowed, key=lambda kv: abs(kv - query / sharing))
    head_dim = max(2, 2 * round(_exact_head_width(published, query) / 2))
    default_scale = published.heads.width(published) ** -0.5
    scale = None if published.heads.factor(published) == default_scale else published.heads.scale
    head_dim = None if head_dim * query == WIDTH else head_dim
    return published.heads.model_copy(update={"query": query, "kv": kv, "head_dim": head_dim, "scale": scale})


def _exact_head_width(published: Architecture, query: int) -> float:
    """The width that keeps heads · head width over model width."""
    heads = published.heads
    return heads.query * heads.width(published) / published.shape.width * WIDTH / query


def _exact_table_width(published: Architecture) -> float:
    """The width of the table that keeps its ratio to the model's."""
    return published.embedding.width(published) / published.shape.width * WIDTH


def _embedding(published: Architecture) -> Embedding:
    """The same, with the ratio of the table's width to the model's kept if the two are apart."""
    if published.embedding.size is None:
        return published.embedding
    size = max(MULTIPLE, MULTIPLE * round(_exact_table_width(published) / MULTIPLE))
    return published.embedding.model_copy(update={"size": size})


def _feed_forward(published: Architecture) -> FeedForward:
    option, width = published.feed_forward, published.shape.width
    return option.model_copy(update={"ratio": option.hidden(width) / width, "size": None, "match": False})


def _rounded_heads(published: Architecture, tiny: Architecture) -> tuple[Text, ...]:
    query, kv = tiny.heads.query, tiny.heads.kv
    sharing = Text("query heads to a key/value head", "每个键值头服务的查询头")
    return (
        *_rounding(sharing, published.heads.query / published.heads.kv, query // kv),
        *_rounding(Text("head width", "头宽"), _exact_head_width(published, query), tiny.heads.width(tiny)),
    )


def _rounded_hidden(published: Architecture, tiny: Architecture) -> tuple[Text, ...]:
    exact = published.feed_forward.hidden(published.shape.width) / published.shape.width * WIDTH
    return _rounding(Text("feed-forward width", "前馈宽度"), exact, tiny.feed_forward.hidden(WIDTH))


def _rounded_table(published: Architecture, tiny: Architecture) -> tuple[Text, ...]:
    exact = _exact_table_width(published)
    return _rounding(Text("width of the embedding", "嵌入表宽度"), exact, tiny.embedding.width(tiny))


def _rounded_lengths(published: Architecture, tiny: Architecture) -> tuple[Text, ...]:
    """Lengths in tokens that `shortened` changed, whatever axis they belong to."""
    found: list[Text] = []
    factor = CONTEXT / published.shape.context
    for name, choice in published.choices():
        short = choice.shortened(factor, MULTIPLE)
        for field, info in type(choice).model_fields.items():
            if getattr(short, field) != getattr(choice, field):
                found += _rounding(
                    described(info)[0], getattr(choice, field) * factor, getattr(getattr(tiny, name), field)
                )
    return tuple(found)


def _rounding(what: Text, exact: float, got: int) -> tuple[Text, ...]:
    """A sentence, if `exact` could not be kept."""
    if math.isclose(exact, got, rel_tol=1e-9):
        return ()
    return (Text(f"{what.en}: {exact:.4g} became {got}", f"{what.zh}：{exact:.4g} 取为 {got}"),)
