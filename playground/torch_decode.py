"""Decoding with torch, eager and with a cache: the peer that an exported file's speed is measured against."""

from collections.abc import Iterator

import torch

from models.transformer import Cache, Transformer


def decode(model: Transformer, ids: list[int], tokens: int) -> list[int]:
    """The likeliest `tokens` tokens after `ids`, one after another, by the model's own cached `step`.

    As one would write it for speed without compiling: no gradients, the prompt at once, then one token a step.
    """
    return list(decoded(model, ids, tokens))


def decoded(model: Transformer, ids: list[int], tokens: int) -> Iterator[int]:
    """The same, token by token."""
    device = model.embedding.weight.device
    cache: Cache | None = None
    fresh = torch.tensor([ids], device=device)
    length = 0
    for _ in range(tokens):
        with torch.inference_mode():  # not across a yield: it would hold for whoever reads the tokens
            positions = torch.arange(length, length + fresh.shape[1], device=device)
            logits_BTV, cache = model.step(fresh, positions, cache)
            length += fresh.shape[1]
            fresh = logits_BTV[:, -1:].argmax(-1)
        yield int(fresh)
