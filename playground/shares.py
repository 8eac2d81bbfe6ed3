"""Where a training step's FLOPs are, and where its time goes, by kind of operation: what torch's profiler saw.

After Ivanov et al. 2020, "Data Movement Is All You Need", arXiv:2007.00072, Table 1, which the lecture shows: matrix
products, statistical normalization (norms and softmax), element-wise work. Beside these: attention where it is one
fused kernel, the optimizer, and the rest, which moves data and keeps autograd's books. FLOPs of what is no product are
counted by elements, a special function as one.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.profiler import ProfilerActivity, profile, record_function

KINDS: tuple[str, ...] = ("products", "attention", "normalization", "elementwise", "optimizer", "rest")
OPTIMIZER = "update of the parameters"  # the mark that `profiled` sets around it
NORM = ("aten::rms_norm", "aten::layer_norm")  # everything inside them is normalization, whatever it is made of
PRODUCTS = ("mm", "addmm", "bmm", "baddbmm")
NORMALIZATION = {  # FLOPs for every element
    "native_layer_norm": 7,
    "native_layer_norm_backward": 14,
    "_fused_rms_norm": 5,
    "_fused_rms_norm_backward": 10,
    "_softmax": 5,
    "_log_softmax": 5,
    "_softmax_backward_data": 4,
    "_log_softmax_backward_data": 4,
    "logsumexp": 4,
}
# fmt: off
ELEMENTWISE = frozenset((
    "abs", "add", "addcmul", "clamp", "div", "erf", "exp", "gelu", "gelu_backward", "leaky_relu", "log",
    "masked_fill", "maximum", "mean", "mul", "native_dropout", "neg", "pow", "reciprocal", "relu", "rsqrt",
    "sigmoid", "sigmoid_backward", "silu", "silu_backward", "sqrt", "square", "sub", "sum", "tanh",
    "tanh_backward", "threshold_backward", "where",
))
# fmt: on
ADAMW = 14  # FLOPs for every parameter: two moments, their corrections, the step, the decay
FUSED = "_scaled_dot_product_"

Event = Any  # torch.autograd.profiler_util.FunctionEvent, which is not public


def profiled(
    forward_backward: Callable[[], None], update: Callable[[], None], learned: int, fused: bool
) -> list[dict[str, Any]]:
    """The kinds of operations of one training step, each with `flops`, `seconds` and its shares of both.

    learned: how many parameters AdamW updates.
    fused: attention as it trains, in one kernel where there is one; else step by step, so that its softmax shows.
    """
    with attention(fused), profile(activities=[ProfilerActivity.CPU], record_shapes=True) as seen:
        forward_backward()
        with record_function(OPTIMIZER):
            update()
    return shared([*(seen.events() or ())], learned)


def shared(events: Sequence[Event], learned: int) -> list[dict[str, Any]]:
    """The same from what the profiler saw."""
    inside = {event.sequence_nr for event in events if _in_norm(event) and _name(event) in ELEMENTWISE}
    flops, seconds = dict.fromkeys(KINDS, 0.0), dict.fromkeys(KINDS, 0.0)
    for event in events:
        kind = kind_of(event, inside)
        seconds[kind] += event.self_cpu_time_total / 1e6
        flops[kind] += flops_of(event)
    flops["optimizer"] = float(ADAMW * learned)
    whole = {"flops": sum(flops.values()) or 1.0, "seconds": sum(seconds.values()) or 1.0}
    return [
        {
            "kind": kind,
            "flops": flops[kind],
            "seconds": seconds[kind],
            "flops_share": flops[kind] / whole["flops"],
            "time_share": seconds[kind] / whole["seconds"],
        }
        for kind in KINDS
    ]


def kind_of(event: Event, inside: set[int]) -> str:
    """The kind of one event; `inside`: the numbers of operations that norms are made of, by which backward is known."""
    name, above = _name(event), [*_above(event)]
    if any(parent.name == OPTIMIZER for parent in above) or event.name == OPTIMIZER:
        return "optimizer"
    if _in_norm(event) or name in NORMALIZATION:
        return "normalization"
    if name in PRODUCTS:
        return "products"
    if _fused(name):
        return "attention"
    if name in ELEMENTWISE:
        backward = [parent for parent in above if parent.name.startswith("autograd::engine::evaluate_function")]
        return "normalization" if any(node.sequence_nr in inside for node in backward) else "elementwise"
    return "rest"


def flops_of(event: Event) -> float:
    """Of one event alone, from the shapes it was given; 0 for what computes nothing."""
    name, shapes = _name(event), [shape for shape in event.input_shapes or () if shape]
    if name in PRODUCTS:
        left, right = shapes[-2:]
        return 2.0 * math.prod(left) * right[-1]
    if _fused(name) and len(shapes) >= 3:
        # q·k and the sum of values; backward computes the scores again, and four products more.
        backward = "backward" in name
        query, keys = (shapes[1], shapes[2]) if backward else (shapes[0], shapes[1])
        return (10.0 if backward else 4.0) * math.prod(query) * keys[-2]
    elements = max((math.prod(shape) for shape in shapes), default=0)
    return float(elements * NORMALIZATION.get(name, name in ELEMENTWISE))


def attention(fused: bool) -> AbstractContextManager[Any]:
    """Inside, attention is computed in one kernel where there is one, or step by step."""
    return nullcontext() if fused else sdpa_kernel(SDPBackend.MATH)


def _fused(name: str) -> bool:
    """Is it a kernel of its own, and not what takes it apart?"""
    return name.startswith(FUSED) and "_math" not in name


def _name(event: Event) -> str:
    """Without the name space, and without the mark of what works in place."""
    return event.name.removeprefix("aten::").removesuffix("_") if event.name.startswith("aten::") else ""


def _above(event: Event) -> Iterator[Event]:
    while (event := event.cpu_parent) is not None:
        yield event


def _in_norm(event: Event) -> bool:
    return event.name in NORM or any(parent.name in NORM for parent in _above(event))
