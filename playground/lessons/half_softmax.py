"""A softmax in fp16 overflows, unless the maximum is subtracted; then only scores too large for fp16 do."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, logits
from playground.ruling import Lies

MODEL = "gpt-2,shape.layers=2,shape.width=64,shape.context=31,heads.query=2,heads.kv=2"

register(
    Lesson(
        id="half-softmax",
        order=27,
        theme="stability",
        title=Text(
            "A softmax in fp16 overflows, unless the maximum is subtracted first.",
            "fp16 的 softmax 会溢出，除非先减去最大值。",
        ),
        said=Text(
            "exp overflows in fp16 from 11.1 on, so large scores break the softmax; with the row's maximum subtracted "
            "every exponent is at most 0, and nothing overflows as long as the scores themselves fit.",
            "fp16 中 exp 的自变量超过 11.1 就溢出，大的分数会毁掉 softmax；先减去每行的最大值，指数都不大于 0，"
            "只要分数本身没有超出 fp16 的范围，就不会溢出。",
        ),
        by=Text(
            "CS336 lecture 3 (2025), on the softmaxes as a source of instability; what implementations do: Mesh "
            "TensorFlow's code, layers.py",
            "CS336 第 3 讲（2025）“softmax 是不稳定的来源”；实现的做法见 Mesh TensorFlow 代码 layers.py",
        ),
        figure=Text(
            "The two softmaxes of a Transformer are circled as the places where numbers can get out of hand.",
            "图中圈出 Transformer 的两处 softmax：数值可能在这里失控。",
        ),
        trials=(
            Trial(
                {"model": Arm(MODEL, Text("two layers on recall", "两层，联想回忆"))},
                (119_040, 793_600),
                {"data": "recall", "batch": "64"},
            ),
        ),
        rule=(
            Lies("overflow_plain", "model", above=0.01),
            Lies("overflow_subtracted", "model", below=0.001),
        ),
        measures=(ending.loss, logits.half_softmax),
        small=Text(
            "A small model's scores are small: they are multiplied by up to 64 here, to where scores of large models "
            "without QK norm or a cap have been seen to go.",
            "小模型的分数本来不大，这里把它们放大到最多 64 倍，相当于大模型在没有 QK 归一化或软上限时出现过的幅度。",
        ),
        look=Text(
            "From which factor on the curve leaves 0. Subtracting changes nothing in exact arithmetic: it is free.",
            "曲线从多大的倍数开始离开 0。在精确运算中减去最大值不改变任何结果，没有代价。",
        ),
        plots=(
            Plot("overflow_plain"),
            Plot("overflow_subtracted"),
            Plot("overflow", Text("scores multiplied by", "分数的放大倍数"), log=True, profile=True),
        ),
    )
)
