"""Command R at 35 B: a parallel block, LayerNorm without offset, logits divided by 16."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.layout.parallel import Parallel
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/cohere/modeling_cohere.py"
CONFIG = "configuration of the released model"

COMMAND_R = register(
    System(
        id="command-r",
        name="Command R",
        year=2024,
        maker="Cohere",
        size="35B v01",
        citation="Cohere 2024, Command R (model card; there is no paper)",
        published=Architecture(
            shape=Shape(layers=40, width=8192, context=131_072, vocabulary=256_000),
            embedding=Embedding(tied=True, logit_scale=0.0625),
            position=Rope(theta=8_000_000.0, pairing="interleaved"),
            norm=LayerNorm(eps=1e-5, bias=False),
            placement=Pre(),
            layout=Parallel(),
            heads=Heads(query=64, kv=64),
            feed_forward=Gated(activation="silu", size=22_528),
            bias=Bias(places="none"),
        ),
        citations=cite(CONFIG, "heads", "embedding", "feed_forward")
        | cite(CODE, "norm", "placement", "layout", "bias", "qk_norm", "span", "attention_cap", "sink", "output_cap")
        | {
            "shape": f"{CONFIG}; context: model card",
            "position": f"{CONFIG}; pairing: {CODE}",
        },
        unknown=unstated("dropout", "z_loss"),
        notes=(
            Text(
                "R+ (104 B) has eight key/value heads and a LayerNorm of each head's q and k with gains of its own; "
                "its logits are multiplied by 0.8333.",
                "R+（104B）有八个键值头，每个头的 q 与 k 各有一个带独立增益的 LayerNorm；logits 乘以 0.8333。",
            ),
            Text(
                "The norm subtracts the mean: it is a LayerNorm without offset, and no RMSNorm, as is often said.",
                "归一化会减去均值：它是没有偏移的 LayerNorm，而不是常说的 RMSNorm。",
            ),
        ),
    )
)
