"""ReLU, GELU, ReGLU, GeGLU, SwiGLU at equal parameters: gated feed-forwards are a little better."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

NAMES = {"relu": "ReLU", "gelu": "GELU", "reglu": "ReGLU", "geglu": "GeGLU", "swiglu": "SwiGLU"}
GATED = ("reglu", "geglu", "swiglu")


def _arm(word: str) -> Arm:
    also = ",feed_forward.match=on" if word in GATED else ""
    return Arm(f"gpt-2,shape.layers=3,feed_forward={word}{also}", Text(NAMES[word], NAMES[word]))


register(
    Lesson(
        id="activations",
        order=8,
        theme="block",
        title=Text("Gated feed-forwards are better at equal parameters.", "参数量相同时，门控前馈层更好。"),
        said=Text(
            "ReGLU, GeGLU and SwiGLU, two thirds as wide so that parameters are equal, beat ReLU and GELU a little and "
            "consistently.",
            "ReGLU、GeGLU、SwiGLU 把宽度降到三分之二使参数量相等后，仍稳定地略好于 ReLU 与 GELU。",
        ),
        by=Text(
            "Shazeer 2020, arXiv:2002.05202, Table 1; Narang et al. 2021, arXiv:2102.11972; CS336 lecture 3, on gated "
            "activations",
            "Shazeer 2020, arXiv:2002.05202，表 1；Narang et al. 2021, arXiv:2102.11972；CS336 第 3 讲“门控激活”",
        ),
        figure=Text(
            "A table of perplexities and fine-tuning scores: the gated rows are a few hundredths of a nat better.",
            "一张困惑度与微调成绩表：带门控的各行低零点零几 nat。",
        ),
        trials=(Trial({word: _arm(word) for word in NAMES}, (115_200, 460_800)),),
        rule=(
            Lies("loss", "relu", minus="reglu", above=0.0),
            Lies("loss", "gelu", minus="geglu", above=0.0),
            Lies("loss", "gelu", minus="swiglu", above=0.0),
        ),
        seeds=(3, 20),
        small=Text(
            "The published difference is about 0.03 nats after far longer training of far larger models; the "
            "three short runs of the quick setting hardly resolve that.",
            "文献中的差距约 0.03 nat，来自大得多的模型和长得多的训练；快速设置只有三次短训练，很难分辨。",
        ),
        look=Text(
            "Whether the three gated rows lie to the left of the two plain ones, and by how much of their bars.",
            "三个门控行是否都在两个普通行的左边，差距相当于误差条的多少。",
        ),
        plots=(Plot("loss"),),
    )
)
