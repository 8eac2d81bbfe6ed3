"""StarCoder 2: LayerNorm, a plain feed-forward and biases in a LLaMA's frame."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.names import ATTENTION, OUTSIDE, PRE_NORM
from models.hugging_face.parts import biases, decoder, layer_norm, plain
from models.hugging_face.spans import one_window
from models.hugging_face.weights import Rule, renamed


def fields(config: Config) -> Fields:
    """Pre-norm, RoPE, plain, one window for all layers."""
    on = config.switch("use_bias")
    return decoder(config, norm=layer_norm(config, "norm_epsilon"), feed_forward=plain(config)) | {
        "span": one_window(config),
        "bias": biases(qkv=on, attention_out=on, feed_forward=on),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    plain = {"blocks.{}.feed_forward.up": "c_fc", "blocks.{}.feed_forward.down": "c_proj"}
    in_layer = {ours: f"model.layers.{{}}.mlp.{theirs}" for ours, theirs in plain.items()}
    return renamed(OUTSIDE | ATTENTION | PRE_NORM | in_layer)


register(
    ModelType(
        "starcoder2",
        {
            "vocab_size": 49152,
            "hidden_size": 3072,
            "intermediate_size": 12288,
            "num_hidden_layers": 30,
            "num_attention_heads": 24,
            "num_key_value_heads": 2,
            "max_position_embeddings": 4096,
            "head_dim": None,
            "hidden_act": "gelu_pytorch_tanh",
            "norm_epsilon": 1e-05,
            "rope_theta": 10000.0,
            "sliding_window": None,
            "use_bias": True,
            "tie_word_embeddings": True,
        },
        fields,
        weights,
        ignored={
            "layer_norm_epsilon": "norm_epsilon is read",
            "activation_function": "hidden_act is read",
            "attention_softmax_in_fp32": "a matter of precision",
            "mlp_type": "never read: it is always plain",
            "norm_type": "never read: it is always LayerNorm",
            "scale_attention_softmax_in_fp32": "a matter of precision",
            "scale_attn_weights": "never read: scores are always scaled",
        },
        model_class="Starcoder2ForCausalLM",
    )
)
