"""The charts of a shared experiment: what `lines` found, in the colours of its variants. Knows no page around them."""

from models.text import Text
from playground.data.references import LABELS
from playground.share.content import Content
from playground.share.lines import Line, lines
from playground.share.plot import Curve

LOSSES, NORMS = ("train_loss", "val_loss"), ("grad_norm",)
AXES = {
    "tokens": Text("tokens trained on", "训练词元数"),
    "step": Text("optimizer steps", "优化器步数"),
    "seconds": Text("seconds of training", "训练秒数"),
    "flops": Text("FLOPs of training", "训练 FLOPs"),
}
LOSS = Text("Loss, nats per token", "损失（nat/词元）")
NORM = Text("Gradient norm", "梯度范数")
BOLD = Text("bold: validation, thin: training", "粗线：验证；细线：训练")
MARKED = ("unigram", "bigram", "entropy", "chance")


def found(content: Content, names: tuple[str, ...]) -> list[Line]:
    """The lines of these quantities, those of training first, so that validation is drawn over them."""
    return [line for name in names for line in lines(content.snapshot, name)]


def curves(content: Content, drawn: list[Line], axis: str) -> list[Curve]:
    """The lines against `axis`, in their variants' colours."""
    return [_curve(content, line, axis) for line in drawn]


def across(content: Content) -> dict[Text, float]:
    """The lines to read a loss against, by what they are called."""
    known = next((run["started"]["references"] for run in content.snapshot["runs"] if run["started"]), {})
    return {LABELS[name]: known[name] for name in MARKED if name in known}


def _curve(content: Content, line: Line, axis: str) -> Curve:
    look, thin = content.looks[line.variant], line.what == "train_loss"
    return Curve(
        line.at[axis],
        line.y,
        look.hue,
        () if thin else line.error,
        1.2 if thin or line.diverged else 2.2,
        look.shade * (0.5 if thin else 1.0),
        line.diverged,
        str(line.variant),
    )
