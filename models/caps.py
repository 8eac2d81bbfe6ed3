"""Soft caps and z-loss: three ways to keep logits from running away. Each is off, or a number."""

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from models.drawing import Mark, Spot
from models.hooks import Answers, Hooks, Place
from models.option import Axis, parameter
from models.piece import Piece, Slot, literal
from models.text import Text

if TYPE_CHECKING:
    from models.architecture import Architecture


def soft_cap(x: Tensor, cap: float) -> Tensor:
    """cap · tanh(x / cap): nearly x while small, never beyond ±cap (Gemma 2, arXiv:2408.00118, §2)."""
    return cap * torch.tanh(x / cap)


SAYS = "Nearly x while small, never beyond ±c: c · tanh(x / c)\n{citation}"
SOFT_CAP = '''def soft_cap(x: Tensor, cap: float) -> Tensor:
    """says"""
    return cap * torch.tanh(x / cap)'''


def _drawn(spot: Spot, cap: float | None, axis: str) -> tuple[Mark, ...]:
    return () if cap is None else (Mark(spot, Text(f"soft-cap {cap:g}", f"软上限 {cap:g}"), axis),)


def _written(slot: Slot, cap: float | None, name: str, says: str) -> tuple[Piece, ...]:
    if cap is None:
        return ()
    constant = Piece("constant", f"{name} = {literal(cap)}")
    return constant, Piece("definition", SOFT_CAP, says), Piece(slot, f"soft_cap({{x}}, {name})")


class AttentionCap(Axis):
    """Scaled scores s become cap · tanh(s / cap), before bias and mask."""

    axis_title: ClassVar[Text] = Text("Attention soft-cap", "注意力软上限")
    axis_help: ClassVar[Text] = Text("Bounds the attention scores smoothly.", "平滑地限制注意力分数。")
    title: ClassVar[Text] = axis_title
    help: ClassVar[Text] = Text(
        "No score beyond the cap · needs the explicit, slower attention · Gemma 2 (50), Grok-1 (30)",
        "分数不会超过上限 · 只能用较慢的显式注意力 · Gemma 2（50）、Grok-1（30）",
    )
    formula: ClassVar[str] = "c · tanh(s / c)"
    citation: ClassVar[str] = "Gemma Team 2024, arXiv:2408.00118, §2"
    abbreviates: ClassVar[str] = "cap"

    cap: float | None = parameter(None, axis_title, axis_help, panel="page", gt=0, le=1e4)

    def build(self, architecture: "Architecture") -> Hooks:
        return self if self.cap is not None else Hooks()

    def on_cap(self, scores_BHTS: Tensor, at: Place) -> Tensor:
        assert self.cap is not None
        return soft_cap(scores_BHTS, self.cap)

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        return _drawn("cap", self.cap, "attention_cap")

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        return _written("cap", self.cap, "ATTENTION_CAP", SAYS.format(citation=self.citation))


class OutputCap(Axis):
    """Logits u become cap · tanh(u / cap), in training and in use."""

    axis_title: ClassVar[Text] = Text("Output soft-cap", "输出软上限")
    axis_help: ClassVar[Text] = Text("Bounds the final logits smoothly.", "平滑地限制最终的 logits。")
    title: ClassVar[Text] = axis_title
    help: ClassVar[Text] = Text(
        "No logit beyond the cap · one tanh a logit · Gemma 2 (30)",
        "logit 不会超过上限 · 每个 logit 一次 tanh · Gemma 2（30）",
    )
    formula: ClassVar[str] = "c · tanh(u / c)"
    citation: ClassVar[str] = "Gemma Team 2024, arXiv:2408.00118, §2"
    abbreviates: ClassVar[str] = "cap"

    cap: float | None = parameter(None, axis_title, axis_help, panel="page", gt=0, le=1e4)

    def build(self, architecture: "Architecture") -> Hooks:
        return self if self.cap is not None else Hooks()

    def on_logits(self, logits_BTV: Tensor, at: Place) -> Tensor:
        assert self.cap is not None
        return soft_cap(logits_BTV, self.cap)

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        return _drawn("logits", self.cap, "output_cap")

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        return _written("logits", self.cap, "OUTPUT_CAP", SAYS.format(citation=self.citation))


class ZLoss(Axis):
    """Adds α · mean((log Z)²) to the training loss, Z = Σ exp(logits); evaluation leaves it out."""

    axis_title: ClassVar[Text] = Text("z-loss", "z-loss")
    axis_help: ClassVar[Text] = Text("Keeps the softmax's normalizer near 1.", "让 softmax 的归一化因子保持在 1 附近。")
    title: ClassVar[Text] = axis_title
    help: ClassVar[Text] = Text(
        "Keeps log Z near 0 · one log-sum-exp a token in training · PaLM (1e-4), OLMo 2 (1e-5)",
        "让 log Z 保持在 0 附近 · 训练时每个词元一次 log-sum-exp · PaLM（1e-4）、OLMo 2（1e-5）",
    )
    formula: ClassVar[str] = "L + α · mean((log Z)²)"
    citation: ClassVar[str] = "PaLM, Chowdhery et al. 2022, arXiv:2204.02311, §5"
    abbreviates: ClassVar[str] = "weight"

    weight: float | None = parameter(None, axis_title, axis_help, panel="page", gt=0, le=1)

    def build(self, architecture: "Architecture") -> Hooks:
        return self if self.weight is not None else Hooks()

    def on_loss(self, loss: Tensor, answers: Answers) -> Tensor:
        assert self.weight is not None
        return loss + self.weight * answers.mean(answers.logits_NV.logsumexp(-1).square())

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        label = f"+ {self.weight:g} · log² Z" if self.weight is not None else ""
        return (Mark("loss", Text(f"training loss {label}", f"训练损失 {label}"), "z_loss"),) if label else ()

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        if self.weight is None:
            return ()
        term = "{x} + Z_LOSS * logits_NV[counted_N].logsumexp(-1).square().mean()"
        return Piece("constant", f"Z_LOSS = {literal(self.weight)}"), Piece("loss", term, self.cited())
