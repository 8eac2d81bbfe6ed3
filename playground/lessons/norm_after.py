"""A norm after the sublayer, inside the residual, makes high learning rates bearable."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.ruling import Lies

KINDS = {
    "pre": Text("pre-norm", "前置"),
    "double": Text("before and after", "前后双置"),
    "residual_post": Text("after, inside the residual", "残差内后置"),
}
RATES = (3e-3, 1e-2, 3e-2)


def _arm(kind: str, rate: float) -> Arm:
    line = KINDS[kind]
    spelling = f"llama-3,shape.layers=4,shape.width=64,placement={kind},recipe.lr={rate:g}"
    return Arm(spelling, Text(f"{line.en}, lr {rate:g}", f"{line.zh}，lr {rate:g}"), rate, line)


register(
    Lesson(
        id="norm-after",
        order=4,
        theme="norm",
        title=Text(
            "A norm after the sublayer, inside the residual, bears higher learning rates.",
            "在残差内、子层之后加归一化，能承受更高的学习率。",
        ),
        said=Text(
            "Gemma 2 and Grok normalize before and after the sublayer, OLMo 2 only after it, both inside the residual: "
            "training is more stable than with pre-norm alone.",
            "Gemma 2 与 Grok 在子层前后都归一化，OLMo 2 只在子层之后，都在残差之内：训练比单用前置更稳定。",
        ),
        by=Text(
            "Gemma Team 2024, arXiv:2408.00118, §2; OLMo Team 2024 (OLMo 2), arXiv:2501.00656, §2.1; CS336 lecture 3, "
            "on double norm",
            "Gemma Team 2024, arXiv:2408.00118，§2；OLMo Team 2024（OLMo 2），arXiv:2501.00656，§2.1；CS336 第 3 "
            "讲“前后双置（double norm）”",
        ),
        figure=Text(
            "A drawing of both blocks, with the names of the models that have them.",
            "两种块结构的示意图，旁边列出采用它们的模型。",
        ),
        trials=(Trial({f"{kind}-{rate:g}": _arm(kind, rate) for kind in KINDS for rate in RATES}, (76_800, 307_200)),),
        rule=(
            Lies("loss", "pre-0.03", minus="double-0.03", above=0.02),
            Lies("loss", "pre-0.03", minus="residual_post-0.03", above=0.02),
        ),
        small=Text(
            "What these norms are for are spikes after weeks of training; a hundred steps at a high rate, or four "
            "hundred at the thorough setting, stand in for them here.",
            "这些归一化针对的是训练数周后的尖峰；这里用高学习率下的 100 步（充分设置为 400 步）来代替。",
        ),
        look=Text("Which line rises last toward high rates.", "学习率升高时，哪条线最后翘起。"),
        plots=(Plot("loss", Text("learning rate", "学习率"), log=True),),
    )
)
