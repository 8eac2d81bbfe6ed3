"""The gradient's norm in every block before the first step: what the norms' placement does to it."""

import torch

from models.text import Text
from playground.measure.base import Reading, Trained, reads


@reads(
    gradient=Text(
        "gradient norm of each block at the start, from first to last", "起步时各块的梯度范数（从第一块到最后一块）"
    ),
    gradient_last=Text("gradient norm of the last block at the start", "起步时最后一块的梯度范数"),
    gradient_growth=Text("gradient norm at the start, last block over first", "起步时梯度范数：最后一块与第一块之比"),
)
def at_start(run: Trained) -> dict[str, Reading]:
    """Norms of the gradients of each block's matrices, on the first batch of training, before clipping."""
    model = run.initial()
    ids_BT, targets_BT = run.task.batch(run.seed, 0)
    with torch.enable_grad():
        model.loss(ids_BT, targets_BT)[0].backward()
    norms = [
        torch.stack(
            [matrix.grad.norm() for matrix in block.parameters() if matrix.ndim > 1 and matrix.grad is not None]
        )
        .norm()
        .item()
        for block in model.blocks
    ]
    numbered = [float(layer + 1) for layer in range(len(norms))]
    return {
        "gradient": {"x": numbered, "y": norms},
        "gradient_last": norms[-1],
        "gradient_growth": norms[-1] / norms[0] if norms[0] else None,
    }
