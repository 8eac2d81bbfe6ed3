"""What may be chosen of RoPE's frequencies: base, share of a head, how they are stretched, in which layers otherwise.

The formulas are in `models.frequencies`; knows not what is done with what turns.
"""

from typing import TYPE_CHECKING, Self

from pydantic import ValidationInfo, field_validator

from models.drawing import short
from models.frequencies import PLAIN, SCALINGS, WRITTEN, Stretch, Turning
from models.option import parameter
from models.piece import Only, Piece, literal
from models.position.base import Layered
from models.refusals import misspelt
from models.text import Refusal, Text
from models.words import same

if TYPE_CHECKING:
    from models.architecture import Architecture


class Turned(Layered):
    """Pairs of entries of a head that turn, each with a frequency of its own. Abstract: RoPE is below."""

    theta: float = parameter(
        10_000.0,
        Text("base θ", "基数 θ"),
        Text("The slowest pair turns once in about 2π·θ positions.", "最慢的一对大约每 2π·θ 个位置转一圈。"),
        gt=1,
        le=1e9,
    )
    local_theta: float | None = parameter(
        None,
        Text("base θ of local layers", "局部层的基数 θ"),
        Text(
            "Layers whose span is local see near tokens only, and need no slow pairs (Gemma 3: 10,000 beside "
            "1,000,000). Left out: θ.",
            "局部层只看近处，不需要转得慢的维度对（Gemma 3：局部层 10,000，其余 1,000,000）。不填则为 θ。",
        ),
        gt=1,
        le=1e9,
    )
    fraction: float = parameter(
        1.0,
        Text("rotated fraction", "旋转比例"),
        Text(
            "Share of each head that is rotated; the rest carries no position (GPT-NeoX: 0.25).",
            "每个头中参与旋转的比例，其余部分不带位置（GPT-NeoX：0.25）。",
        ),
        gt=0,
        le=1,
    )
    scaling: str = parameter(
        "none",
        Text("scaling", "缩放方式"),
        Text(
            "How pairs slow down for a longer context: linear all alike, ntk by a larger θ, llama3 and yarn the slow "
            "ones. A parameter below that does not name a scaling does nothing in it.",
            "上下文变长时各对如何放慢：linear 全部一样，ntk 增大 θ，llama3 与 yarn 只放慢转得慢的。下面的参数对未注明的"
            "缩放不起作用。",
        ),
        suggestions=SCALINGS,
    )
    factor: float = parameter(
        8.0,
        Text("scaling factor", "缩放倍数"),
        Text("Of every scaling: the new context over the original.", "各种缩放都用：新上下文与原上下文之比。"),
        ge=1,
        le=1e4,
    )
    original: int | None = parameter(
        None,
        Text("original context", "原上下文长度"),
        Text(
            "Of llama3 and yarn: the context before scaling (LLaMA 3.1: 8,192). Left out: shape.context.",
            "用于 llama3 与 yarn：缩放之前的上下文长度（LLaMA 3.1：8,192）。不填则为 shape.context。",
        ),
        ge=1,
        le=10_000_000,
    )
    low: float = parameter(
        1.0,
        Text("low frequency factor", "低频界"),
        Text(
            "Of llama3: pairs that turn fewer times than this within the original context are slowed in full.",
            "用于 llama3：在原上下文内转的圈数少于此值的维度对完全放慢。",
        ),
        gt=0,
        le=1e4,
    )
    high: float = parameter(
        4.0,
        Text("high frequency factor", "高频界"),
        Text(
            "Of llama3: pairs that turn more times than this are left alone.",
            "用于 llama3：圈数多于此值的维度对保持不变。",
        ),
        gt=0,
        le=1e4,
    )
    fast: float = parameter(
        32.0,
        Text("β fast", "β fast"),
        Text(
            "Of yarn: pairs that turn more times than this within the original context are left alone.",
            "用于 yarn：在原上下文内转的圈数多于此值的维度对保持不变。",
        ),
        gt=0,
        le=1e4,
    )
    slow: float = parameter(
        1.0,
        Text("β slow", "β slow"),
        Text(
            "Of yarn: pairs that turn fewer times than this are slowed in full.",
            "用于 yarn：圈数少于此值的维度对完全放慢。",
        ),
        gt=0,
        le=1e4,
    )
    attention_factor: float | None = parameter(
        None,
        Text("attention factor", "注意力系数"),
        Text(
            "Of yarn: what rotated entries are multiplied by, in q and in k. Left out: 0.1 · ln(factor) + 1.",
            "用于 yarn：q 与 k 中旋转过的分量所乘的系数。不填则为 0.1 · ln(倍数) + 1。",
        ),
        gt=0,
        le=100,
    )
    truncate: bool = parameter(
        True,
        Text("whole pairs", "按整对取整"),
        Text(
            "Of yarn: begin and end the transition at whole pairs (gpt-oss: off).",
            "用于 yarn：过渡区间的两端取在整对上（gpt-oss：关）。",
        ),
    )
    local_scaling: str = parameter(
        "same",
        Text("scaling of local layers", "局部层的缩放方式"),
        Text("same: as the others; Gemma 3: none.", "same：与其余层相同；Gemma 3：none。"),
        suggestions=("same", *SCALINGS),
    )
    local_factor: float | None = parameter(
        None,
        Text("scaling factor of local layers", "局部层的缩放倍数"),
        Text("Left out: that of the others.", "不填则与其余层相同。"),
        ge=1,
        le=1e4,
    )

    @field_validator("scaling", "local_scaling")
    @classmethod
    def _known_scaling(cls, word: str, info: ValidationInfo) -> str:
        known = [*SCALINGS, *(["same"] if info.field_name == "local_scaling" else [])]
        if word not in known:
            path = f"position.{info.field_name}"
            raise misspelt(f"{path}={word}", [f"{path}={scaling}" for scaling in known], path)
        return word

    def rotated(self, architecture: "Architecture") -> int:
        """How many entries of a head turn."""
        return int(self.fraction * architecture.heads.width(architecture))

    def turning(self, architecture: "Architecture", local: bool) -> Turning:
        """How fast pairs turn in layers whose span is local, and in the others."""
        scaling, stretch = self._stretch(architecture, local)
        return SCALINGS[scaling](stretch)

    def _stretch(self, architecture: "Architecture", local: bool) -> tuple[str, Stretch]:
        """The scaling and what it may ask for."""
        theta, scaling, factor = self.theta, self.scaling, self.factor
        if local:
            theta = self.local_theta or theta
            scaling = scaling if self.local_scaling == "same" else self.local_scaling
            factor = self.local_factor or factor
        return scaling, Stretch(
            turned=self.rotated(architecture),
            theta=theta,
            factor=factor,
            original=self.original or architecture.shape.context,
            low=self.low,
            high=self.high,
            fast=self.fast,
            slow=self.slow,
            truncate=self.truncate,
            attention_factor=self.attention_factor,
        )

    def written(self, architecture: "Architecture", local: bool, only: Only | None = None) -> tuple[Piece, ...]:
        """The source of how fast pairs turn in layers whose span is local, or in the others, kept in self.radians.

        `only` names the local layers, where they and the others turn differently.
        """
        scaling, stretch = self._stretch(architecture, local)
        text, says = WRITTEN[scaling](stretch)
        prefix = "LOCAL_" if local and only else ""
        theta, factor = f"{prefix}THETA", f"{prefix}FACTOR"
        made = f"self.radians = {f'frequencies({theta})' if scaling == 'none' else f'{scaling}({theta}, {factor})'}"
        if self.gains(architecture):
            gain = self.turning(architecture, local).gain
            usual = f"0.1 * math.log({factor}) + 1" if self.attention_factor is None else literal(gain)
            made += f"\nself.gain = {'1.0' if gain == 1 else usual}"
        constants = {
            theta: literal(stretch.theta),
            factor: literal(stretch.factor),
            **{name.upper(): literal(getattr(stretch, name)) for name in ("original", "low", "high", "fast", "slow")},
        }
        return (
            *(Piece("constant", f"{name} = {value}") for name, value in constants.items()),
            Piece("definition", *PLAIN),
            *((Piece("definition", text, says),) if text else ()),
            Piece("attention.parts", made, only=only, unless=not local),
        )

    def gains(self, architecture: "Architecture") -> bool:
        """Are rotated entries multiplied by something, in any layer?"""
        return any(self.turning(architecture, local).gain != 1 for local in (False, True))

    def shortened(self, factor: float, multiple: int = 1) -> Self:
        if self.original is None:
            return self
        return self.model_copy(update={"original": max(1, round(self.original * factor / multiple)) * multiple})

    def check(self, architecture: "Architecture") -> None:
        super().check(architecture)
        rotated, head = self.rotated(architecture), architecture.heads.width(architecture)
        if rotated % 2 or rotated == 0:
            odd = ODD.format(fraction=f"{self.fraction:g}", head=head, rotated=rotated)
            raise Refusal(odd, "position.fraction", "heads.head_dim")
        for below, above in (("low", "high"), ("slow", "fast")):
            least, most = getattr(self, below), getattr(self, above)
            if least > most:
                crossed = CROSSED.format(below=below, least=f"{least:g}", above=above, most=f"{most:g}")
                raise Refusal(crossed, f"position.{below}", f"position.{above}")

    def stretched(self) -> str:
        """The scaling and what it uses, as a drawing's note; "" for none."""
        return self._noted(self.scaling, self.factor)

    def stretched_in_words(self) -> tuple[Text | None, ...]:
        """How it is scaled, and what its local layers have instead, as a table says it."""
        own = self.local_scaling
        full = None if self.scaling == "none" else same(f"{self.scaling} × {self.factor:g}")
        if own in ("same", self.scaling) and self.local_factor in (None, self.factor):
            return (full,)
        if own == "none":
            return full, Text("local unscaled", "局部层不缩放")
        factor = self.factor if self.local_factor is None else self.local_factor
        kind = self.scaling if own == "same" else own
        return full, Text(f"local {kind} × {factor:g}", f"局部 {kind} × {factor:g}")

    def otherwise(self) -> str:
        """What local layers have otherwise, as a drawing's note; "" for nothing."""
        if (self.local_theta, self.local_scaling, self.local_factor) == (None, "same", None):
            return ""
        theta = f"θ {short(self.local_theta or self.theta)}"
        scaling = self.scaling if self.local_scaling == "same" else self.local_scaling
        return " · ".join(filter(None, (theta, self._noted(scaling, self.local_factor or self.factor))))

    def _noted(self, scaling: str, factor: float) -> str:
        if scaling == "none":
            return ""
        original = f" · {self.original}" if self.original else ""
        gain = f" · × {short(self.attention_factor)}" if self.attention_factor else ""
        uses = {
            "llama3": f"{original} · {self.low:g}–{self.high:g}",
            "yarn": f"{original} · {self.slow:g}–{self.fast:g}{'' if self.truncate else ' ≈'}{gain}",
        }
        return f"{scaling} {short(factor)}{uses.get(scaling, '')}"


ODD = Text(
    "RoPE turns pairs, so the rotated part of a head must be even: position.fraction={fraction} of a head width of "
    "{head} is {rotated}. Choose an even heads.head_dim or another fraction.",
    "RoPE 成对旋转，因此每个头参与旋转的维数必须是偶数：头宽 {head} 的 {fraction}（position.fraction）是 {rotated}。"
    "请把 heads.head_dim 设为偶数，或换一个比例。",
)
CROSSED = Text(
    "position.{below}={least} must not be above position.{above}={most}: pairs between the two are slowed in part.",
    "position.{below}={least} 不能大于 position.{above}={most}：转动圈数在两者之间的维度对只放慢一部分。",
)
