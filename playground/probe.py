"""What a trained model does with a visitor's own text: its attention maps. Knows no store and no page.

A pass of its own over the explicit attention, never a hook in training. Everything stays on the model's device, one row.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from models.text import Refusal, Text
from models.transformer import Transformer
from playground.tokenizer import Tokenizer

MOST_TOKENS = 256  # of a map that is still looked at; the maps grow with the square


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as a model reads it: the first tokens that fit, and what of it the model cannot know."""

    tokens: tuple[str, ...]  # how the text was split, as people read it
    ids: tuple[int, ...]
    whole: int  # tokens of the whole text; more than `tokens` where it was cut
    unknown: tuple[str, ...]  # characters the tokenizer has no id for, each once

    @property
    def cut(self) -> bool:
        """Is the text longer than what is read?"""
        return self.whole > len(self.ids)


def read(tokenizer: Tokenizer, text: str, context: int) -> Reading:
    """The first tokens of `text`, at most `context` and at most `MOST_TOKENS` of them.

    Raises:
        Refusal: there is no text.
    """
    if not text:
        raise Refusal(NO_TEXT, "text")
    ids, tokens = tokenizer.encode(text), tokenizer.pieces(text)
    most = min(context, MOST_TOKENS)
    return Reading(tuple(tokens[:most]), tuple(ids[:most]), len(ids), tuple(tokenizer.unknown(text)))


def attention(model: Transformer, ids: tuple[int, ...], layer: int) -> Tensor:
    """The attention map [H, T, T] of one layer over T tokens: probabilities in [0, 1], row looks at column.

    Rows sum to 1; to less where a sink takes a share. Layers count from 0.

    Raises:
        Refusal: the model has no attention, or fewer layers.
    """
    architecture = model.architecture
    if not architecture.layout.attention:
        raise Refusal(NO_ATTENTION, "layout.attention")
    if not 0 <= layer < architecture.shape.layers:
        raise Refusal(NO_LAYER.format(layer=layer + 1, layers=architecture.shape.layers), "shape.layers")
    model.eval()  # dropout would drop links
    with torch.inference_mode():
        ids_BT = torch.tensor([ids], device=model.embedding.weight.device)
        return model.maps(ids_BT)[layer][0].float().cpu()


def quantized(map_HTT: Tensor) -> bytes:
    """Probabilities in [0, 1] as one byte each, 0 … 255, row by row: wrong by at most 1/510."""
    return (map_HTT * 255).round().clamp(0, 255).to(torch.uint8).contiguous().numpy().tobytes()


NO_TEXT = Text("Type a sentence to look at.", "请输入一个句子。")
NO_ATTENTION = Text("This variant has no attention, so there are no maps.", "该变体没有注意力层，因此没有注意力图。")
NO_LAYER = Text(
    "There is no layer {layer}: this variant has {layers}.", "没有第 {layer} 层：该变体共有 {layers} 层。"
)
