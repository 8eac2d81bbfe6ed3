"""The picture in words, for those who do not see it."""

from collections.abc import Iterator

from models.architecture import Architecture
from models.option import Axis
from models.spelling import written
from models.text import Text


def sentence(architecture: Architecture, language: str) -> str:
    """What the diagram of `architecture` shows, in "en" or "zh": size, heads, and every choice that does something."""
    shape, heads = architecture.shape, architecture.heads
    head_width = heads.width(architecture)
    tied = (
        Text("tied embedding", "共享嵌入") if architecture.embedding.tied else Text("untied head", "输出头不共享嵌入")
    )
    clauses = [
        Text(
            f"one block of {shape.layers} layers, {shape.width} wide",
            f"共 {shape.layers} 层，图为其中一层，宽 {shape.width}",
        ),
        Text(f"heads {heads.reading()}, {head_width} wide", f"注意力头 {heads.reading()}，头宽 {head_width}"),
        *(clause for _, choice in architecture.choices() for clause in _clause(choice)),
        tied,
    ]
    if language == "zh":
        return f"模型结构图：{'；'.join(clause.zh for clause in clauses)}。"
    return f"Block diagram: {'; '.join(clause.en for clause in clauses)}."


def _clause(choice: Axis) -> Iterator[Text]:
    """What was chosen on one axis, if it can be said in a word and is not nothing."""
    spelt, names = choice.spelt(), type(choice).words()
    if spelt and spelt[0] != "none":
        title = names.get(spelt[0], choice.title)
    elif choice.abbreviates and getattr(choice, choice.abbreviates) not in (None, 0, "none"):
        word = written(getattr(choice, choice.abbreviates))
        title = names.get(word, Text(word, word))
    else:
        return
    yield Text(f"{choice.axis_title.en.lower()} {title.en}", f"{choice.axis_title.zh} {title.zh}")
