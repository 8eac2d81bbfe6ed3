"""MPT. Most of its flags are not read by the reference, which always has ALiBi and no biases."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.fused import stacked
from models.hugging_face.parts import biases, heads, layer_norm, shape
from models.hugging_face.sizes import EVEN
from models.hugging_face.weights import Rule, renamed

LAYER = "transformer.blocks.{}."


def fields(config: Config) -> Fields:
    """LayerNorm without bias; clipping and the score scale stand among the attention's own flags."""
    attention = config.section("attn_config")
    own = {"clip": "clip_qkv", "scale": "softmax_scale"}
    given = {ours: attention.number(theirs) for ours, theirs in own.items() if attention.holds(theirs)}
    attention.skip_all()  # alibi, qk_ln, attn_type and the like: the reference reads none of them
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": {"option": "alibi"},
        "norm": layer_norm(config, "layer_norm_epsilon", bias=False),
        "placement": {"option": "pre"},
        "heads": heads(config) | {ours: number for ours, number in given.items() if number or ours == "scale"},
        "feed_forward": {"option": "plain", "activation": "gelu", "size": 4 * config.whole("hidden_size")},
        "bias": biases(),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names; q, k and v in one matrix."""
    return (
        *renamed(
            {
                "embedding": "transformer.wte",
                "head": "lm_head",
                "parts.placement.final": "transformer.norm_f",
                "parts.placement.input.{}.attention": LAYER + "norm_1",
                "parts.placement.input.{}.feed_forward": LAYER + "norm_2",
                "blocks.{}.attention.out": LAYER + "attn.out_proj",
                "blocks.{}.feed_forward.up": LAYER + "ffn.up_proj",
                "blocks.{}.feed_forward.down": LAYER + "ffn.down_proj",
            }
        ),
        stacked(architecture, LAYER + "attn.Wqkv"),
    )


NEVER_READ = (
    "expansion_ratio", "learned_pos_emb", "init_device", "logit_scale", "no_bias", "embedding_fraction", "norm_type",
    "verbose", "use_unk", "init_config", "tokenizer_name", "emb_init_std", "emb_init_uniform_lim", "fan_mode",
    "init_div_is_residual", "init_gain", "init_nonlinearity", "param_init_fn", "low_precision_layernorm", "loss_fn",
)  # fmt: skip

register(
    ModelType(
        "mpt",
        {
            "vocab_size": 50_368,
            "hidden_size": 2048,
            "num_hidden_layers": 24,
            "num_attention_heads": 16,
            "max_position_embeddings": 2048,
            "layer_norm_epsilon": 1e-5,
            "attn_config": None,
            "tie_word_embeddings": True,
        },
        fields,
        weights,
        {
            "hidden_size": ("d_model",),
            "num_hidden_layers": ("n_layers",),
            "num_attention_heads": ("n_heads",),
            "max_position_embeddings": ("max_seq_len",),
        },
        ignored={**EVEN, **dict.fromkeys(NEVER_READ, "never read by the reference")},
        model_class="MptForCausalLM",
    )
)
