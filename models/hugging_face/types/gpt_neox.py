"""GPT-NeoX and Pythia."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.fused import by_group
from models.hugging_face.parts import biases, heads, layer_norm, plain, shape
from models.hugging_face.rope import rope
from models.hugging_face.sizes import EVEN
from models.hugging_face.weights import Rule, renamed

LAYER = "gpt_neox.layers.{}."


def fields(config: Config) -> Fields:
    """Two norms in a parallel block, or a serial one; a quarter of each head rotated unless said otherwise."""
    parallel, attention = config.switch("use_parallel_residual"), config.switch("attention_bias")
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": rope(config, partial=True, odd=True, outside=("rotary_emb_base", "rotary_pct")),
        "norm": layer_norm(config, "layer_norm_eps"),
        "placement": {"option": "pre"},
        "layout": {"option": "parallel_two_norms" if parallel else "serial"},
        "heads": heads(config),
        "feed_forward": plain(config),
        "bias": biases(qkv=attention, attention_out=attention, feed_forward=True),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names; q, k and v of a head stand together."""
    return (
        *renamed(
            {
                "embedding": "gpt_neox.embed_in",
                "head": "lm_head",
                "parts.placement.final": "gpt_neox.final_layer_norm",
                "parts.placement.input.{}.attention": LAYER + "input_layernorm",
                "parts.placement.input.{}.feed_forward": LAYER + "post_attention_layernorm",
                "blocks.{}.attention.out": LAYER + "attention.dense",
                "blocks.{}.feed_forward.up": LAYER + "mlp.dense_h_to_4h",
                "blocks.{}.feed_forward.down": LAYER + "mlp.dense_4h_to_h",
            }
        ),
        by_group(architecture, LAYER + "attention.query_key_value"),
    )


register(
    ModelType(
        "gpt_neox",
        {
            "vocab_size": 50_432,
            "hidden_size": 6144,
            "num_hidden_layers": 44,
            "num_attention_heads": 64,
            "intermediate_size": 24_576,
            "hidden_act": "gelu",
            "max_position_embeddings": 2048,
            "layer_norm_eps": 1e-5,
            "rotary_emb_base": 10_000.0,
            "rotary_pct": 0.25,
            "use_parallel_residual": True,
            "attention_bias": True,
            "tie_word_embeddings": False,
        },
        fields,
        weights,
        ignored={
            "num_key_value_heads": EVEN["num_key_value_heads"],  # but head_dim would turn other pairs
            "rope_theta": "never read outside rope_parameters; rotary_emb_base is",
            "partial_rotary_factor": "never read outside rope_parameters; rotary_pct is",
        },
        model_class="GPTNeoXForCausalLM",
    )
)
