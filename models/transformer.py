"""The transformer that an `Architecture` describes.

Embed → blocks → norm → logits. Calls every hook, knows no option by name.

A pass is pure in (parameters, ids): nothing is kept between calls; the cache goes in and comes out.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.architecture import Architecture
from models.block import Block, Pass
from models.hooks import Answers, Chain, Hooks, KeyValue, Place

Cache = list[KeyValue]
IGNORED = -100  # a target that does not count


class Transformer(nn.Module):
    """A decoder-only language model. Matrices start with torch's defaults; see `models.initialize`."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        shape, table = architecture.shape, architecture.embedding.width(architecture)
        parts: dict[str, Hooks] = {name: choice.build(architecture) for name, choice in architecture.choices()}
        self.chain = Chain(list(parts.values()))
        self.parts = nn.ModuleDict({name: part for name, part in parts.items() if isinstance(part, nn.Module)})
        self.embedding = nn.Embedding(shape.vocabulary, table)
        self.project_in = architecture.embedding.projection(table, shape.width)
        self.blocks = nn.ModuleList(Block(architecture, self.chain, layer) for layer in range(shape.layers))
        self.project_out = architecture.embedding.projection(shape.width, table)
        self.head = nn.Linear(table, shape.vocabulary, architecture.bias.head)
        if architecture.embedding.tied:
            self.head.weight = self.embedding.weight

    def forward(self, ids_BT: Tensor) -> Tensor:
        """Logits [B, T, V] of every position, for ids [B, T]; T may exceed the context where the positions reach."""
        return self._run(ids_BT, Pass(Place(_from_zero(ids_BT))))

    def step(self, ids_BT: Tensor, positions_T: Tensor, cache: Cache | None) -> tuple[Tensor, Cache]:
        """Logits [B, T, V] of T further tokens at consecutive absolute positions, and the cache including them.

        None: an empty one.
        """
        run = Pass(Place(positions_T), past=self.empty_cache(ids_BT.shape[0]) if cache is None else cache)
        return self._run(ids_BT, run), run.present

    def maps(self, ids_BT: Tensor) -> list[Tensor]:
        """The attention maps [B, H, T, T] of every layer that has attention, as the model used them."""
        run = Pass(Place(_from_zero(ids_BT)), maps=[])
        self._run(ids_BT, run)
        assert run.maps is not None
        return run.maps

    def loss(self, ids_BT: Tensor, targets_BT: Tensor) -> tuple[Tensor, Tensor]:
        """What training minimizes and, beside it, the plain cross-entropy.

        Mean nats per token over targets that are not -100.
        """
        logits_NV, targets_N = self(ids_BT).flatten(0, 1), targets_BT.flatten()
        cross_entropy = F.cross_entropy(logits_NV, targets_N, ignore_index=IGNORED)
        answers = Answers(logits_NV, targets_N != IGNORED)
        return self.chain.run("on_loss", cross_entropy, answers), cross_entropy

    def empty_cache(self, batch: int) -> Cache:
        """The cache before the first token: no entries, [B, G, 0, K]; one pair a layer that has attention."""
        heads, weight = self.architecture.heads, self.embedding.weight
        shape = (batch, heads.kv, 0, heads.width(self.architecture))
        return [(weight.new_zeros(shape), weight.new_zeros(shape)) for _ in range(self.architecture.attention_layers)]

    def _run(self, ids_BT: Tensor, run: Pass) -> Tensor:
        x_BTD = self.chain.run("on_embedding", self.project_in(self.embedding(ids_BT)), run.at)
        for block in self.blocks:
            x_BTD = block(x_BTD, run)
        read_BTE = self.project_out(self.chain.run("on_final", x_BTD, run.at))
        return self.chain.run("on_logits", self.head(read_BTE), run.at)


def _from_zero(ids_BT: Tensor) -> Tensor:
    return torch.arange(ids_BT.shape[1], device=ids_BT.device)
