"""Llama 2 at 7 B, still with a key/value head for every query head."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import FORWARD, LITGPT, System, cite, reference, register, unstated
from models.text import Text

LLAMA_2 = register(
    System(
        id="llama-2",
        name="Llama 2",
        year=2023,
        maker="Meta",
        size="7B",
        citation="Touvron et al. 2023, Llama 2, arXiv:2307.09288",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=4096, vocabulary=32_000),
            embedding=Embedding(tied=False),
            position=Rope(theta=10_000.0),
            norm=RMSNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=32, kv=32),
            feed_forward=Gated(activation="silu", size=11_008),
            bias=Bias(places="none"),
        ),
        citations=cite(reference("llama"), *FORWARD)
        | cite(f"§2.2, Table 1; {LITGPT}", "shape", "heads")
        | cite(f"§2.2; {LITGPT}", "position", "norm", "placement", "feed_forward"),
        unknown=unstated("z_loss", "dropout"),
        notes=(
            Text(
                "Only 34 B and 70 B share key/value heads (GQA 64/8 at 70 B); 70 B has d_ff 3.5 times the width.",
                "只有 34B 与 70B 用分组查询（70B 为 GQA 64/8）；70B 的 d_ff 是宽度的 3.5 倍。",
            ),
        ),
    )
)
