"""What a trained model does with a visitor's own text: its attention maps. Knows no store and no page.

A pass of its own over the explicit attention, never a hook in training. Everything stays on the model's device.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from models.architecture import Architecture
from models.text import Refusal, Text
from models.transformer import Transformer
from playground.tokenizer import Tokenizer

MOST_TOKENS = 128  # of a map that is still looked at
MOST_LINKS = 2**23  # links of all layers and heads together: bounds memory and what is sent


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


def room(architecture: Architecture) -> int:
    """The most tokens whose maps are made: the context, or what can still be looked at."""
    maps = architecture.shape.layers * architecture.heads.query
    return min(architecture.shape.context, MOST_TOKENS, math.isqrt(MOST_LINKS // maps))


def read(tokenizer: Tokenizer, text: str, most: int) -> Reading:
    """The first `most` tokens of `text`.

    Raises:
        Refusal: there is no text.
    """
    if not text:
        raise Refusal(NO_TEXT, "text")
    ids, tokens = tokenizer.encode(text), tokenizer.pieces(text)
    return Reading(tuple(tokens[:most]), tuple(ids[:most]), len(ids), tuple(tokenizer.unknown(text)))


def attention(model: Transformer, ids: tuple[int, ...]) -> Tensor:
    """The attention maps [L, H, T, T] of all layers over T tokens: probabilities in [0, 1], row looks at column.

    Rows sum to 1; to less where a sink takes a share.

    Raises:
        Refusal: the model has no attention.
    """
    if not model.architecture.layout.attention:
        raise Refusal(NO_ATTENTION, "layout.attention")
    model.eval()  # dropout would drop links
    with torch.inference_mode():
        ids_BT = torch.tensor([ids], device=model.embedding.weight.device)
        return torch.cat(model.maps(ids_BT)).float().cpu()


def quantized(map_LHTT: Tensor) -> bytes:
    """Probabilities in [0, 1] as one byte each, 0 … 255, row by row: wrong by at most 1/510."""
    return (map_LHTT * 255).round().clamp(0, 255).to(torch.uint8).contiguous().numpy().tobytes()


NO_TEXT = Text("Type a sentence to look at.", "请输入一个句子。")
NO_ATTENTION = Text("This variant has no attention, so there are no maps.", "该变体没有注意力层，因此没有注意力图。")
