"""What a variant costs by count: parameters, cache. The same for every seed, and exact."""

from models.cost import cost
from models.text import Text
from playground.measure.base import Reading, Trained, reads


@reads(
    parameters=Text("parameters", "参数量"),
    cache=Text("bytes of cache a token of a full context", "上下文填满时每词元的缓存字节数"),
    flops=Text("forward FLOPs a token", "每词元前向 FLOPs"),
)
def counted(run: Trained) -> dict[str, Reading]:
    """From `models.cost`."""
    costs = cost(run.architecture, run.recipe.batch)
    return {
        "parameters": float(costs.parameters),
        "cache": float(costs.cache_bytes_per_token),
        "flops": costs.forward_flops_per_token,
    }
