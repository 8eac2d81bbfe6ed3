"""SmolLM3 at 3 B: LLaMA's block without RoPE in every fourth layer."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/smollm3/modeling_smollm3.py"
TRAINED = "code huggingface/smollm@a041759 text/pretraining/smollm3/stage1_8T.yaml"

SMOLLM_3 = register(
    System(
        id="smollm-3",
        name="SmolLM3",
        year=2025,
        maker="Hugging Face",
        size="3B",
        citation="Hugging Face 2025, SmolLM3: smol, multilingual, long-context reasoner (blog)",
        published=Architecture(
            shape=Shape(layers=36, width=2048, context=4096, vocabulary=128_256),
            embedding=Embedding(tied=True),
            position=Rope(theta=50_000.0, layers="3_to_1"),
            norm=RMSNorm(eps=1e-6),
            placement=Pre(),
            heads=Heads(query=16, kv=4),
            feed_forward=Gated(activation="silu", size=11_008),
            bias=Bias(places="none"),
        ),
        citations=cite(TRAINED, "shape", "heads", "embedding", "norm", "feed_forward", "bias", "z_loss")
        | cite(CODE, "placement", "layout", "qk_norm", "span", "attention_cap", "sink", "output_cap")
        | {"position": f"{TRAINED}; the layers without: {CODE}"},
        unknown=unstated("dropout"),
        notes=(
            Text(
                "Every fourth layer has no positions, and all layers see everything: there is no window, unlike in "
                "Command A.",
                "每四层中有一层没有位置编码，而所有层都能看到全部内容：与 Command A 不同，这里没有窗口。",
            ),
            Text(
                "θ is that of the first stage of training, on 4,096 tokens; it is raised later, as the context grows.",
                "这里的 θ 是训练第一阶段（4,096 个词元）的值，之后随上下文变长而调大。",
            ),
            Text(
                "In configurations, a 1 in no_rope_layers means a layer with RoPE. The training file has a z-loss of "
                "1e-5, switched off.",
                "配置项 no_rope_layers 里的 1 反而表示该层使用 RoPE。训练配置里写了 1e-5 的 z-loss，但没有启用。",
            ),
        ),
    )
)
