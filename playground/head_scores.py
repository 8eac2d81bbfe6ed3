"""What single attention heads do: how spread they look, how far, and two habits that have names. Knows no store.

Shapes: L layers, H query heads, T tokens. Shares are of a head's whole attention, of which a sink may take a part.

Entropy, distance and the share on the first token are taken on any text. The two habits are measured on tokens drawn
at random and then repeated, so that nothing but the repetition can be used:

- previous token (Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits"): how much of its attention
  a head gives to the token before.
- induction (Olsson et al. 2022, arXiv:2209.11895, "prefix matching score"): how much a head in the second copy gives
  to the token that followed the same token in the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.architecture import Architecture
from models.transformer import Transformer

Scores = dict[str, list[float | None]]  # of every head, layer by layer
HABITS = ("previous_token", "induction")
FORMED = 0.5  # the share of its attention from which on a head is said to have a habit: more than all else together
ROWS, LONGEST = 4, 32  # sequences of repeated tokens, and the most tokens that are repeated
SEED = 0  # of how they are drawn


@dataclass(frozen=True, slots=True)
class Formed:
    """A head with a habit: by number, layer by layer, and the step from which on it has had it."""

    habit: str
    head: int
    step: int


def on_text(maps_LHTT: Tensor) -> dict[str, Tensor]:
    """What the heads do on one text, [L, H] each, means over all tokens but the first, which sees nothing but itself.

    entropy: nats, from 0 (one token) to ln T, of how attention is shared out among tokens, a sink's part left out.
    distance: tokens back, from 0 (itself) to T - 1, weighted likewise. first: share on the first token, in [0, 1].
    """
    rows_LHTT = maps_LHTT[:, :, 1:] if maps_LHTT.shape[2] > 1 else maps_LHTT
    shares_LHTT = rows_LHTT / rows_LHTT.sum(-1, keepdim=True).clamp_min(1e-30)
    T = maps_LHTT.shape[2]
    places_T = torch.arange(T, dtype=torch.float32)
    back_TT = places_T[-rows_LHTT.shape[2] :, None] - places_T
    return {
        "entropy": -(shares_LHTT * shares_LHTT.clamp_min(1e-30).log()).sum(-1).mean(-1),
        "distance": (shares_LHTT * back_TT).sum(-1).mean(-1),
        "first": rows_LHTT[..., 0].mean(-1),
    }


def repeated(architecture: Architecture) -> Tensor:
    """Random tokens, each row drawn without putting back and then repeated: [ROWS, 2R], R at least 1."""
    shape, generator = architecture.shape, torch.Generator().manual_seed(SEED)
    count = max(1, min(shape.context // 2, shape.vocabulary, LONGEST))
    once = [torch.randperm(shape.vocabulary, generator=generator)[:count] for _ in range(ROWS)]
    return torch.stack(once).repeat(1, 2)


@torch.no_grad()
def habits(model: Transformer) -> dict[str, Tensor]:
    """How far every head has each habit, [L, H] in [0, 1]. `model` is in `eval` mode."""
    ids_BT = repeated(model.architecture)
    maps = model.maps(ids_BT.to(model.embedding.weight.device))
    return of_repeats(torch.stack([map_BHTT.mean(0) for map_BHTT in maps]).float().cpu())


def of_repeats(maps_LHTT: Tensor) -> dict[str, Tensor]:
    """The habits, read off maps over tokens of which the second half repeats the first: means over rows."""
    R = maps_LHTT.shape[2] // 2
    previous_LHT = maps_LHTT.diagonal(-1, 2, 3)
    followed_LHT = maps_LHTT[:, :, R:, 1:].diagonal(0, 2, 3)  # row R + i looks at 1 + i, which followed its like
    return {"previous_token": previous_LHT.mean(-1), "induction": followed_LHT.mean(-1)}


def plain(scores: dict[str, Tensor]) -> Scores:
    """As lists of numbers with four digits; what is not finite is None."""
    return {
        name: [round(value, 4) if abs(value) < float("inf") else None for value in scores_LH.flatten().tolist()]
        for name, scores_LH in scores.items()
    }


def formed(history: Sequence[tuple[int, Scores]]) -> list[Formed]:
    """The heads that have a habit at the end of `history`, (step, habits) rising, each from when on it has kept it."""
    found = []
    for habit in HABITS:
        heads = len(history[-1][1].get(habit, ())) if history else 0
        for head in range(heads):
            step = _since([(step, scores[habit][head]) for step, scores in history])
            if step is not None:
                found.append(Formed(habit, head, step))
    return found


def _since(history: Sequence[tuple[int, float | None]]) -> int | None:
    since = None
    for step, score in reversed(history):
        if score is None or score < FORMED:
            break
        since = step
    return since
