"""QK norm allows a higher learning rate."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, logits
from playground.ruling import Lies

KINDS = {"none": Text("no QK norm", "无 QK 归一化"), "per_head": Text("QK norm", "QK 归一化")}
RATES = (3e-3, 1e-2, 3e-2, 1e-1)


def _arm(kind: str, rate: float) -> Arm:
    line = KINDS[kind]
    spelling = f"llama-3,shape.layers=3,shape.width=64,qk_norm={kind},recipe.lr={rate:g}"
    return Arm(spelling, Text(f"{line.en}, lr {rate:g}", f"{line.zh}，lr {rate:g}"), rate, line)


register(
    Lesson(
        id="qk-norm",
        order=22,
        theme="stability",
        title=Text("QK norm allows a higher learning rate.", "QK 归一化允许更高的学习率。"),
        said=Text(
            "With queries and keys normalized before their product, scores cannot grow out of hand, and training stays "
            "stable at learning rates at which it otherwise fails.",
            "查询与键在相乘之前先归一化，分数就不会失控，在原本会失败的学习率下也能稳定训练。",
        ),
        by=Text(
            "Dehghani et al. 2023 (ViT-22B), arXiv:2302.05442, §2; Wortsman et al. 2023, arXiv:2309.14322, Figure 1; "
            "CS336 lecture 3, on QK norm",
            "Dehghani et al. 2023（ViT-22B），arXiv:2302.05442，§2；Wortsman et al. 2023, arXiv:2309.14322，图 1；"
            "CS336 第 3 讲“QK 归一化”",
        ),
        figure=Text(
            "Loss against learning rate for several sizes: without QK norm the lines break off earlier the larger the "
            "model, with it they stay flat over three orders of magnitude.",
            "多个规模的损失随学习率变化：没有 QK 归一化时，模型越大曲线越早崩掉；有则在三个数量级内平坦。",
        ),
        trials=(Trial({f"{kind}-{rate:g}": _arm(kind, rate) for kind in KINDS for rate in RATES}, (76_800, 307_200)),),
        rule=(
            Lies("loss", "none-0.1", minus="per_head-0.1", above=0.05),
            Lies("loss", "per_head-0.003", minus="none-0.003", below=0.05),
        ),
        measures=(ending.loss, logits.attention),
        small=Text(
            "With three layers other parts may break first; the scores that QK norm bounds grow over long training.",
            "只有三层时，先坏掉的可能是别处；QK 归一化所限制的分数是在长训练中逐渐变大的。",
        ),
        look=Text(
            "Which line rises first toward high rates, and the largest scores beside it.",
            "学习率升高时哪条线先翘起，以及对应的最大分数。",
        ),
        plots=(
            Plot("loss", Text("learning rate", "学习率"), log=True),
            Plot("largest_score", Text("learning rate", "学习率"), log=True),
        ),
    )
)
