"""Dropout: entries set to zero at random while training. Acts in training mode only."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import field_validator
from torch import Tensor, nn

from models.drawing import Mark, Spot
from models.hooks import Hooks, Place
from models.option import Axis, parameter
from models.piece import Piece, Slot, literal
from models.text import Refusal, Text

if TYPE_CHECKING:
    from models.architecture import Architecture

PLACES = ("embedding", "attention", "residual")
TITLE = Text("Dropout", "随机失活")


class Dropout(Axis):
    """A rate, and where it acts: on embeddings, on attention weights, on what a sublayer adds."""

    axis_title: ClassVar[Text] = TITLE
    axis_help: ClassVar[Text] = Text("Entries set to zero at random while training.", "训练时随机置零的比例。")
    title: ClassVar[Text] = TITLE
    help: ClassVar[Text] = Text(
        "Against overfitting over many epochs; with one epoch it costs · slower training · GPT-2, OPT (0.1); none: "
        "PaLM, OLMo",
        "对付多轮训练的过拟合；只训一轮时有害无益 · 训练变慢 · GPT-2、OPT（0.1）；不用：PaLM、OLMo",
    )
    citation: ClassVar[str] = "Srivastava et al. 2014; arXiv:1706.03762, §5.4"
    abbreviates: ClassVar[str] = "rate"

    rate: float = parameter(
        0.0, Text("dropout rate", "失活率"), Text("Share of entries set to zero.", "被置零的比例。"), ge=0, lt=1
    )
    place: str = parameter(
        "embedding~attention~residual",
        Text("dropout at", "失活位置"),
        Text(
            "Places joined by ~: embedding, attention, residual.", "用 ~ 连接的位置：embedding、attention、residual。"
        ),
        suggestions=PLACES,
    )

    @field_validator("place")
    @classmethod
    def _known(cls, place: str) -> str:
        given = place.split("~")
        if any(one not in PLACES for one in given) or len(set(given)) != len(given):
            sentence = Text(
                f"dropout.place={place!r}: give some of {', '.join(PLACES)}, each once, joined by ~.",
                f"dropout.place={place!r}：请从 {'、'.join(PLACES)} 中选若干个，各写一次，用 ~ 连接。",
            )
            raise Refusal(sentence, "dropout.place")
        return "~".join(one for one in PLACES if one in given)

    def rate_at(self, place: str) -> float:
        """The rate at `place`, 0 where it does not act."""
        return self.rate if place in self.place.split("~") else 0.0

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        spots: dict[str, Spot] = {"embedding": "embedding", "attention": "weights", "residual": "output"}
        label = Text(f"dropout {self.rate:g}", f"随机失活 {self.rate:g}")
        return tuple(Mark(spot, label, "dropout") for place, spot in spots.items() if self.rate_at(place))

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        slots: dict[str, Slot] = {"embedding": "embedding", "attention": "weights", "residual": "output"}
        dropped = "F.dropout({x}, DROPOUT, self.training)"
        acts: list[Slot] = [slot for place, slot in slots.items() if self.rate_at(place)]
        return (
            Piece("constant", f"DROPOUT = {literal(self.rate)}"),
            *(Piece(slot, dropped) for slot in acts),
        )

    def build(self, architecture: "Architecture") -> Hooks:
        return Dropped(self) if self.rate else self


class Dropped(nn.Module, Hooks):
    """Dropout on embeddings and on what a sublayer adds; attention weights are dropped where they are computed."""

    def __init__(self, option: Dropout) -> None:
        super().__init__()
        self.embedding = nn.Dropout(option.rate_at("embedding"))
        self.residual = nn.Dropout(option.rate_at("residual"))

    def on_embedding(self, x_BTD: Tensor, at: Place) -> Tensor:
        return self.embedding(x_BTD)

    def on_output(self, y_BTD: Tensor, at: Place) -> Tensor:
        return self.residual(y_BTD)
