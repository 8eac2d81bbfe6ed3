"""Text written by a torch model, seeded: what a run shows at its end. Exported files are run elsewhere."""

from collections.abc import Generator

import torch
from torch import Tensor

from models.transformer import Transformer


def sample(
    model: Transformer, prompt_BT: Tensor, tokens: int, temperature: float, seed: int
) -> Generator[None, None, Tensor]:
    """Continue every row of `prompt_BT` by `tokens` ids; returns [B, T + tokens], yields after every one.

    Each token is drawn from the model's prediction after the last `context` tokens, as in training: the window slides,
    and no position beyond the context is asked for. Probabilities are softmax(logits / temperature).
    """
    generator = torch.Generator().manual_seed(seed)
    ids_BT, context = prompt_BT, model.architecture.shape.context
    for _ in range(tokens):
        model.eval()
        with torch.no_grad():
            logits_BV = model(ids_BT[:, -context:])[:, -1].float().cpu()
        model.train()
        probabilities_BV = (logits_BV / temperature).softmax(-1)
        next_B1 = torch.multinomial(probabilities_BV, 1, generator=generator)
        ids_BT = torch.cat([ids_BT, next_B1.to(ids_BT.device)], dim=1)
        yield
    return ids_BT
