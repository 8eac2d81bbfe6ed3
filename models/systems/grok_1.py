"""Grok-1, one of its eight experts read as a dense feed-forward."""

from models.architecture import Architecture
from models.bias import Bias
from models.caps import AttentionCap
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.double import Double
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import FORWARD, System, cite, register, unstated
from models.text import Text

MODEL = "code xai-org/grok-1@7050ed2 model.py"
RUN = "code xai-org/grok-1@7050ed2 run.py"

GROK_1 = register(
    System(
        id="grok-1",
        name="Grok-1",
        year=2024,
        maker="xAI",
        size="314B",
        citation="xAI 2024, open release of Grok-1, code xai-org/grok-1",
        reading="dense",
        left_out=Text(
            "Its feed-forward is a mixture of 8 experts, 2 for each token; here it is one of them for all.",
            "它的前馈层由 8 个专家组成，每个词元用 2 个；这里所有词元共用其中一个。",
        ),
        published=Architecture(
            shape=Shape(layers=64, width=6144, context=8192, vocabulary=131_072),
            embedding=Embedding(tied=True, scale="sqrt_width", logit_scale=0.5773502691896257),
            position=Rope(theta=10_000.0),
            norm=RMSNorm(eps=1e-5),
            placement=Double(),
            heads=Heads(query=48, kv=8),
            attention_cap=AttentionCap(cap=30.0),
            feed_forward=Gated(activation="gelu_tanh", size=32_768),
            bias=Bias(places="none"),
        ),
        citations=cite(MODEL, *FORWARD) | cite(RUN, "shape", "heads", "embedding", "feed_forward"),
        unknown=unstated("z_loss", "dropout"),
        facts={"feed_forward": Text("8 experts, 2 a token: GeGLU (tanh) 5.33×", "8 个专家取 2：GeGLU（tanh）5.33×")},
        notes=(
            Text(
                "The embedding is multiplied by √width, the logits by 1/√3.",
                "嵌入乘以 √宽度，logits 乘以 1/√3。",
            ),
            Text(
                "Scores are capped at 30, the logits are not.",
                "分数的软上限是 30，logits 没有上限。",
            ),
        ),
    )
)
