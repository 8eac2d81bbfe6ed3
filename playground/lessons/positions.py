"""At the trained length: position encodings in one table."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

KINDS = {
    "rope": Text("RoPE", "RoPE"),
    "sinusoidal": Text("sinusoidal", "正弦"),
    "learned": Text("learned", "可学习"),
    "alibi": Text("ALiBi", "ALiBi"),
    "t5": Text("T5 relative bias", "T5 相对偏置"),
    "none": Text("none", "无"),
}

register(
    Lesson(
        id="positions",
        order=10,
        theme="position",
        title=Text("RoPE beats absolute positions at the trained length.", "在训练长度内，RoPE 优于绝对位置。"),
        said=Text(
            "RoPE, a relative encoding, learns faster than learned or sinusoidal positions; a model without any "
            "positions is behind, though not lost.",
            "RoPE 是一种相对位置编码，比可学习位置、正弦位置学得更快；完全不加位置会落后，但并非学不会。",
        ),
        by=Text(
            "Su et al. 2021, arXiv:2104.09864, §4; Kazemnejad et al. 2023, arXiv:2305.19466; CS336 lecture 3, on "
            "position "
            "embeddings",
            "Su et al. 2021, arXiv:2104.09864，§4；Kazemnejad et al. 2023, arXiv:2305.19466；CS336 第 3 讲“位置编码”",
        ),
        figure=Text(
            "The table of models over the years: sinusoidal and learned at first, RoPE nearly everywhere since 2023.",
            "历年模型表：早期是正弦与可学习，2023 年起几乎都是 RoPE。",
        ),
        trials=(
            Trial(
                {
                    word: Arm(f"gpt-2,shape.layers=3,shape.width=64,position={word}", title)
                    for word, title in KINDS.items()
                },
                (115_200, 460_800),
            ),
        ),
        rule=(
            Lies("loss", "learned", minus="rope", above=0.0),
            Lies("loss", "sinusoidal", minus="rope", above=0.0),
            Lies("loss", "none", minus="rope", above=0.0),
        ),
        seeds=(3, 12),
        small=Text(
            "With 64 tokens of context and letters for tokens most of what matters is near; long texts ask more of "
            "positions.",
            "上下文只有 64 个字符，要紧的多在近处；长文本对位置编码的要求更高。",
        ),
        look=Text("The order of the six rows, and which bars overlap.", "六行的先后次序，以及哪些误差条相互重叠。"),
        plots=(Plot("loss"),),
    )
)
