"""Llama 4 Scout, read as dense: chunks and RoPE in three layers of four, neither in the fourth."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.gated import Gated
from models.heads import Heads
from models.norm.rmsnorm import RMSNorm
from models.placement.pre import Pre
from models.position.rope import Rope
from models.qk_norm.after_rope import AfterRope
from models.shape import Shape
from models.span.chunked import Chunked
from models.systems.base import System, cite, register, unstated
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/llama4/modeling_llama4.py"
MAKER = "code meta-llama/llama-models@a9c89c4 models/llama4/model.py"

LLAMA_4 = register(
    System(
        id="llama-4",
        name="Llama 4",
        year=2025,
        maker="Meta",
        size="Scout, 17B active of 109B",
        citation="Meta AI 2025, The Llama 4 herd (blog; there is no paper)",
        reading="dense",
        left_out=Text(
            "Each layer's 16 routed experts, of which a token passes one, and its shared expert are one feed-forward "
            "layer here: 16,384 wide, as wide as those two and as the family's dense layers.",
            "每层 16 个路由专家（每个词元经过一个）与一个共享专家，在这里合为一个前馈层，宽 16,384：等于这两者之和，"
            "也等于该家族稠密层的宽度。",
        ),
        published=Architecture(
            shape=Shape(layers=48, width=5120, context=10_485_760, vocabulary=202_048),
            embedding=Embedding(tied=False),
            position=Rope(
                theta=500_000.0,
                pairing="interleaved",
                layers="local",
                scaling="llama3",
                factor=16.0,
                original=8192,
                high=1.0,
                temperature=0.1,
                temperature_length=8192,
            ),
            norm=RMSNorm(eps=1e-5),
            placement=Pre(),
            heads=Heads(query=40, kv=8),
            qk_norm=AfterRope(eps=1e-5),
            span=Chunked(chunk=8192, pattern="3_to_1"),
            feed_forward=Gated(activation="silu", size=16_384),
            bias=Bias(places="none"),
        ),
        citations=cite("configuration of the released model", "shape", "heads", "embedding")
        | cite(CODE, "norm", "placement", "layout", "feed_forward", "bias", "attention_cap", "sink", "output_cap")
        | cite(f"{MAKER}; {CODE}", "qk_norm", "span")
        | {"position": f"{MAKER}; {CODE}; scaling: code meta-llama/llama-models@00bb6d6 models/llama4/args.py"},
        unknown=unstated("dropout", "z_loss"),
        facts={
            "feed_forward": Text(
                "16 experts of SwiGLU 1.6×, 1 a token, + 1", "16 个 SwiGLU 1.6× 专家，每词元 1 个，另共享 1 个"
            ),
        },
        notes=(
            Text(
                "Chunks are blocks of 8,192 tokens and no sliding window: in these layers nothing passes from one "
                "block to the next. Lecture slides say otherwise.",
                "分块是 8,192 个词元一段，不是滑动窗口：在这些层里，信息不会从一块传到下一块。有课件写成了滑动窗口。",
            ),
            Text(
                "In the layers without RoPE q grows with the position, × (1 + 0.1 · ln(1 + ⌊(t + 1) / 8192⌋)); the "
                "maker's code speaks of tuning at inference, here it acts in training too.",
                "不用 RoPE 的层里，q 随位置增大：× (1 + 0.1 · ln(1 + ⌊(t + 1) / 8192⌋))。原作者的代码称之为推理时的"
                "调节，这里训练时也起作用。",
            ),
            Text(
                "QK norm comes after rotation and has no gain. Maverick has none, and does not stretch RoPE.",
                "QK 归一化在旋转之后，没有增益。Maverick 不用它，也不拉长 RoPE。",
            ),
        ),
    )
)
