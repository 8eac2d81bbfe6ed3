"""SmolLM3: three layers with RoPE to one without."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import DECODER
from models.hugging_face.parts import attention_biases, decoder
from models.hugging_face.rope import in_layers
from models.hugging_face.spans import layer_kinds, rotating_layers, span
from models.hugging_face.weights import Rule


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE in some layers, gated. A window, if it is switched on, stands in the layers without RoPE."""
    given, rotates = decoder(config), rotating_layers(config)
    window, switched = config.whole_or_none("sliding_window"), config.switch("use_sliding_window")
    local = [switched and window is not None and not here for here in rotates]
    kinds = layer_kinds(config, ["sliding_attention" if here else "full_attention" for here in local])
    return given | {
        "position": in_layers(given["position"], rotates),
        "span": span(config, kinds),
        "bias": attention_biases(config, feed_forward=config.switch("mlp_bias")),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return DECODER


register(
    ModelType(
        "smollm3",
        {
            "vocab_size": 128256,
            "hidden_size": 2048,
            "intermediate_size": 11008,
            "num_hidden_layers": 36,
            "num_attention_heads": 16,
            "num_key_value_heads": 4,
            "max_position_embeddings": 32768,
            "head_dim": None,
            "hidden_act": "silu",
            "rms_norm_eps": 1e-06,
            "rope_theta": 2000000.0,
            "use_sliding_window": False,
            "sliding_window": None,
            "no_rope_layers": None,
            "no_rope_layer_interval": 4,
            "tie_word_embeddings": True,
            "attention_bias": False,
            "mlp_bias": False,
        },
        fields,
        weights,
        ignored={"max_window_layers": "never read"},
        model_class="SmolLM3ForCausalLM",
    )
)
