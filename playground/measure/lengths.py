"""Beyond the trained length: the loss by position, up to four contexts, and what rescaling RoPE does to it."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.architecture import Architecture
from models.spelling import change
from models.text import Text
from models.transformer import Transformer
from playground.data.batches import Batches
from playground.measure.base import Reading, Trained, reads
from playground.measure.logits import nats

TIMES = 4  # contexts that are read at once
ROWS = 48  # stretches of text
AT_ONCE = 8  # of them
PIECES = 8  # of a context, in the curve
SCALINGS = ("linear", "ntk", "yarn")


@reads(
    loss_inside=Text("loss in the second half of the trained length", "训练长度后半段的损失"),
    loss_double=Text("loss from 1 to 2 trained lengths", "1 到 2 倍训练长度处的损失"),
    loss_four=Text("loss from 2 to 4 trained lengths", "2 到 4 倍训练长度处的损失"),
    decay=Text("loss from 2 to 4 trained lengths minus that inside", "2 到 4 倍训练长度处的损失减去训练长度以内的损失"),
    reaches=Text("trained lengths that can be read at once", "一次能读的长度（训练长度的倍数）"),
    by_position=Text("loss by position, in trained lengths", "各位置的损失（横轴以训练长度为单位）"),
)
def beyond(run: Trained) -> dict[str, Reading]:
    """The loss by position over stretches of four contexts; only up to its reach where positions end."""
    if not run.finished:
        return {}
    context, reach = run.architecture.shape.context, run.architecture.position.reach(run.architecture)
    length = TIMES * context if reach is None else min(reach, TIMES * context)
    loss_T = losses(run.model(), run, length)
    inside = loss_T[context // 2 : context].mean().item()
    found: dict[str, Reading] = {
        "loss_inside": inside,
        "reaches": length / context,
        "by_position": _curve(loss_T, context),
    }
    if length > context:
        four = loss_T[2 * context :].mean().item()
        found |= {"loss_double": loss_T[context : 2 * context].mean().item(), "loss_four": four, "decay": four - inside}
    return found


@reads(
    four_plain=Text("RoPE as trained: loss up to 4 trained lengths", "RoPE 不变：4 倍训练长度内的损失"),
    four_linear=Text("RoPE scaled linearly: loss up to 4 trained lengths", "RoPE 线性缩放：4 倍训练长度内的损失"),
    four_ntk=Text("RoPE with NTK scaling: loss up to 4 trained lengths", "RoPE NTK 缩放：4 倍训练长度内的损失"),
    four_yarn=Text("RoPE with YaRN: loss up to 4 trained lengths", "RoPE YaRN：4 倍训练长度内的损失"),
    mended_linear=Text("what linear scaling gains up to 4 trained lengths", "线性缩放在 4 倍训练长度内降低的损失"),
    mended_ntk=Text("what NTK scaling gains up to 4 trained lengths", "NTK 缩放在 4 倍训练长度内降低的损失"),
    mended_yarn=Text("what YaRN gains up to 4 trained lengths", "YaRN 在 4 倍训练长度内降低的损失"),
)
def rescaled(run: Trained) -> dict[str, Reading]:
    """The same weights with RoPE slowed for four times the length, untrained for it: from 2 to 4 contexts."""
    if not run.finished or getattr(run.architecture.position, "option", "") != "rope":
        return {}
    context, plain = run.architecture.shape.context, run.model()
    whole = losses(plain, run, TIMES * context)[2 * context :].mean().item()
    found: dict[str, Reading] = {"four_plain": whole}
    for scaling in SCALINGS:
        model = Transformer(slowed(run.architecture, scaling))
        model.load_state_dict(plain.state_dict())
        loss = losses(model.eval(), run, TIMES * context)[2 * context :].mean().item()
        found |= {f"four_{scaling}": loss, f"mended_{scaling}": whole - loss}
    return found


def slowed(architecture: Architecture, scaling: str, times: int = TIMES) -> Architecture:
    """The architecture with RoPE scaled for `times` the context."""
    return change(architecture, {"position.scaling": scaling, "position.factor": str(times)})


def losses(model: Transformer, run: Trained, length: int) -> Tensor:
    """The mean loss [T] at every position of stretches of `length` tokens of the validation part."""
    assert isinstance(run.task, Batches), "what is read beyond the context is a text"
    return every_loss(model, stretches(run.task.validation_ids, length, ROWS)).mean(0)


@torch.no_grad()
def every_loss(model: Transformer, some: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """The loss [R, T] at every position of R stretches of one length, given a few at a time as ids and targets."""
    return torch.cat([nats(model(ids_BT), targets_BT) for ids_BT, targets_BT in some])


def stretches(
    ids: NDArray[np.int32], length: int, rows: int, at_once: int = AT_ONCE
) -> Iterator[tuple[Tensor, Tensor]]:
    """Ids and targets [B, T] of `rows` stretches spread evenly over `ids`, at most `at_once` at a time."""
    places = np.linspace(0, len(ids) - length - 1, rows).astype(np.int64)
    for first in range(0, rows, at_once):
        some = places[first : first + at_once]
        window_BS = torch.from_numpy(ids[some[:, None] + np.arange(length + 1)].astype(np.int64))
        yield window_BS[:, :-1].contiguous(), window_BS[:, 1:].contiguous()


def _curve(loss_T: Tensor, context: int) -> dict[str, list[float]]:
    """Means over pieces of a context, at their ends."""
    size = max(1, context // PIECES)
    means = [piece.mean().item() for piece in loss_T.split(size)]
    return {"x": [(number + 1) * size / context for number in range(len(means))], "y": means}
