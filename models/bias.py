"""Biases of the linear layers, by place. The norms' own offsets belong to `norm`."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import field_validator

from models.option import Axis, parameter
from models.text import Refusal, Text
from models.words import NONE, same

if TYPE_CHECKING:
    from models.architecture import Architecture

PLACES = ("qkv", "attention_out", "feed_forward", "head")
IN_WORDS = {
    "all": Text("all", "全部"),
    "qkv": same("q, k, v"),
    "attention_out": Text("attention out", "注意力输出"),
    "feed_forward": Text("feed-forward", "前馈层"),
    "head": Text("head", "输出头"),
}
TITLE = Text("Biases", "偏置")
HELP = Text(
    "all, none, or places joined by ~: qkv, attention_out, feed_forward, head.",
    "all、none，或用 ~ 连接的位置：qkv、attention_out、feed_forward、head。",
)


class Bias(Axis):
    """Which linear layers add a learned offset. `all` is every place but the head, as GPT-2 has it."""

    axis_title: ClassVar[Text] = TITLE
    axis_help: ClassVar[Text] = Text("Learned offsets of the linear layers.", "线性层的可学习偏移。")
    title: ClassVar[Text] = TITLE
    help: ClassVar[Text] = Text(
        "Left out by most since PaLM, for stability · few parameters · all: GPT-2, OPT; q, k, v only: Qwen 2; none: "
        "LLaMA, PaLM",
        "PaLM 之后的多数模型为求稳定而不用 · 参数很少 · 全有：GPT-2、OPT；仅 q、k、v：Qwen 2；全无：LLaMA、PaLM",
    )
    formula: ClassVar[str] = "x W + b"
    citation: ClassVar[str] = "PaLM, Chowdhery et al. 2022, arXiv:2204.02311, §2"
    abbreviates: ClassVar[str] = "places"

    places: str = parameter("none", TITLE, HELP, panel="page", suggestions=("all", "none", *PLACES))

    @field_validator("places")
    @classmethod
    def _known(cls, places: str) -> str:
        if places in ("all", "none"):
            return places
        given = places.split("~")
        wrong = [place for place in given if place not in PLACES]
        if wrong or len(set(given)) != len(given):
            sentence = Text(
                f"bias={places!r}: give all, none, or some of {', '.join(PLACES)}, each once, joined by ~.",
                f"bias={places!r}：请写 all、none，或从 {'、'.join(PLACES)} 中选若干个，各写一次，用 ~ 连接。",
            )
            raise Refusal(sentence, "bias")
        ordered = [place for place in PLACES if place in given]
        return "all" if ordered == list(PLACES[:3]) else "~".join(ordered)

    @classmethod
    def words(cls) -> dict[str, Text]:
        return {"all": Text("all", "全部"), "none": Text("none", "无")}

    def cell(self, architecture: "Architecture") -> Text:
        words = [IN_WORDS[place] for place in self.places.split("~") if place in IN_WORDS]
        return Text(" + ".join(word.en for word in words), " + ".join(word.zh for word in words)) if words else NONE

    def _has(self, place: str) -> bool:
        return place in self.places.split("~") or (self.places == "all" and place != "head")

    @property
    def qkv(self) -> bool:
        """Do the projections to q, k and v have one?"""
        return self._has("qkv")

    @property
    def attention_out(self) -> bool:
        """Does attention's output projection have one?"""
        return self._has("attention_out")

    @property
    def feed_forward(self) -> bool:
        """Do the feed-forward matrices have one?"""
        return self._has("feed_forward")

    @property
    def head(self) -> bool:
        """Does the output head have one?"""
        return self._has("head")
