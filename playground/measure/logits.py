"""How large a trained model's numbers are: the normalizer of its predictions, its logits, its attention scores."""

import torch
from torch import Tensor
from torch.nn import functional as F

from models.hooks import Place
from models.text import Text
from models.transformer import Transformer
from playground.measure.base import Reading, Trained, reads

ROWS = 32  # sequences that attention scores are looked at on: they take T² numbers a head


@reads(
    log_z=Text("root mean square of log Z of the predictions", "预测的 log Z 均方根"),
    log_z_mean=Text("mean log Z of the predictions", "预测的 log Z 均值"),
    largest_logit=Text("largest absolute logit", "logit 绝对值的最大值"),
)
@torch.no_grad()
def normalizer(run: Trained) -> dict[str, Reading]:
    """Over a few batches of the validation part; nothing of a run that left no model."""
    if not run.finished:
        return {}
    model = run.model()
    logits = [model(ids_BT).flatten(0, 1).float() for ids_BT, _ in run.batches()]
    log_z = torch.cat([each_NV.logsumexp(-1) for each_NV in logits])
    return {
        "log_z": log_z.square().mean().sqrt().item(),
        "log_z_mean": log_z.mean().item(),
        "largest_logit": max(each_NV.abs().max().item() for each_NV in logits),
    }


@reads(
    largest_score=Text("largest attention score before the softmax", "softmax 之前最大的注意力分数"),
    entropy=Text("mean entropy of attention as a share of its most", "注意力的平均熵（占最大熵的比例）"),
)
@torch.no_grad()
def attention(run: Trained) -> dict[str, Reading]:
    """The largest absolute score that a query gives a key it sees, cap included; how spread attention is, in [0, 1]."""
    if not run.finished:
        return {}
    model = run.model()
    ids_BT, _ = next(run.batches())
    found, maps = scores(model, ids_BT[:ROWS])
    shares = [spread(map_BHTT, seen(model, layer, ids_BT.shape[1])) for layer, map_BHTT in enumerate(maps)]
    return {"largest_score": max(each.abs().max().item() for each in found), "entropy": sum(shares) / len(shares)}


def scores(model: Transformer, ids_BT: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """The scores of every layer as `on_cap` leaves them, 0 where the query does not look; and the maps [B, H, T, T].

    Listens in on a model of its own, in one explicit pass: `model` must not be used for anything else.
    """
    heard: list[Tensor] = []

    def listen(scores_BHTS: Tensor, at: Place) -> Tensor:
        heard.append(scores_BHTS.masked_fill(~seen(model, at.layer, scores_BHTS.shape[-1]), 0.0))
        return scores_BHTS

    acts = model.chain.acts["on_cap"]
    acts.append(listen)
    try:
        return heard, model.maps(ids_BT)
    finally:
        acts.remove(listen)


def seen(model: Transformer, layer: int, tokens: int) -> Tensor:
    """True where the query at i sees the key at j in a pass over `tokens`, [T, T]."""
    at_T = torch.arange(tokens)
    causal_TT = torch.ones(tokens, tokens, dtype=torch.bool).tril()
    visible_TT = model.architecture.span.visible(at_T, at_T, layer)
    return causal_TT if visible_TT is None else causal_TT & visible_TT


def spread(map_BHTT: Tensor, seen_TT: Tensor) -> float:
    """Entropy over ln of how many keys a query sees, the mean over all queries that see more than one.

    Of what goes to keys: a sink's part of the softmax is left out, so that only how it is shared out counts.
    """
    keys_T = seen_TT.sum(-1)
    shares_BHTT = map_BHTT / map_BHTT.sum(-1, keepdim=True).clamp_min(1e-30)
    entropy_BHT = -(shares_BHTT * shares_BHTT.clamp_min(1e-30).log()).sum(-1)
    several_T = keys_T > 1
    return (entropy_BHT[..., several_T] / keys_T[several_T].log()).mean().item()


def overflow(scores: Tensor, dtype: torch.dtype = torch.float16) -> tuple[float, float]:
    """Shares of rows whose softmax in `dtype` is not finite: by exp and sum alone, and with the maximum subtracted."""
    rows = scores.to(dtype)

    def broken(shifted: Tensor) -> float:
        weights = shifted.exp()
        return 1.0 - (weights / weights.sum(-1, keepdim=True)).isfinite().all(-1).float().mean().item()

    return broken(rows), broken(rows - rows.amax(-1, keepdim=True))


FACTORS = (1, 2, 4, 8, 16, 32, 64)


@reads(
    overflow_plain=Text(
        "share of softmax rows in fp16 that overflow, scores × 64, nothing subtracted",
        "fp16 softmax 溢出的行占比：分数 × 64，不减最大值",
    ),
    overflow_subtracted=Text(
        "share of softmax rows in fp16 that overflow, scores × 64, maximum subtracted",
        "fp16 softmax 溢出的行占比：分数 × 64，减去最大值",
    ),
    overflow=Text(
        "share of rows that overflow as the scores grow, nothing subtracted", "分数逐渐放大时溢出的行占比（不减最大值）"
    ),
)
@torch.no_grad()
def half_softmax(run: Trained) -> dict[str, Reading]:
    """The trained model's attention scores, as they are and as if they had grown, through a softmax in fp16."""
    if not run.finished:
        return {}
    ids_BT, _ = next(run.batches())
    each_layer, _ = scores(run.model(), ids_BT[:ROWS])
    found = [overflow(torch.cat([each.flatten(0, -2) for each in each_layer]) * factor) for factor in FACTORS]
    curve = {"x": [float(factor) for factor in FACTORS], "y": [plain for plain, _ in found]}
    return {"overflow_plain": found[-1][0], "overflow_subtracted": found[-1][1], "overflow": curve}


def nats(logits_BTV: Tensor, targets_BT: Tensor) -> Tensor:
    """The loss [B, T] of every target, in nats."""
    return F.cross_entropy(logits_BTV.transpose(1, 2).float(), targets_BT, reduction="none")
