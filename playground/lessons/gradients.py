"""At the start, post-norm's gradients grow toward the output; pre-norm's do not."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import gradients
from playground.ruling import Lies

SHAPE = "gpt-2,shape.layers=12,shape.width=64"

register(
    Lesson(
        id="gradients",
        order=2,
        theme="norm",
        title=Text(
            "At the start post-norm's gradients grow toward the output.", "起步时，后置归一化的梯度越靠近输出越大。"
        ),
        said=Text(
            "At initialization the gradients of a post-norm model are large near the output and small below; those of "
            "a pre-norm model are about even over the layers.",
            "初始化时，后置归一化模型靠近输出的层梯度很大、下面很小；前置归一化模型各层大致相同。",
        ),
        by=Text(
            "Xiong et al. 2020, arXiv:2002.04745, §3.3, Theorem 1 and Figure 3; CS336 lecture 3, on gradient norms",
            "Xiong et al. 2020, arXiv:2002.04745，§3.3，定理 1 与图 3；CS336 第 3 讲“梯度范数”",
        ),
        figure=Text(
            "Gradient norm against layer, from 1 to 6: post-norm rises from about 0.05 to 1.3, pre-norm stays flat.",
            "梯度范数随层数（1 到 6）的变化：后置从约 0.05 升到 1.3，前置基本持平。",
        ),
        trials=(
            Trial(
                {
                    "post": Arm(f"{SHAPE},placement=post", Text("post-norm", "后置")),
                    "pre": Arm(f"{SHAPE},placement=pre", Text("pre-norm", "前置")),
                    "double": Arm(f"{SHAPE},placement=double", Text("before and after", "前后双置")),
                    "inside": Arm(f"{SHAPE},placement=residual_post", Text("after, inside the residual", "残差内后置")),
                },
                (768, 1536),
            ),
        ),
        rule=(
            Lies("gradient_growth", "post", above=2.0),
            Lies("gradient_growth", "pre", above=0.5, below=2.0),
        ),
        seeds=(3, 20),
        measures=(gradients.at_start,),
        small=Text(
            "The theorem is about the start alone, and holds at any width; here it is measured before the first step, "
            "with one step trained for form's sake. The initialization is fan-in, the paper's is Xavier.",
            "定理只讲初始化时刻，对任意宽度都成立；这里在第一步之前测量，只象征性地训练一步。初始化为 fan-in，"
            "论文为 Xavier。",
        ),
        look=Text("The slope of each line over the layers.", "每条线随层数的斜率。"),
        plots=(Plot("gradient", Text("layer", "层"), profile=True), Plot("gradient_growth")),
    )
)
