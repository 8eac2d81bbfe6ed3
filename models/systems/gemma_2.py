"""Gemma 2 at 9 B: double norm, soft-caps, local and global layers in turn."""

from models.architecture import Architecture
from models.bias import Bias
from models.caps import AttentionCap, OutputCap
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.double import Double
from models.position.rope import Rope
from models.shape import Shape
from models.span.window import Window
from models.systems.base import FORWARD, System, cite, reference, register, unstated
from models.text import Text

GEMMA_2 = register(
    System(
        id="gemma-2",
        name="Gemma 2",
        year=2024,
        maker="Google",
        size="9B",
        citation="Gemma Team 2024, arXiv:2408.00118",
        published=Architecture(
            shape=Shape(layers=42, width=3584, context=8192, vocabulary=256_000),
            embedding=Embedding(tied=True, scale="sqrt_width"),
            position=Rope(theta=10_000.0),
            norm=RMSNorm(eps=1e-6, gain="one_plus_w"),
            placement=Double(),
            heads=Heads(query=16, kv=8, head_dim=256),
            span=Window(window=4096, pattern="alternate"),
            attention_cap=AttentionCap(cap=50.0),
            feed_forward=Gated(activation="gelu_tanh", size=14_336),
            bias=Bias(places="none"),
            output_cap=OutputCap(cap=30.0),
        ),
        citations=cite(reference("gemma2"), *FORWARD)
        | cite("§2, Table 1", "shape", "heads")
        | cite(f"§2; {reference('gemma2')}: layer 0 is local", "span")
        | cite(f"§2; {reference('gemma2')}", "placement", "attention_cap", "output_cap")
        | cite(f"§2, Table 1; the tanh form: {reference('gemma2')}", "feed_forward"),
        unknown=unstated("z_loss", "dropout"),
        notes=(
            Text(
                "The score scale is 1/√256, that of the head width; the 27 B size differs (1/√144).",
                "分数缩放为 1/√256，与头宽一致；27B 不同（1/√144）。",
            ),
            Text(
                "It has no QK norm; Gemma 3 put one in place of the attention soft-cap.",
                "它没有 QK 归一化；Gemma 3 才用 QK 归一化取代了注意力软上限。",
            ),
        ),
    )
)
