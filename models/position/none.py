"""No position encoding: what order there is comes from the causal mask."""

from typing import ClassVar, Literal

from models.position.base import Position
from models.text import Text


class NoPosition(Position):
    """Nothing is added; with two layers or more, the mask alone lets order through."""

    rank: ClassVar[int] = 1
    title: ClassVar[Text] = Text("none", "无")
    help: ClassVar[Text] = Text(
        "Only the causal mask tells order, from two layers on · free · some layers of SmolLM3, Command A, Llama 4",
        "只有因果掩码透露顺序，且要两层以上 · 零开销 · SmolLM3、Command A、Llama 4 的部分层",
    )
    citation: ClassVar[str] = "Kazemnejad et al. 2023, arXiv:2305.19466, §3"

    option: Literal["none"] = "none"
