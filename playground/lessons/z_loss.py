"""z-loss keeps log Z near 0, at no cost."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, logits
from playground.ruling import Lies

WEIGHTS = {"none": "none", "1e-4": "1e-4 (PaLM)", "1e-2": "1e-2"}

register(
    Lesson(
        id="z-loss",
        order=21,
        theme="stability",
        title=Text("z-loss keeps log Z near 0, at no cost.", "z-loss 让 log Z 保持在 0 附近，没有代价。"),
        said=Text(
            "Adding 10⁻⁴·(log Z)² to the loss keeps the softmax's normalizer near 1 and does not harm the loss.",
            "在损失中加入 10⁻⁴·(log Z)²，可使 softmax 的归一化因子接近 1，且不使损失变差。",
        ),
        by=Text(
            "Chowdhery et al. 2022 (PaLM), arXiv:2204.02311, §5; Devlin et al. 2014; CS336 lecture 3, on z-loss",
            "Chowdhery et al. 2022（PaLM），arXiv:2204.02311，§5；Devlin et al. 2014；CS336 第 3 讲“z-loss”",
        ),
        figure=Text(
            "The formula, and a list of models that have it: Baichuan 2, DCLM, OLMo 2.",
            "公式，以及采用它的模型：Baichuan 2、DCLM、OLMo 2。",
        ),
        trials=(
            Trial(
                {
                    word: Arm(
                        f"gpt-2,shape.layers=3,shape.width=64,z_loss={word}", Text(f"weight {title}", f"权重 {title}")
                    )
                    for word, title in WEIGHTS.items()
                },
                (115_200, 460_800),
            ),
        ),
        rule=(
            Lies("log_z", "none", minus="1e-4", above=0.1),
            Lies("loss", "1e-4", minus="none", below=0.02),
        ),
        measures=(ending.loss, logits.normalizer),
        small=Text(
            "log Z drifts over long training in low precision; in some hundred steps of fp32 it has little time to. "
            "The "
            "weight 1e-2, which is not PaLM's, shows the same force at this length.",
            "log Z 的漂移出现在低精度的长训练中；fp32 的几百步里来不及漂移。权重 1e-2（不是 PaLM "
            "的取值）用来在这个长度上显示同样的作用。",
        ),
        look=Text("How far log Z is from 0 with each weight.", "各权重下 log Z 离 0 多远。"),
        plots=(Plot("log_z"), Plot("loss")),
    )
)
