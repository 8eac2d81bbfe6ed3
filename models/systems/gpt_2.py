"""GPT-2 at its smallest size, the 124 M one."""

from models.architecture import Architecture
from models.bias import Bias
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.init.normal import Normal
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.learned import Learned
from models.shape import Shape
from models.systems.base import System, register
from models.text import Text

GPT_2 = register(
    System(
        id="gpt-2",
        name="GPT-2",
        year=2019,
        maker="OpenAI",
        size="124M",
        citation="Radford et al. 2019, Language Models are Unsupervised Multitask Learners",
        published=Architecture(
            shape=Shape(layers=12, width=768, context=1024, vocabulary=50_257),
            embedding=Embedding(tied=True),
            position=Learned(),
            norm=LayerNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=12, kv=12),
            feed_forward=Plain(activation="gelu_tanh", size=3072),
            bias=Bias(places="all"),
            dropout=Dropout(rate=0.1),
            init=Normal(std=0.02, residual="depth"),
        ),
        citations={
            "shape": "§2.3, Table 2; code openai/gpt-2",
            "placement": "§2.3",
            "heads": "configuration of the released model",
            "norm": "code openai/gpt-2, src/model.py",
            "feed_forward": "code openai/gpt-2, src/model.py",
            "position": "code openai/gpt-2, src/model.py",
            "bias": "code openai/gpt-2, src/model.py",
            "dropout": "configuration of the released model; the paper is silent",
            "init": "§2.3; σ from the code",
        },
        notes=(
            Text(
                "GELU is the tanh form; the exact one gives other logits in the third decimal.",
                "这里的 GELU 是 tanh 形式；换成精确形式，logits 在小数点后第三位就会不同。",
            ),
        ),
    )
)
