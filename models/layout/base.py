"""Block layout: in which order the stream passes attention and feed-forward, and which of the two there are."""

from typing import TYPE_CHECKING, ClassVar, Protocol

from torch import Tensor

from models.drawing import Mark
from models.hooks import Place
from models.option import Axis, parameter
from models.piece import Piece, literal
from models.text import Refusal, Text
from models.words import joined, same

if TYPE_CHECKING:
    from models.architecture import Architecture

SHARED = "shared"


class Flow(Protocol):
    """What a layout may ask of a block; `site` names a sublayer, or SHARED."""

    def read(self, x_BTD: Tensor, site: str) -> Tensor:
        """What the sublayer at `site` reads from the stream."""
        ...

    def write(self, site: str, h_BTD: Tensor) -> Tensor:
        """What the sublayer at `site` would add, having read `h_BTD`."""
        ...

    def merge(self, x_BTD: Tensor, y_BTD: Tensor, site: str) -> Tensor:
        """The stream after `y_BTD` was added."""
        ...


class Layout(Axis):
    """How a block is wired. A layout's `flow` is its equation."""

    axis_title: ClassVar[Text] = Text("Block", "块结构")
    axis_help: ClassVar[Text] = Text(
        "How attention and feed-forward are wired to the stream.", "注意力与前馈层如何接到残差流上。"
    )

    attention: bool = parameter(
        True,
        Text("attention", "注意力"),
        Text(
            "Off: the block has no attention; tokens cannot see each other.", "关：块里没有注意力，词元之间互不可见。"
        ),
    )
    feed_forward: bool = parameter(
        True,
        Text("feed-forward", "前馈层"),
        Text("Off: the block has no feed-forward sublayer.", "关：块里没有前馈子层。"),
    )
    residual: float = parameter(
        1.0,
        Text("residual multiplier", "残差乘数"),
        Text(
            "What a sublayer adds is multiplied by this (Granite: 0.22).", "子层的输出先乘以它再相加（Granite：0.22）。"
        ),
        gt=0,
        le=10,
    )

    def check(self, architecture: "Architecture") -> None:
        if not self.sublayers():
            sentence = Text(
                "layout.attention and layout.feed_forward are both off: the block would be empty. Turn one of them on.",
                "layout.attention 与 layout.feed_forward 都关掉了，块会是空的。请至少打开一个。",
            )
            raise Refusal(sentence, "layout.attention", "layout.feed_forward")

    def sublayers(self) -> tuple[str, ...]:
        """The sublayers there are, in order."""
        present = {"attention": self.attention, "feed_forward": self.feed_forward}
        return tuple(name for name, there in present.items() if there)

    def inputs(self) -> tuple[str, ...]:
        """The sites at which something is read from the stream."""
        return self.sublayers()

    def sums(self) -> tuple[str, ...]:
        """The sites at which something is added to the stream."""
        return self.sublayers()

    @property
    def norms_stream(self) -> bool:
        """Does the norm before a sublayer act on the stream itself, and not on what is read from it alone?"""
        return False

    def flow(self, x_BTD: Tensor, block: Flow) -> Tensor:
        """The stream after one block."""
        raise NotImplementedError

    def on_output(self, y_BTD: Tensor, at: Place) -> Tensor:
        return y_BTD if self.residual == 1 else y_BTD * self.residual

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        label = f"× {self.residual:.3g}"
        return (Mark("output", Text(label, label), "layout.residual"),) if self.residual != 1 else ()

    def cell(self, architecture: "Architecture") -> Text:
        return joined(self.title, same(f"× {self.residual:g}") if self.residual != 1 else None)

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        """Its equation is `flow`, which writes itself; this is what else there is."""
        if self.residual == 1:
            return ()
        return Piece("constant", f"RESIDUAL = {literal(self.residual)}"), Piece("output", "RESIDUAL * {x}")


class OneNormEach(Layout):
    """A layout with one norm before each addition, so that the stream itself may go on from there."""

    normed_residual: bool = parameter(
        False,
        Text("residual after the norm", "归一化后接残差"),
        Text(
            "The sublayer's output is added to what its norm gave, not to what the norm read: N(x) + f(N(x)) (an "
            "option of BLOOM).",
            "子层的输出加到归一化之后（而非之前）的流上：N(x) + f(N(x))（BLOOM 的可选项）。",
        ),
    )

    def check(self, architecture: "Architecture") -> None:
        super().check(architecture)
        if self.normed_residual and not (architecture.placement.before and architecture.norm.normalizes):
            names = "placement", "norm"
            placement, norm = (getattr(architecture, name).slug for name in names)
            sentence = Text(
                "layout.normed_residual=on needs a norm before the sublayer, and there is none with "
                f"placement={placement}, norm={norm}.",
                f"layout.normed_residual=on 要求子层之前有归一化，而 placement={placement}、norm={norm} 时没有。",
            )
            raise Refusal(sentence, "layout.normed_residual", *names)

    def stays(self, x_BTD: Tensor, h_BTD: Tensor) -> Tensor:
        """What an output is added to: the stream `x_BTD`, or what the norm made of it, `h_BTD`."""
        return h_BTD if self.normed_residual else x_BTD

    @property
    def norms_stream(self) -> bool:
        return self.normed_residual
