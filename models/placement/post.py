"""Post-norm: the stream itself is normalized after every addition, as in the original Transformer."""

from typing import ClassVar, Literal

from models.option import parameter
from models.placement.base import FINAL, FINAL_HELP, Placement
from models.text import Text


class Post(Placement):
    """N(x + f(x)); the last addition's norm makes a final norm unnecessary."""

    rank: ClassVar[int] = 1
    title: ClassVar[Text] = Text("post", "后置")
    help: ClassVar[Text] = Text(
        "Large gradients near the output at the start: wants warmup, the more the deeper · no extra norm · original "
        "Transformer, BERT, GPT-1",
        "初期靠近输出处梯度很大：需要预热，越深越需要 · 不增加归一化 · 原始 Transformer、BERT、GPT-1",
    )
    formula: ClassVar[str] = "N(x + f(x))"
    citation: ClassVar[str] = "Vaswani et al. 2017, arXiv:1706.03762, §3.1"
    outside: ClassVar[bool] = True

    option: Literal["post"] = "post"
    final: bool = parameter(False, FINAL, FINAL_HELP)
