"""Text written by a torch model, seeded: what a run shows at its end. Exported files are run elsewhere."""

from collections.abc import Generator

import torch
from torch import Tensor

from models.transformer import Cache, Transformer


def sample(
    model: Transformer, prompt_BT: Tensor, tokens: int, temperature: float, seed: int
) -> Generator[None, None, Tensor]:
    """Continue every row of `prompt_BT` by `tokens` ids; returns [B, T + tokens], yields after every one.

    The model reads through its cache. Where a context is full it begins another with the last half of it, so that no
    position is asked for that training has not seen. Probabilities are softmax(logits / temperature).
    """
    generator = torch.Generator().manual_seed(seed)
    context = model.architecture.shape.context
    ids_BT, unread_BT, cache, read = prompt_BT, prompt_BT[:, -context:], None, 0
    for _ in range(tokens):
        if read + unread_BT.shape[1] > context:
            unread_BT, cache, read = ids_BT[:, -max(1, context // 2) :], None, 0
        logits_BV, cache = _read(model, unread_BT, read, cache)
        read += unread_BT.shape[1]
        probabilities_BV = (logits_BV.float().cpu() / temperature).softmax(-1)
        unread_BT = torch.multinomial(probabilities_BV, 1, generator=generator).to(ids_BT.device)
        ids_BT = torch.cat([ids_BT, unread_BT], dim=1)
        yield
    return ids_BT


def _read(model: Transformer, ids_BT: Tensor, read: int, cache: Cache | None) -> tuple[Tensor, Cache]:
    """Logits [B, V] after the last of further ids, the first of which stands at position `read`."""
    positions_T = torch.arange(read, read + ids_BT.shape[1], device=ids_BT.device)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits_BTV, cache = model.step(ids_BT, positions_T, cache)
    model.train(was_training)
    return logits_BTV[:, -1], cache
