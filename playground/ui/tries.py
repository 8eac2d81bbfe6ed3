"""The "try this" experiments: links, titles, what to look for. Chosen by measurement, see docs/benchmarks.md."""

from dataclasses import dataclass

from models.text import Text
from playground import link
from playground.ui.controls import Json, both
from playground.ui.describe import chosen


@dataclass(frozen=True, slots=True)
class Try:
    """One experiment whose effect nobody can miss."""

    id: str
    title: Text
    says: Text  # what to look for
    query: str  # the experiment, as a link spells it

    def as_json(self) -> Json:
        """What the page needs to bring it up."""
        experiment, notes = link.read(self.query)
        assert not notes, f"{self.id}: {notes[0].en}"
        return {"id": self.id, "title": both(self.title), "says": both(self.says), **chosen(experiment)}


RECALL = "shape.width=64,shape.context=31,heads.query=2,heads.kv=2,layout.feed_forward=off"
RECALLING = (
    "recipe.data=recall&recipe.batch=64&recipe.tokens=793600&recipe.schedule=constant"
    "&recipe.warmup=50&recipe.warmup_share=0.2"
)

TRIES: tuple[Try, ...] = (
    Try(
        "recall",
        Text("One layer or two?", "一层还是两层？"),
        Text(
            "Recalling a value by its key takes two steps of attention. With two layers (B) the loss suddenly falls to "
            "zero; one layer (A) can do little but guess.",
            "按键取值需要两步注意力。两层（B）的损失会突然降到零，一层（A）几乎只能靠猜。",
        ),
        f"v=1&a=gpt-2,{RECALL},shape.layers=1&b=gpt-2,{RECALL},shape.layers=2&{RECALLING}",
    ),
    Try(
        "post-norm",
        Text("Twelve layers, post-norm", "十二层后置归一化"),
        Text(
            "Post-norm (A) gets no further than counting letters; pre-norm (B), alike in everything else, learns.",
            "后置归一化（A）停在只会统计字频的水平；其余完全相同的前置归一化（B）则学得很好。",
        ),
        "v=1&a=gpt-2,placement=post,shape.layers=12&b=gpt-2,shape.layers=12&recipe.lr=0.001&recipe.tokens=92160",
    ),
    Try(
        "no-attention",
        Text("Without attention", "去掉注意力"),
        Text(
            "Without attention (B) a token sees only itself: the loss stops at the bigram line, the text is babble.",
            "去掉注意力（B）后，每个词元只看得到自己：损失停在“二元模型”参考线上，写出来的是胡话。",
        ),
        "v=1&a=gpt-2&b=gpt-2,layout.attention=off&recipe.tokens=153600",
    ),
    Try(
        "window",
        Text("A window too short", "窗口太短"),
        Text(
            "What is asked for lies up to 30 tokens back. With a window of 8 (B) two layers cannot reach it.",
            "要找的内容可能在 30 个词元之前。窗口只有 8（B）时，两层也够不着。",
        ),
        f"v=1&a=gpt-2,{RECALL},shape.layers=2&b=gpt-2,{RECALL},shape.layers=2,span=window,span.window=8&{RECALLING}",
    ),
    Try(
        "beyond",
        Text("Beyond the context", "超出上下文"),
        Text(
            "Train, export and generate 200 tokens: learned positions (A) end at 64 and say so, ALiBi (B) goes on.",
            "训练后导出并生成 200 个词元：可学习位置（A）到 64 就停并说明原因，ALiBi（B）继续写下去。",
        ),
        "v=1&a=gpt-2&b=gpt-2,position=alibi&recipe.tokens=153600",
    ),
)
