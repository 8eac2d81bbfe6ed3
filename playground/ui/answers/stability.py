"""The stability lab: what is raised until training breaks, and what keeps it from breaking, as prepared choices."""

from models.architecture import Architecture
from models.text import Text
from playground import link
from playground.forms import titled
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.describe import chosen
from playground.ui.registry import answer
from playground.ui.service import Service

SHORT = {"recipe.tokens": "61440", "recipe.precision": "fp32"}  # 80 steps of the default batch and context
SWEEPS: dict[str, tuple[str, str, dict[str, str]]] = {
    "lr": ("recipe.lr", "0.001~0.003~0.01~0.03~0.1~0.3~1", SHORT),
    "layers": ("shape.layers", "2~4~8~16", SHORT),
    "half": ("recipe.lr", "0.01~0.1~0.3~1~3", SHORT | {"recipe.precision": "fp16"}),
}
"""What is raised, over which values, by which recipe."""

FLIPS: dict[str, tuple[str, ...]] = {
    "placement": ("pre", "post", "double", "residual_post"),
    "qk_norm": ("none", "per_head"),
    "attention_cap": ("none", "30"),
    "output_cap": ("none", "30"),
    "z_loss": ("none", "0.0001"),
    "recipe.warmup": ("0", "100"),
}
"""What is said to keep training stable, and the words to choose among; all variants get the same."""

EXAMPLE = (
    "v=1&a=gpt-2,placement=post,shape.layers=8&b=gpt-2,shape.layers=8&recipe.tokens=61440"
    "&sweep=recipe.lr:0.0003~0.001~0.003~0.01~0.03"
)
"""Why does my post-norm model not train? Eight layers, the norm after and before, at five learning rates."""

SAYS = Text(
    "Eight layers of post-norm (A) learn only at the smallest rate; at every larger one they stay at the unigram line, "
    "where pre-norm (B) learns. Flip something in the stability lab, and train the sweep again.",
    "八层后置归一化（A）只有在最小的学习率下学得动，更大时一直停在一元模型的水平；前置归一化（B）在这些学习率下照样能学。"
    "在稳定性实验室里切换一项，再训练一次这个扫描。",
)
"""What came out when it was tried."""


@answer
def stability(service: Service, given: Json) -> Json:
    """The prepared sweeps, the choices to flip, and an example as the page holds an experiment."""
    sweeps = {
        id: {"path": path, "values": values, "recipe": recipe, "title": both(titled(path))}
        for id, (path, values, recipe) in SWEEPS.items()
    }
    flips = [{"path": path, "title": both(_title(path)), "words": _words(path)} for path in FLIPS]
    return {"sweeps": sweeps, "flips": flips, "example": chosen(link.read(EXAMPLE)[0]), "says": both(SAYS)}


def _title(path: str) -> Text:
    axis = Architecture.axes().get(path)
    return axis.axis_title if axis else titled(path)


def _words(path: str) -> list[Json]:
    axis = Architecture.axes().get(path)
    options = axis.options() if axis else {}
    off = sentence("lab_off")
    called = {word: options[word].title if word in options else Text(word, word) for word in FLIPS[path]}
    return [{"word": word, "title": both(off if word in ("none", "0") else title)} for word, title in called.items()]
