"""BERT base, an encoder, read as a causal decoder."""

from models.architecture import Architecture
from models.bias import Bias
from models.dropout import Dropout
from models.embedding import Embedding
from models.feed_forward.plain import Plain
from models.heads import Heads
from models.norm.layernorm import LayerNorm
from models.placement.post import Post
from models.position.learned import Learned
from models.shape import Shape
from models.systems.base import FORWARD, System, cite, reference, register
from models.text import Text

BERT = register(
    System(
        id="bert",
        name="BERT",
        year=2018,
        maker="Google",
        size="base",
        citation="Devlin et al. 2018, arXiv:1810.04805",
        reading="dense",
        left_out=Text(
            "It is an encoder: left out are attention to both sides, segment embeddings, and the layer before the head "
            "that guesses masked words.",
            "它是编码器：这里略去了双向注意力、句段嵌入，以及预测被遮词元的输出头之前的那一层。",
        ),
        published=Architecture(
            shape=Shape(layers=12, width=768, context=512, vocabulary=30_522),
            embedding=Embedding(tied=True),
            position=Learned(),
            norm=LayerNorm(eps=1e-12),
            placement=Post(embedding=True),
            heads=Heads(query=12, kv=12),
            feed_forward=Plain(activation="gelu", size=3072),
            bias=Bias(places="qkv~attention_out~feed_forward~head"),
            dropout=Dropout(rate=0.1),
        ),
        citations=cite(reference("bert"), *FORWARD)
        | cite(f"§3; {reference('bert')}", "shape", "heads", "span")
        | cite("Appendix A.2", "dropout"),
        from_memory=frozenset({"z_loss"}),
        facts={"span": Text("both sides", "双向")},
        notes=(
            Text(
                "GELU is the exact form, and ε is 1e-12, the smallest in the catalogue.",
                "GELU 是精确形式；ε 为 1e-12，是目录里最小的。",
            ),
            Text(
                "Positions are a learned table; a norm stands on the sum of word, position and segment.",
                "位置是可学习的表；词、位置、句段三者之和再过一个归一化。",
            ),
        ),
    )
)
