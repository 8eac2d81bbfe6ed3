"""Command R and R+: a parallel block, LayerNorm without bias, logits scaled."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, GATED, OUTSIDE, QK_NORM, SHARED_NORM
from models.hugging_face.parts import attention_biases, decoder, layer_norm, qk_norm
from models.hugging_face.weights import Rule, renamed


def fields(config: Config) -> Fields:
    """Parallel block, RoPE on neighbouring entries, gated; R+ normalizes q and k with gains for every head."""
    given = decoder(config, norm=layer_norm(config, "layer_norm_eps", bias=False))
    if config.switch("use_qk_norm"):
        given["qk_norm"] = qk_norm(config, "per_head_weights", "layer_norm_eps", kind="layernorm")
    return given | {
        "embedding": {**given["embedding"], "logit_scale": config.number("logit_scale")},
        "position": {**given["position"], "pairing": "interleaved"},
        "layout": {"option": "parallel"},
        "bias": attention_biases(config),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(OUTSIDE | ATTENTION | GATED | SHARED_NORM | QK_NORM)


register(
    ModelType(
        "cohere",
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
            "rope_theta": 500000.0,
            "tie_word_embeddings": True,
            "attention_bias": False,
            "use_qk_norm": False,
        },
        fields,
        weights,
        ignored={
            "model_max_length": "of the tokenizer",
        },
        model_class="CohereForCausalLM",
    )
)
