"""Dropping the biases costs nothing."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

SHAPE = "gpt-2,shape.layers=4,shape.width=64"
RATES = (3e-3, 1e-2, 3e-2)
KINDS = {"all": Text("biases", "有偏置"), "none": Text("no biases", "无偏置")}


def _arm(bias: str, rate: float) -> Arm:
    line = KINDS[bias]
    # Without biases in the norms too, as PaLM has it.
    also = "" if bias == "all" else ",norm.bias=off"
    spelling = f"{SHAPE},bias={bias}{also},recipe.lr={rate:g}"
    return Arm(spelling, Text(f"{line.en}, lr {rate:g}", f"{line.zh}，lr {rate:g}"), rate, line)


register(
    Lesson(
        id="biases",
        order=7,
        theme="block",
        title=Text("Dropping the biases costs nothing.", "去掉偏置没有代价。"),
        said=Text(
            "Linear layers and norms without biases are as good, and large models train more stably without them.",
            "线性层与归一化去掉偏置后效果相同，而且大模型训练得更稳。",
        ),
        by=Text(
            "Chowdhery et al. 2022 (PaLM), arXiv:2204.02311, §2; CS336 lecture 3, on dropping bias terms",
            "Chowdhery et al. 2022（PaLM），arXiv:2204.02311，§2；CS336 第 3 讲“去掉偏置项”",
        ),
        figure=Text(
            "No figure: the formula without b₁ and b₂, with memory and stability as the reasons.",
            "没有图：只给出去掉 b₁、b₂ 的公式，理由是省内存、更稳定。",
        ),
        trials=(Trial({f"{bias}-{rate:g}": _arm(bias, rate) for rate in RATES for bias in KINDS}, (115_200, 307_200)),),
        rule=(
            Lies("loss", "none-0.003", minus="all-0.003", below=0.02),
            Lies("failed", "none-0.03", minus="all-0.03", below=0.2, counted=True),
        ),
        seeds=(3, 20),  # with fewer than 20 even no failure at all leaves more than 0.2 open
        beside=tuple(Lies("loss", f"none-{rate:g}", minus=f"all-{rate:g}", below=0.02) for rate in RATES[1:]),
        small=Text(
            "PaLM speaks of the stability of models with billions of parameters; here hardly any run fails at all. The "
            "rule judges one learning rate for each question, the loss at 0.003 and failures at 0.03.",
            "PaLM 说的是数十亿参数模型的稳定性；这里几乎没有训练会失败。规则对每个问题只判一个学习率："
            "损失看 0.003，失败看 0.03。",
        ),
        look=Text(
            "Whether the two lines lie on each other, and which of them first rises with the learning rate.",
            "两条线是否重合；学习率升高时哪一条先翘起来。",
        ),
        plots=(
            Plot("loss", Text("learning rate", "学习率"), log=True),
            Plot("failed", Text("learning rate", "学习率"), log=True),
        ),
    )
)
