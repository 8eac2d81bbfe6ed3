"""The aspect ratio is flat in loss, not in latency."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, speed
from playground.ruling import Lies

# Layers to width: layers · width² stays. What two layers of width 136 have above 1 % too many, their d_ff gives up.
SIZES = {2: 136, 4: 96, 8: 68, 16: 48}
HIDDEN = {2: 536}


def _arm(layers: int, width: int) -> Arm:
    hidden = HIDDEN.get(layers)
    return Arm(
        f"gpt-2,shape.layers={layers},shape.width={width}" + (f",feed_forward.size={hidden}" if hidden else ""),
        Text(f"{layers} layers, width {width}", f"{layers} 层，宽 {width}"),
        layers,
    )


register(
    Lesson(
        id="aspect-ratio",
        order=16,
        theme="shape",
        title=Text("The aspect ratio is flat in loss, not in latency.", "宽深比对损失影响平坦，对延迟则不然。"),
        said=Text(
            "At equal parameters depth and width can be traded over a wide range without changing the loss; but layers "
            "run one after the other, so deep models are slower.",
            "参数量相同时，深度与宽度可以在很大范围内互换而损失不变；但层要逐层计算，深的模型更慢。",
        ),
        by=Text(
            "Kaplan et al. 2020, arXiv:2001.08361, §3.1 and Figure 5; Tay et al. 2021, arXiv:2109.10686; CS336 "
            "lecture 3, "
            "on the aspect ratio",
            "Kaplan et al. 2020, arXiv:2001.08361，§3.1 与图 5；Tay et al. 2021, arXiv:2109.10686；CS336 第 3 "
            "讲“宽深比”",
        ),
        figure=Text(
            "Loss increase against d_model / layers: flat from about 10 to 300; beside it, the systems' ratios near "
            "128.",
            "损失增幅随 d_model / 层数 变化：约 10 到 300 之间平坦；旁边列出各模型的比值，多在 128 附近。",
        ),
        trials=(Trial({f"{layers}": _arm(layers, width) for layers, width in SIZES.items()}, (115_200, 307_200)),),
        rule=(
            Lies("loss", "2", minus="4", above=-0.05, below=0.05),
            Lies("loss", "8", minus="4", above=-0.05, below=0.05),
            Lies("decode_speed", "2", over="16", above=2.0),
        ),
        measures=(ending.loss,),
        races=(speed.training, speed.decoding),
        small=Text(
            "Widths of 48 to 136 give ratios of 3 to 68; the flat part of the published curve begins at about 10.",
            "宽 48 到 136 对应比值 3 到 68；文献曲线约从 10 开始平坦。",
        ),
        look=Text("The loss beside both speeds, over depth.", "把损失与两种速度随深度的变化放在一起看。"),
        plots=(
            Plot("loss", Text("layers", "层数"), log=True),
            Plot("training_speed", Text("layers", "层数"), log=True),
            Plot("decode_speed", Text("layers", "层数"), log=True),
        ),
    )
)
