"""LLaMA 1 to 3, and what was released in its form."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import DECODER
from models.hugging_face.parts import attention_biases, decoder
from models.hugging_face.weights import Rule
from models.hugging_face.writing import Keys, divided, llama_like


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE, gated; biases by two switches."""
    return decoder(config) | {"bias": attention_biases(config, feed_forward=config.switch("mlp_bias"))}


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return DECODER


def config(architecture: Architecture) -> Keys:
    """The keys of a `config.json`."""
    divided(architecture)
    bias = architecture.bias
    return {**llama_like(architecture), "attention_bias": bias.qkv, "mlp_bias": bias.feed_forward}


register(
    ModelType(
        "llama",
        {
            "vocab_size": 32_000,
            "hidden_size": 4096,
            "intermediate_size": 11_008,
            "num_hidden_layers": 32,
            "num_attention_heads": 32,
            "num_key_value_heads": None,
            "head_dim": None,
            "hidden_act": "silu",
            "max_position_embeddings": 2048,
            "rms_norm_eps": 1e-6,
            "rope_theta": 10_000.0,
            "tie_word_embeddings": False,
            "attention_bias": False,
            "mlp_bias": False,
        },
        fields,
        weights,
        config=config,
        model_class="LlamaForCausalLM",
    )
)
