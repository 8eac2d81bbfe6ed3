"""RoPE as one operator of ONNX, for a model that is about to be exported: the tables are the model's own.

Knows no file and no runtime.
"""

from torch import Tensor
from torch.onnx.ops import rotary_embedding

from models.frequencies import Turning
from models.hooks import Hooks
from models.rotation import Rotation, Table, waves


def by_operator(part: Hooks) -> Hooks:
    """A rotation that turns by the operator instead of by products and sums; any other part as it is."""
    return _ByOperator(part.turnings, part.pairing, part.temperature) if isinstance(part, Rotation) else part


class _ByOperator(Rotation):
    def table(self, turning: Turning, positions_T: Tensor) -> Table:
        return waves(turning, positions_T)

    def turn(self, x_BHTK: Tensor, table: Table) -> Tensor:
        """The operator wants a table for each row of the batch, and 0 where the whole head turns."""
        cos_BTR, sin_BTR = (part_TR.expand(x_BHTK.shape[0], -1, -1) for part_TR in table)
        turned = 2 * cos_BTR.shape[-1]
        part = 0 if turned == x_BHTK.shape[-1] else turned
        return rotary_embedding(
            x_BHTK, cos_BTR, sin_BTR, interleaved=self.pairing == "interleaved", rotary_embedding_dim=part
        )
