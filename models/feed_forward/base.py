"""Feed-forward: what happens to every position by itself, between two attentions."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import field_validator
from torch import nn

from models.activation.base import ACTIVATIONS, Activation, by_rank, curve
from models.drawing import Mark
from models.option import Axis, parameter, slug_of, unknown
from models.piece import Piece, literal
from models.text import Refusal, Text
from models.words import joined

if TYPE_CHECKING:
    from models.architecture import Architecture

ACTIVATION = Text("activation", "激活函数")
ACTIVATION_HELP = Text("The nonlinearity; with a gate it acts on the gate.", "非线性函数；有门控时作用在门上。")
RATIO = Text("ratio d_ff / width", "宽度比 d_ff / width")
RATIO_HELP = Text(
    "Width of the hidden layer (of one branch, if gated) over the model's; rounded to a multiple of 8.",
    "隐藏层（门控时指单个分支）与模型宽度之比；取 8 的倍数。",
)
MULTIPLE = 8


class FeedForward(Axis):
    """A feed-forward sublayer; its hidden width comes from `size`, else from `match`, else from `ratio`."""

    axis_title: ClassVar[Text] = Text("Feed-forward", "前馈层")
    axis_help: ClassVar[Text] = Text(
        "The two or three matrices that work on each position alone.", "逐位置独立计算的两三个矩阵。"
    )
    matrices: ClassVar[int]
    matched: ClassVar[float]  # d_ff / width at which the parameters equal those of plain 4 × width

    activation: str = parameter("gelu", ACTIVATION, ACTIVATION_HELP, suggestions=ACTIVATIONS)
    ratio: float = parameter(4.0, RATIO, RATIO_HELP, gt=0, le=64)
    size: int | None = parameter(
        None,
        Text("hidden width d_ff", "隐藏宽度 d_ff"),
        Text("The hidden width itself, in place of the ratio.", "直接给出隐藏宽度，取代宽度比。"),
        ge=1,
        le=262_144,
    )
    match: bool = parameter(
        False,
        Text("match plain 4 × width", "与普通 4 × width 等参数"),
        Text(
            "Choose the hidden width so that the parameters equal a plain layer of 4 × width.",
            "选取隐藏宽度，使参数量等于 4 × width 的普通前馈层。",
        ),
    )

    @field_validator("activation")
    @classmethod
    def _known(cls, slug: str) -> str:
        if slug not in ACTIVATIONS:
            raise unknown(Text("Activation", "激活函数"), slug, ACTIVATIONS)
        return slug

    def check(self, architecture: "Architecture") -> None:
        if self.match and self.size is not None:
            sentence = Text(
                f"feed_forward.match chooses the hidden width, but feed_forward.size={self.size} fixes it. Leave one "
                "of them out.",
                f"feed_forward.match 会自己选隐藏宽度，而 feed_forward.size={self.size} 已把它固定。请去掉其中一个。",
            )
            raise Refusal(sentence, "feed_forward.match", "feed_forward.size")

    def hidden(self, width: int) -> int:
        """The hidden width d_ff of a model `width` wide."""
        if self.size is not None:
            return self.size
        if self.match:
            return round(self.matched * width)
        return max(MULTIPLE, MULTIPLE * round(self.ratio * width / MULTIPLE))

    def module(self, architecture: "Architecture") -> nn.Module:
        """The sublayer: [..., width] → [..., width]. Its last matrix is named `down`."""
        raise NotImplementedError

    def function(self) -> Activation:
        """The chosen activation."""
        return ACTIVATIONS[self.activation]

    def written(self, architecture: "Architecture") -> str:
        """The class of the sublayer in an architecture's source code, named FeedForward."""
        raise NotImplementedError

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        function = self.function()
        word = self.called(function)
        name = word[1].en if word else f"{self.title.en.capitalize()} {function.title.en}"
        cited, of_function = (text.partition(";")[0] for text in (self.citation, function.citation))
        bent = f"{function.title.en}: {function.formula}\n{of_function}"
        says = f"{name}: {self.formula}, act(z) = {function.formula}\n{cited}; {function.title.en}: {of_function}"
        return (
            Piece("constant", f"HIDDEN = {literal(self.hidden(architecture.shape.width))}"),
            *((Piece("definition", function.definition, bent),) if function.definition else ()),
            Piece("feed_forward", self.written(architecture), says),
        )

    def cell(self, architecture: "Architecture") -> Text:
        width, word = architecture.shape.width, self.called(self.function())
        name = word[1] if word else joined(self.title, self.function().title)
        ratio = f"{self.hidden(width) / width:.4g}×"
        return Text(f"{name.en} {ratio}", f"{name.zh} {ratio}".replace("） ", "）"))

    @classmethod
    def called(cls, activation: Activation) -> tuple[str, Text] | None:
        """The one word for this option with `activation`, and its title; None if there is none."""
        raise NotImplementedError

    @classmethod
    def pairs(cls) -> dict[str, tuple[type[Self], Activation, Text]]:
        """The words that name an option and an activation at once."""
        found = {}
        for option in FeedForward.options().values():
            for activation in by_rank():
                name = option.called(activation)
                if name:
                    found[name[0]] = (option, activation, name[1])
        return found

    @classmethod
    def words(cls) -> dict[str, Text]:
        return {word: title for word, (_, _, title) in cls.pairs().items()}

    @classmethod
    def spell(cls, word: str) -> dict[str, Any] | None:
        if word in cls.pairs():
            option, activation, _ = cls.pairs()[word]
            return {"option": slug_of(option), "activation": activation.slug}
        return super().spell(word)

    def spelt(self) -> tuple[str, frozenset[str]]:
        name = self.called(self.function())
        covered = frozenset({"option", "activation"}) if name else frozenset({"option"})
        return (name[0] if name else slug_of(type(self))), covered

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        function = self.function()
        return (Mark("feed_forward", function.title, "feed_forward", curve=curve(function)),)
