"""The architecture: one full set of choices, frozen. Knows nothing of data, training or modules.

The fields stand in the order in which data meets them; that is also the order in which their hooks run.
"""

from collections.abc import Iterator
from typing import TypeGuard

from pydantic import BaseModel, SerializeAsAny

from models.bias import Bias
from models.caps import AttentionCap, OutputCap, ZLoss
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.base import FeedForward
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.init.base import Init
from models.init.fan_in import FanIn
from models.layout.base import Layout
from models.layout.serial import Serial
from models.norm.base import Norm
from models.norm.layernorm import LayerNorm
from models.option import Axis
from models.placement.base import Placement
from models.placement.pre import Pre
from models.position.base import Position
from models.position.learned import Learned
from models.qk_norm.base import QKNorm
from models.qk_norm.none import NoQKNorm
from models.shape import Shape
from models.sink.base import Sink
from models.sink.none import NoSink
from models.span.base import Span
from models.span.full import Full


class Architecture(BaseModel, frozen=True, extra="forbid"):
    """A decoder-only language model's full configuration.

    Raises pydantic's `ValidationError` (a ValueError): for values of the wrong type or out of bounds, and, with a
    `Refusal` that names the fields inside it, for choices that do not go together. `models.spelling` and
    `models.refusals` make a `Refusal` of either.
    """

    shape: Shape = Shape()
    embedding: Embedding = Embedding()
    position: SerializeAsAny[Position] = Learned()
    norm: SerializeAsAny[Norm] = LayerNorm()
    placement: SerializeAsAny[Placement] = Pre()
    layout: SerializeAsAny[Layout] = Serial()
    heads: Heads = Heads()
    qk_norm: SerializeAsAny[QKNorm] = NoQKNorm()
    span: SerializeAsAny[Span] = Full()
    attention_cap: AttentionCap = AttentionCap()
    sink: SerializeAsAny[Sink] = NoSink()
    feed_forward: SerializeAsAny[FeedForward] = Plain()
    bias: Bias = Bias()
    dropout: Dropout = Dropout()
    output_cap: OutputCap = OutputCap()
    z_loss: ZLoss = ZLoss()
    init: SerializeAsAny[Init] = FanIn()

    def model_post_init(self, context: object) -> None:
        for _, choice in self.choices():
            choice.check(self)

    def choices(self) -> Iterator[tuple[str, Axis]]:
        """Every axis's name and the choice made on it, in the fields' order."""
        for name in type(self).model_fields:
            yield name, getattr(self, name)

    @property
    def attention_layers(self) -> int:
        """How many layers have attention: all of them, or none."""
        return self.shape.layers if self.layout.attention else 0

    @classmethod
    def axes(cls) -> dict[str, type[Axis]]:
        """Every axis's name and class."""
        return {name: field.annotation for name, field in cls.model_fields.items() if _is_axis(field.annotation)}


def _is_axis(annotation: object) -> TypeGuard[type[Axis]]:
    return isinstance(annotation, type) and issubclass(annotation, Axis)
