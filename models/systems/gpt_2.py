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
from models.systems.base import FORWARD, System, cite, reference, register
from models.text import Text

CODE = "code openai/gpt-2@9b63575 src/model.py"

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
        citations=cite(f"{CODE}; {reference('gpt2')}", *FORWARD)
        | cite(f"§2.3, Table 2; {CODE}", "shape")
        | cite("§2.3; σ: " + CODE, "init")
        | cite(f"§2.3; {CODE}", "placement")
        | cite("configuration of the released model; the paper is silent", "dropout"),
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                "The smallest of four sizes; the largest, GPT-2 XL, has 48 layers of width 1,600 and 25 heads.",
                "这是四种规模里最小的；最大的 GPT-2 XL 有 48 层，宽 1,600，25 个头。",
            ),
            Text(
                "GELU is the tanh form; the exact one gives other logits in the third decimal.",
                "这里的 GELU 是 tanh 形式；换成精确形式，logits 在小数点后第三位就会不同。",
            ),
        ),
    )
)
