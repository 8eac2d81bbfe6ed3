"""gpt-oss at 120 B, read as dense: attention sinks, a window in every other layer, a clamped gate."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.shape import Shape
from models.sink.learned import LearnedSink
from models.span.window import Window
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code openai/gpt-oss@7b58334 gpt_oss/torch/model.py"
PORT = "code huggingface/transformers@v5.23.0 src/transformers/models/gpt_oss/modeling_gpt_oss.py"

GPT_OSS = register(
    System(
        id="gpt-oss",
        name="gpt-oss",
        year=2025,
        maker="OpenAI",
        size="120b",
        citation="OpenAI 2025, gpt-oss-120b & gpt-oss-20b Model Card, arXiv:2508.10925",
        reading="dense",
        left_out=Text(
            "Of the 128 experts in each layer one stands here, of the published width of 2,880, and no router; a token "
            "passes four of them.",
            "每层 128 个专家只留一个，宽度按公布的 2,880，没有路由；原模型的每个词元经过其中四个。",
        ),
        published=Architecture(
            shape=Shape(layers=36, width=2880, context=131_072, vocabulary=201_088),
            embedding=Embedding(tied=False),
            position=Rope(theta=150_000.0, scaling="yarn", factor=32.0, original=4096, truncate=False),
            norm=RMSNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=64, kv=8, head_dim=64),
            span=Window(window=128, pattern="alternate"),
            sink=LearnedSink(),
            feed_forward=Gated(activation="quick_gelu", size=2880, clamp=7.0, offset=1.0),
            bias=Bias(places="all"),
        ),
        citations=cite(f"§2.2; {CODE}", "shape", "heads", "position", "span", "sink", "feed_forward")
        | cite(CODE, "embedding", "norm", "placement", "layout", "bias")
        | cite(PORT, "qk_norm", "attention_cap", "output_cap"),
        unknown=unstated("dropout", "z_loss"),
        facts={
            "feed_forward": Text("128 experts of SwiGLU 1×, 4 a token, ≤ 7", "128 个 SwiGLU 1× 专家，每词元 4 个，≤ 7"),
        },
        notes=(
            Text(
                "A learned logit for each head joins the softmax and is dropped again, so that a head may attend to "
                "nothing. It is neither scaled nor masked.",
                "每个头有一个可学习的 logit 参与 softmax，算完即丢，注意力头因此可以什么都不看。它既不缩放也不加掩码。",
            ),
            Text(
                "The gate is x · σ(1.702 x) with x at most 7, the other branch is held within ± 7 and raised by 1.",
                "门为 x · σ(1.702 x)，x 不超过 7；另一分支限制在 ±7 之内再加 1。",
            ),
            Text(
                "Layers 0, 2, 4 … have the window of 128, the others see everything; heads × width is 1.42 times the "
                "model's width.",
                "第 0、2、4…层的窗口为 128，其余层看到全部；头数 × 头宽是模型宽度的 1.42 倍。",
            ),
        ),
    )
)
