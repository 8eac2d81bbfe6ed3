"""The picture in words, for those who do not see it."""

from models.architecture import Architecture
from models.text import Text


def sentence(architecture: Architecture, language: str) -> str:
    """One sentence that says what the diagram of `architecture` shows, in "en" or "zh"."""
    shape = architecture.shape
    size = Text(f"{shape.layers} layers, {shape.width} wide", f"{shape.layers} 层，宽 {shape.width}")
    chosen = []
    for _, choice in architecture.choices():
        word = choice.spelt()
        if word is not None:
            title = type(choice).words().get(word[0], choice.title)
            chosen.append(Text(f"{choice.axis_title.en} {title.en}", f"{choice.axis_title.zh}：{title.zh}"))
    labels = [mark.label for _, choice in architecture.choices() for mark in choice.draw(architecture)]
    heads = Text(architecture.heads.reading(), architecture.heads.reading())
    every = [size, heads, *chosen, *labels]
    if language == "zh":
        return "模型块示意图：" + "，".join(dict.fromkeys(text.zh for text in every if text.zh)) + "。"
    return "Block diagram: " + ", ".join(dict.fromkeys(text.en for text in every if text.en)) + "."
