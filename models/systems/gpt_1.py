"""GPT-1: the decoder-only Transformer of 2018, still post-norm."""

from models.architecture import Architecture
from models.bias import Bias
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.init.normal import Normal
from models.norm.layernorm import LayerNorm
from models.placement.post import Post
from models.position.learned import Learned
from models.shape import Shape
from models.systems.base import FORWARD, System, cite, reference, register
from models.text import Text

CODE = "code openai/finetune-transformer-lm@a69b5c4 train.py"

GPT_1 = register(
    System(
        id="gpt-1",
        name="GPT-1",
        year=2018,
        maker="OpenAI",
        size="117M",
        citation="Radford et al. 2018, Improving Language Understanding by Generative Pre-Training",
        published=Architecture(
            shape=Shape(layers=12, width=768, context=512, vocabulary=40_478),
            embedding=Embedding(tied=True),
            position=Learned(),
            norm=LayerNorm(eps=1e-5),
            placement=Post(),
            heads=Heads(query=12, kv=12),
            feed_forward=Plain(activation="gelu_tanh", size=3072),
            bias=Bias(places="all"),
            dropout=Dropout(rate=0.1),
            init=Normal(std=0.02),
        ),
        citations=cite(reference("openai"), *FORWARD)
        | cite(f"§4.1; {CODE}", "shape", "position", "norm", "placement", "feed_forward", "dropout"),
        from_memory=frozenset({"z_loss", "init"}),
        notes=(
            Text(
                "Positions are a learned table, not sines, and the norm stands after the addition: what is often told "
                "of GPT-1 began with GPT-2.",
                "位置是可学习的表而非正弦；归一化在相加之后。常被说成 GPT-1 的前置归一化，其实始于 GPT-2。",
            ),
            Text("GELU is the tanh form.", "GELU 是 tanh 形式。"),
        ),
    )
)
