"""What goes on inside a model as it trains: gradients, the stream, updates, scores, gates. Knows no store.

A pass of its own over a few sequences of the validation part, on a copy of the weights: training itself is not touched,
and no random number is drawn. What is read is defined in `READINGS`; L values a layer, else one.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median_high

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.block import Block
from models.cost import BACKWARD, cost
from models.feed_forward.gated import GatedModule
from models.hooks import Answers, Place
from models.text import Text
from models.transformer import IGNORED, Transformer
from playground.measure.logits import seen, spread
from playground.training import Run

ROWS = 4  # sequences that are looked at
SHARE = 0.02  # of the training FLOPs: small passes are slower than that says, and may take 0.1 of the time
MOST = 200  # looks at one run
EARLY = (1, 4)  # steps after which it is looked at too, beside 0: much happens there
BINS, EDGE = 41, 4.0  # of a histogram, from -EDGE to EDGE; what is beyond counts at the ends

Readings = dict[str, list[float]]

READINGS: dict[str, Text] = {
    "gradient_attention": Text("gradient norm, attention", "梯度范数：注意力"),
    "gradient_feed_forward": Text("gradient norm, feed-forward", "梯度范数：前馈层"),
    "gradient_embedding": Text("gradient norm, embedding", "梯度范数：嵌入"),
    "residual": Text("residual stream, RMS", "残差流的 RMS"),
    "update_attention": Text("update ÷ weights, attention", "更新量 ÷ 权重：注意力"),
    "update_feed_forward": Text("update ÷ weights, feed-forward", "更新量 ÷ 权重：前馈层"),
    "score": Text("largest attention logit", "最大的注意力 logit"),
    "entropy": Text("attention entropy, share of its most", "注意力的熵（占最大熵的比例）"),
    "logit": Text("largest output logit", "最大的输出 logit"),
    "log_z": Text("log Z, root mean square", "log Z 的均方根"),
    "dead": Text("hidden units that are 0 for all tokens, share", "对所有词元都为 0 的隐藏单元占比"),
    "open": Text("gates above 0, share", "大于 0 的门占比"),
    "hidden": Text("hidden activations, histogram", "隐藏激活的直方图"),
    "gate": Text("gates after the activation, histogram", "激活后门值的直方图"),
}
HISTOGRAMS = ("hidden", "gate")


def every(run: Run) -> int:
    """Steps between two looks, so that these take at most `SHARE` of the FLOPs that training takes."""
    costs, rows = cost(run.architecture, run.recipe.batch), min(ROWS, run.recipe.batch)
    look = BACKWARD * costs.dense_flops.total * rows * run.task.context
    share = look / (costs.training_flops_per_token * run.tokens_per_step)
    return max(1, math.ceil(share / SHARE), math.ceil((run.steps or 1) / MOST))


def due(step: int, steps: int | None, every: int) -> bool:
    """Is the model looked at after `step`: every so often, and at the first and last steps, by the recipe alone.

    Where the number of steps is not known, looks become rarer as it rises, so that they stay few.
    """
    if steps is None:
        every = max(every, 1 << (step // 64).bit_length())
    return step % every == 0 or step in EARLY or step == steps


@dataclass(slots=True)
class _Heard:
    """What one pass has said."""

    stream: list[Tensor] = field(default_factory=list)  # [B, T, D], before the first block and after each
    scores: list[Tensor] = field(default_factory=list)  # [B, H, T, S] a layer
    hidden: list[Tensor] = field(default_factory=list)  # [..., F] a layer
    gates: list[Tensor] = field(default_factory=list)  # [..., F] a layer, before the activation
    logits: list[Tensor] = field(default_factory=list)


class Inside:
    """Looks into a run's model. `spent` are the seconds that it has taken."""

    def __init__(self, run: Run) -> None:
        self.run, self.spent = run, 0.0
        self.steps, self.every = run.steps, every(run)
        with torch.random.fork_rng(devices=[]):  # building draws, and what is drawn is thrown away
            self.model = Transformer(run.architecture).to(run.device).eval()
        ids_BT, targets_BT = next(iter(run.task.validation(quick=True)))
        self.ids_BT, self.targets_BT = (part[:ROWS].to(run.device) for part in (ids_BT, targets_BT))
        self.heard = _Heard()
        self._listen()

    def due(self, step: int) -> bool:
        """Is the model looked at after `step`?"""
        return due(step, self.steps, self.every)

    @torch.no_grad()
    def hold(self, model: Transformer) -> None:
        """Remember the weights before a step after which the model is looked at."""
        begun = time.perf_counter()
        for mine, parameter in zip(self.model.parameters(), model.parameters(), strict=True):
            mine.copy_(parameter)
        self.spent += time.perf_counter() - begun

    def look(self, model: Transformer, *, updated: bool) -> Readings:
        """The readings of `model` now; with its last update where the weights before that were held."""
        begun, readings = time.perf_counter(), self._updates(model) if updated else {}
        spent = self.spent
        self.hold(model)
        self.heard = _Heard()
        with torch.enable_grad():
            maps = self.model.maps(self.ids_BT)
            logits_NV, targets_N = self.heard.logits[0].flatten(0, 1).float(), self.targets_BT.flatten()
            entropy = F.cross_entropy(logits_NV, targets_N, ignore_index=IGNORED)
            loss = self.model.chain.run("on_loss", entropy, Answers(logits_NV, targets_N != IGNORED))
            named = dict(self.model.named_parameters())
            gradients = torch.autograd.grad(loss, [*named.values()], allow_unused=True)
        found = {name: grad for name, grad in zip(named, gradients, strict=True) if grad is not None}
        with torch.no_grad():
            readings |= self._gradients(found) | self._sizes(logits_NV, maps) | self._hidden()
        self.spent = spent + time.perf_counter() - begun
        return {name: [_rounded(value) for value in values] for name, values in readings.items()}

    def _listen(self) -> None:
        def scored(scores_BHTS: Tensor, at: Place) -> Tensor:
            looks_TT = seen(self.model, at.layer, scores_BHTS.shape[-1]).to(scores_BHTS.device)
            self.heard.scores.append(scores_BHTS.detach().masked_fill(~looks_TT, 0.0))
            return scores_BHTS

        def said(logits_BTV: Tensor, at: Place) -> Tensor:
            self.heard.logits.append(logits_BTV)
            return logits_BTV

        self.model.chain.acts["on_cap"].append(scored)
        self.model.chain.acts["on_logits"].append(said)
        for number, block in enumerate(self.model.blocks):
            assert isinstance(block, Block)
            if number == 0:
                block.register_forward_pre_hook(lambda _, given: self.heard.stream.append(given[0].detach()))
            block.register_forward_hook(lambda _, given, made: self.heard.stream.append(made.detach()))
            if block.feed_forward is not None:
                self._listen_to(block.feed_forward)

    def _listen_to(self, feed_forward: nn.Module) -> None:
        down = feed_forward.get_submodule("down")
        down.register_forward_pre_hook(lambda _, given: self.heard.hidden.append(given[0].detach()))
        if isinstance(feed_forward, GatedModule):
            feed_forward.gate.register_forward_hook(lambda _, given, made: self.heard.gates.append(made.detach()))

    def _updates(self, model: Transformer) -> Readings:
        with torch.no_grad():
            old = dict(self.model.named_parameters())
            moved = {name: parameter - old[name] for name, parameter in model.named_parameters()}
            pairs = ((part, _norms(moved, part), _norms(old, part)) for part in ("attention", "feed_forward"))
            return {
                f"update_{part}": [change / size if size else 0.0 for change, size in zip(up, of, strict=True)]
                for part, up, of in pairs
            }

    def _gradients(self, found: Mapping[str, Tensor]) -> Readings:
        parts = {f"gradient_{part}": _norms(found, part) for part in ("attention", "feed_forward")}
        return parts | {"gradient_embedding": [found["embedding.weight"].norm().item()]}

    def _sizes(self, logits_NV: Tensor, maps: list[Tensor]) -> Readings:
        return {
            "residual": [x_BTD.float().square().mean().sqrt().item() for x_BTD in self.heard.stream],
            "score": [scores.abs().max().item() for scores in self.heard.scores],
            "entropy": [
                spread(map_BHTT.cpu(), seen(self.model, layer, map_BHTT.shape[-1]))
                for layer, map_BHTT in enumerate(maps)
            ],
            "logit": [logits_NV.abs().max().item()],
            "log_z": [logits_NV.logsumexp(-1).square().mean().sqrt().item()],
        }

    def _hidden(self) -> Readings:
        hidden, gates = self.heard.hidden, self.heard.gates
        found = {"dead": [(h == 0).flatten(0, -2).all(0).float().mean().item() for h in hidden]}
        if hidden:
            found["hidden"] = _histogram(torch.cat([h.flatten() for h in hidden]))
        if gates:
            act = self.run.architecture.feed_forward.function().function
            found["open"] = [(gate > 0).float().mean().item() for gate in gates]
            found["gate"] = _histogram(torch.cat([act(gate).flatten() for gate in gates]))
        return found


