"""How a model is trained: data, budget, batch, optimizer, schedule, precision. Knows nothing of architectures.

A recipe is spelt as an axis without options is: its fields are `recipe.field=value`, and carry their
names and help in both languages, the same way.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import field_validator, model_validator

from models.option import Spelt, parameter
from models.spelling import Path, axis_paths, changed, differing
from models.text import Refusal, Text

BUDGETS = ("tokens", "seconds", "flops")


class Recipe(Spelt):
    """One way to train. Of the three budgets exactly one is set, tokens if nothing is said."""

    axis_title: ClassVar[Text] = Text("Recipe", "训练配方")
    axis_help: ClassVar[Text] = Text("How all variants are trained.", "所有变体的训练方式。")
    title: ClassVar[Text] = axis_title
    help: ClassVar[Text] = axis_help

    data: str = parameter(
        "tales",
        Text("Data", "数据"),
        Text("What the models read.", "模型学习所用的文本或任务。"),
        panel="page",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:-]*$",
        max_length=200,
    )
    tokenizer: Literal["characters", "bytes", "bpe"] = parameter(
        "characters",
        Text("Tokenizer", "分词"),
        Text(
            "How text becomes tokens: characters, UTF-8 bytes, or byte pairs merged to shape.vocabulary entries.",
            "文本如何切分成词元：按字符、按 UTF-8 字节，或用 BPE 合并到 shape.vocabulary 个词元。",
        ),
        panel="page",
    )
    tokens: int | None = parameter(
        300_000,
        Text("Tokens", "词元数"),
        Text("The budget of one run, in tokens trained on.", "单次训练的预算：训练多少个词元。"),
        panel="page",
        ge=1,
        le=10**13,
    )
    seconds: float | None = parameter(
        None,
        Text("Seconds", "秒数"),
        Text(
            "The budget in seconds of training instead; the result then depends on the machine.",
            "改用训练秒数作为预算；结果因此与机器有关。",
        ),
        gt=0,
        le=10**7,
    )
    flops: float | None = parameter(
        None,
        Text("FLOPs", "FLOPs"),
        Text(
            "The budget in floating-point operations instead, forward and backward.",
            "改用浮点运算次数作为预算（前向与反向合计）。",
        ),
        gt=0,
        le=10**26,
    )
    batch: int = parameter(
        12,
        Text("Batch", "批大小"),
        Text("Sequences of one context each in a step.", "每步训练的序列条数，每条为一个上下文长度。"),
        panel="page",
        ge=1,
        le=65_536,
    )
    lr: float = parameter(
        3e-3,
        Text("Learning rate", "学习率"),
        Text("The peak, reached after warmup.", "预热结束时达到的峰值学习率。"),
        panel="page",
        gt=0,
        le=100,
    )
    schedule: Literal["cosine", "linear", "constant", "wsd"] = parameter(
        "cosine",
        Text("Schedule", "学习率调度"),
        Text(
            "How the rate falls after warmup; wsd keeps it constant and lets it fall only at the end.",
            "预热之后学习率如何下降；wsd 先保持不变，最后一段才衰减。",
        ),
        panel="page",
    )
    warmup: int = parameter(
        100,
        Text("Warmup", "预热步数"),
        Text("Steps over which the rate rises from zero.", "学习率从零线性上升所用的步数。"),
        panel="page",
        ge=0,
        le=10**9,
    )
    warmup_share: float = parameter(
        0.1,
        Text("Warmup at most", "预热占比上限"),
        Text("Warmup takes at most this share of the run.", "预热步数不超过整个训练的这一比例。"),
        ge=0,
        le=1,
    )
    final_lr: float = parameter(
        0.1,
        Text("Final rate", "最终学习率"),
        Text("The rate at the end, as a share of the peak.", "训练结束时的学习率占峰值的比例。"),
        ge=0,
        le=1,
    )
    decay_share: float = parameter(
        0.2,
        Text("Decay of wsd", "wsd 衰减段"),
        Text(
            "The share of what follows warmup over which wsd lets the rate fall, at its end.",
            "wsd 调度中末尾衰减段占预热之后部分的比例。",
        ),
        ge=0,
        le=1,
    )
    betas: str = parameter(
        "0.9~0.99",
        Text("AdamW betas", "AdamW β₁、β₂"),
        Text(
            "Decay of the running means of gradient and squared gradient, joined by ~.",
            "梯度及其平方的滑动平均系数，用 ~ 连接。",
        ),
    )
    eps: float = parameter(
        1e-8,
        Text("AdamW eps", "AdamW ε"),
        Text("Added to the root of the squared gradient's mean.", "加在二阶矩平方根上的小量，防止除零。"),
        gt=0,
        le=1,
    )
    weight_decay: float = parameter(
        0.1,
        Text("Weight decay", "权重衰减"),
        Text("Decoupled from the gradient, scaled by the learning rate.", "与梯度解耦，并乘以当前学习率。"),
        ge=0,
        le=100,
    )
    decayed: Literal["matrices", "hidden", "all"] = parameter(
        "matrices",
        Text("Decayed", "衰减对象"),
        Text(
            "Which parameters decay: matrices (gains and biases are spared), hidden (embedding and head are spared, "
            "too), or all.",
            "哪些参数衰减：matrices 为所有矩阵（增益、偏置除外），hidden 再除去嵌入与输出头，all 为全部。",
        ),
    )
    clip: float | None = parameter(
        1.0,
        Text("Clipping", "梯度裁剪"),
        Text(
            "The largest gradient norm, over all parameters; none to leave it.",
            "全部参数的梯度范数上限；none 表示不裁剪。",
        ),
        gt=0,
        le=10**9,
    )
    precision: Literal["fp32", "bf16", "fp16"] = parameter(
        "fp32",
        Text("Precision", "数值精度"),
        Text(
            "What matrices are multiplied in; fp16 has no loss scaling, so that one sees what overflows.",
            "矩阵乘法所用的精度；fp16 不做损失缩放，便于观察哪里会溢出。",
        ),
    )
    compile: Literal["off", "auto"] = parameter(
        "off",
        Text("Compile", "编译"),
        Text(
            "auto: torch.compile takes over at a fixed step; faster after a pause, and no longer equal to the bit.",
            "auto：在固定的步数切换到 torch.compile；停顿片刻后更快，但结果不再逐位一致。",
        ),
    )
    threads: int = parameter(
        1,
        Text("Threads", "线程数"),
        Text("CPU threads of one run.", "单次训练使用的 CPU 线程数。"),
        ge=1,
        le=1024,
    )

    @property
    def beta_pair(self) -> tuple[float, float]:
        """Both betas as numbers, in [0, 1)."""
        first, second = map(float, self.betas.split("~"))
        return first, second

    def tokens_at(self, flops_per_token: float) -> float | None:
        """The tokens that the budget buys at so many FLOPs of training on one; None where it is in seconds."""
        return self.tokens if self.flops is None else self.flops / flops_per_token

    def steps_at(self, flops_per_token: float, tokens_per_step: int) -> int | None:
        """The optimizer steps that the budget buys, at least one; None where it is in seconds."""
        tokens = self.tokens_at(flops_per_token)
        return None if tokens is None else max(1, int(tokens / tokens_per_step))

    @field_validator("betas")
    @classmethod
    def _two_shares(cls, betas: str) -> str:
        try:
            first, second = map(float, betas.split("~"))
        except ValueError:
            first = second = -1.0
        if not (0 <= first < 1 and 0 <= second < 1):
            raise Refusal(BETAS.format(given=repr(betas[:40])), "recipe.betas")
        return f"{first:g}~{second:g}"

    @model_validator(mode="before")
    @classmethod
    def _one_budget(cls, value: Any) -> Any:
        """Seconds or FLOPs, when given, take the place of the default tokens."""
        if not isinstance(value, dict):
            return value
        given = [name for name in BUDGETS if value.get(name) is not None]
        if len(given) > 1:
            sentence = TWO_BUDGETS.format(en=" and ".join(given), zh="、".join(given))
            raise Refusal(sentence, *(f"recipe.{name}" for name in given))
        if given:
            return value | {name: None for name in BUDGETS if name not in given}
        return value | {"tokens": cls.model_fields["tokens"].default}


def change(recipe: Recipe, changes: Mapping[str, str]) -> Recipe:
    """`recipe` with `changes`, such as {"lr": "1e-3"}; a new budget takes the place of the old one.

    Raises:
        Refusal: an unknown field, a value it cannot have, or two budgets.
    """
    if any(name in changes for name in BUDGETS):
        recipe = recipe.model_copy(update={name: None for name in BUDGETS})
    return changed("recipe", recipe, changes)


def differences(recipe: Recipe, base: Recipe) -> dict[str, str]:
    """The shortest changes that make `recipe` out of `base`."""
    found = differing(recipe, base)
    return {name: text for name, text in found.items() if not (name in BUDGETS and text == "none")}


def paths() -> list[Path]:
    """Every field, as controls and docs need it."""
    return axis_paths("recipe", Recipe)


BETAS = Text(
    "recipe.betas={given}: give two numbers from 0 to below 1, joined by ~, such as 0.9~0.95.",
    "recipe.betas={given}：请给出两个不小于 0 且小于 1 的数，用 ~ 连接，例如 0.9~0.95。",
)
TWO_BUDGETS = Text("A run has one budget, and {en} were given.", "一次训练只能有一种预算，却同时给出了 {zh}。")
