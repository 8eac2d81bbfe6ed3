"""What a trained model expects at each place of a text, and how surprised it is by what stands there. Knows no page.

Place t (from 0) of T tokens is what follows the first t of them: place 0 follows nothing and is not predicted, place T
is the next token, which nobody has written yet. Row t - 1 of `log_p_TV` is the expectation for place t.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from models.transformer import Transformer

SHOWN = 10  # of the likeliest tokens
TEMPERATURES = tuple(round(0.1 * n, 1) for n in range(1, 21))


@dataclass(frozen=True, slots=True)
class Beliefs:
    """One model's expectations for the places 1 … T of a text."""

    log_p_TV: Tensor  # natural logarithms of probabilities
    losses: tuple[float, ...]  # nats of the tokens at places 1 … T - 1: -log p of what stands there

    @property
    def likeliest(self) -> list[list[int]]:
        """The tokens at the head of each place's distribution, the likeliest first; equal ones by number."""
        return self.log_p_TV.sort(dim=-1, descending=True, stable=True).indices[:, :SHOWN].tolist()

    def normalizers(self) -> list[list[float]]:
        """log Z of each place at each of `TEMPERATURES`: p at temperature τ is exp(log p / τ - log Z)."""
        return torch.stack([(self.log_p_TV / tau).logsumexp(-1) for tau in TEMPERATURES], dim=1).tolist()


def believe(model: Transformer, ids: tuple[int, ...]) -> Beliefs:
    """Read `ids` once; a pass of its own, in float32 or what the model computes in, without dropout."""
    model.eval()
    with torch.inference_mode():
        ids_BT = torch.tensor([ids], device=model.embedding.weight.device)
        log_p_TV = model(ids_BT)[0].float().log_softmax(-1).cpu()
    read = torch.tensor(ids[1:], dtype=torch.long)
    losses = -log_p_TV[:-1].gather(1, read[:, None])[:, 0]
    return Beliefs(log_p_TV, tuple(losses.tolist()))


def divergence(one_TV: Tensor, other_TV: Tensor) -> list[float]:
    """How far two models' expectations lie apart at each place, in nats: the Jensen-Shannon divergence.

    0 where they agree, ln 2 where neither thinks possible what the other expects (Lin 1991).
    """
    middle_TV = torch.logaddexp(one_TV, other_TV) - math.log(2)
    halves = [(log_p.exp() * (log_p - middle_TV)).nan_to_num(0.0).sum(-1) for log_p in (one_TV, other_TV)]
    return ((halves[0] + halves[1]) / 2).clamp(0, math.log(2)).tolist()