def _norms(tensors: Mapping[str, Tensor], part: str) -> list[float]:
    """The norm of all tensors of a sublayer together, by layer."""
    layers: dict[int, list[Tensor]] = {}
    for name, tensor in tensors.items():
        words = name.split(".")
        if words[0] == "blocks" and words[2] == part:
            layers.setdefault(int(words[1]), []).append(tensor.detach().norm())
    return [torch.stack(layers[layer]).norm().item() for layer in sorted(layers)]


def _histogram(values: Tensor) -> list[float]:
    """Shares of `BINS` bins as wide as each other from -EDGE to EDGE, what lies beyond at the ends."""
    if not values.isfinite().all():
        return [math.nan] * BINS
    counts = values.float().cpu().clamp(-EDGE, EDGE).histc(BINS, -EDGE, EDGE)
    return (counts / counts.sum()).tolist()


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


WINDOW, LEAST, TIMES = 8, 0.25, 5.0  # points before, nats, and median deviations that a spike stands out by


def spikes(steps: list[int], losses: list[float | None]) -> list[int]:
    """The steps whose loss stands out: over the median of the `WINDOW` points before by 0.25 nats and 5 deviations."""
    found = []
    for n in range(WINDOW, len(losses)):
        before, now = [loss for loss in losses[n - WINDOW : n] if loss is not None], losses[n]
        if now is None or not before:
            continue
        middle = median_high(before)
        if now - middle > max(LEAST, TIMES * median_high(abs(loss - middle) for loss in before)):
            found.append(steps[n])
    return found
