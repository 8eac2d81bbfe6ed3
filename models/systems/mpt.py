"""MPT at 7 B: ALiBi, and neither a bias nor an offset anywhere."""

from models.architecture import Architecture
from models.bias import Bias
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.norm.layernorm import LayerNorm
from models.placement.pre import Pre
from models.position.alibi import Alibi
from models.shape import Shape
from models.systems.base import System, cite, register
from models.text import Text

CODE = "code huggingface/transformers@v5.23.0 src/transformers/models/mpt/modeling_mpt.py"
TRAINED = "code mosaicml/llm-foundry@8c8dd48 scripts/train/yamls/pretrain/mpt-7b.yaml"

MPT = register(
    System(
        id="mpt",
        name="MPT",
        year=2023,
        maker="MosaicML",
        size="7B",
        citation="MosaicML 2023, Introducing MPT-7B (blog)",
        published=Architecture(
            shape=Shape(layers=32, width=4096, context=2048, vocabulary=50_432),
            embedding=Embedding(tied=True),
            position=Alibi(slopes=8.0),
            norm=LayerNorm(eps=1e-5, bias=False),
            placement=Pre(),
            heads=Heads(query=32, kv=32),
            feed_forward=Plain(activation="gelu", size=16_384),
            bias=Bias(places="none"),
        ),
        citations=cite(CODE, "embedding", "position", "norm", "placement", "layout", "feed_forward", "bias")
        | cite(CODE, "qk_norm", "span", "attention_cap", "sink", "output_cap")
        | {
            "shape": "model card",
            "heads": f"model card; {TRAINED}",
            "dropout": "configuration of the released model",
        },
        from_memory=frozenset({"z_loss"}),
        notes=(
            Text(
                "q, k and v can be clipped in this code base; the 7 B base model does not, its long-context sibling "
                "StoryWriter is said to, at ± 6, with flatter slopes too (from memory).",
                "这套代码可以截断 q、k、v；7B 基础模型没有用，长上下文的 StoryWriter 据记忆截断在 ±6，ALiBi 的斜率"
                "也更平缓。",
            ),
            Text(
                "The published training file pads the table of tokens to 50,368 rows, the released model has 50,432.",
                "公开的训练配置把词元表补齐到 50,368 行，发布的模型是 50,432 行。",
            ),
            Text(
                "transformers ignores several switches of this model's configuration, QK norm and turning ALiBi off "
                "among them.",
                "transformers 会忽略该模型配置里的若干开关，其中包括 QK 归一化和关闭 ALiBi。",
            ),
        ),
    )
)
