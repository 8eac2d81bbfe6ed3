"""Gemma 3 at 27 B: five local layers to a global one, QK norm in place of the soft-caps."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.double import Double
from models.position.rope import Rope
from models.qk_norm.per_head import PerHead
from models.shape import Shape
from models.span.window import Window
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/gemma3/modeling_gemma3.py"
LITGPT = "code Lightning-AI/litgpt@2685705 litgpt/config.py"

GEMMA_3 = register(
    System(
        id="gemma-3",
        name="Gemma 3",
        year=2025,
        maker="Google",
        size="27B, the text model",
        citation="Gemma Team 2025, Gemma 3 Technical Report, arXiv:2503.19786",
        published=Architecture(
            shape=Shape(layers=62, width=5376, context=131_072, vocabulary=262_144),
            embedding=Embedding(tied=True, scale="sqrt_width"),
            position=Rope(theta=1_000_000.0, local_theta=10_000.0, scaling="linear", factor=8.0, local_scaling="none"),
            norm=RMSNorm(eps=1e-6, gain="one_plus_w"),
            placement=Double(),
            heads=Heads(query=32, kv=16, head_dim=128, scale=168**-0.5),
            qk_norm=PerHead(eps=1e-6, gain="one_plus_w"),
            span=Window(window=1024, pattern="5_to_1"),
            feed_forward=Gated(activation="gelu_tanh", size=21_504),
            bias=Bias(places="none"),
        ),
        citations=cite(LITGPT, "shape", "heads")
        | cite(CODE, "embedding", "norm", "layout", "bias", "sink", "output_cap")
        | cite(f"§2; {CODE}", "placement", "qk_norm", "position", "attention_cap", "span")
        | {"feed_forward": f"{LITGPT}; the tanh form of GELU: {CODE}"},
        unknown=unstated("dropout", "z_loss"),
        notes=(
            Text(
                "QK norm replaced Gemma 2's attention soft-cap, and the cap on the logits went too. transformers still "
                "takes an attention cap for this model, and ignores it.",
                "QK 归一化取代了 Gemma 2 的注意力软上限，logits 的上限也一并去掉。transformers 仍接受该模型的注意力"
                "上限参数，但会忽略它。",
            ),
            Text(
                "The score scale is 1/√168, width over heads, and not that of the head width of 128. At 1 B it is "
                "1/√256, the window is 512, and RoPE is not stretched.",
                "分数缩放为 1/√168（模型宽度除以头数），而非按头宽 128。1B 为 1/√256，窗口 512，RoPE 不拉长。",
            ),
            Text(
                "The released table of the 27 B has 64 rows more, for images.",
                "27B 发布的嵌入表多出 64 行，供图像使用。",
            ),
        ),
    )
)
