"""Command R7B and A: a parallel block; three layers with window and RoPE to one with neither."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, GATED, OUTSIDE, SHARED_NORM
from models.hugging_face.parts import attention_biases, decoder, layer_norm
from models.hugging_face.rope import in_layers
from models.hugging_face.sizes import layer_count
from models.hugging_face.spans import every, layer_kinds, span
from models.hugging_face.weights import Rule, renamed


def fields(config: Config) -> Fields:
    """Parallel block, gated; RoPE on neighbouring entries in the layers with a window alone."""
    pattern, layers = config.whole("sliding_window_pattern"), layer_count(config)
    kinds = layer_kinds(config, every(pattern, layers) if pattern else [])
    given = decoder(config, norm=layer_norm(config, "layer_norm_eps", bias=False))
    rotating = {**given["position"], "pairing": "interleaved"}
    return given | {
        "embedding": {**given["embedding"], "logit_scale": config.number("logit_scale")},
        "position": in_layers(rotating, [kind == "sliding_attention" for kind in kinds]),
        "layout": {"option": "parallel"},
        "span": span(config, kinds),
        "bias": attention_biases(config),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(OUTSIDE | ATTENTION | GATED | SHARED_NORM)


register(
    ModelType(
        "cohere2",
        {
            "vocab_size": 256000,
            "hidden_size": 8192,
            "intermediate_size": 22528,
            "num_hidden_layers": 40,
            "num_attention_heads": 64,
            "num_key_value_heads": None,
            "max_position_embeddings": 8192,
            "head_dim": None,
            "hidden_act": "silu",
            "layer_norm_eps": 1e-05,
            "logit_scale": 0.0625,
            "rope_theta": 10000.0,
            "sliding_window": 4096,
            "sliding_window_pattern": 4,
            "tie_word_embeddings": True,
            "attention_bias": False,
        },
        fields,
        weights,
        ignored={
            "layer_switch": "layer_types or sliding_window_pattern is read",
            "model_max_length": "of the tokenizer",
            "order_of_interleaved_layers": "never read",
            "position_embedding_type": "never read",
            "rotary_pct": "never read: whole heads are rotated",
            "use_embedding_sharing": "tie_word_embeddings is read",
            "use_gated_activation": "never read: it is always gated",
            "use_parallel_block": "never read: it is always parallel",
            "use_parallel_embedding": "never read",
        },
        model_class="Cohere2ForCausalLM",
    )
)
