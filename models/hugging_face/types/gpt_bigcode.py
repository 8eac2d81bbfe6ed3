"""StarCoder's form of GPT-2: one key/value head for all queries, or one each."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.fused import by_group, stacked
from models.hugging_face.parts import activation, biases, inner_width, layer_norm, shape
from models.hugging_face.weights import Rule, renamed

LAYER = "transformer.h.{}."


def fields(config: Config) -> Fields:
    """As GPT-2, with `multi_query`."""
    query, scaled = config.whole("num_attention_heads"), config.switch("scale_attn_weights")
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": {"option": "learned"},
        "norm": layer_norm(config, "layer_norm_epsilon"),
        "placement": {"option": "pre"},
        "heads": {"query": query, "kv": 1 if config.switch("multi_query") else query}
        | ({} if scaled else {"scale": 1.0}),
        "feed_forward": {
            "option": "plain",
            "activation": activation(config, "activation_function"),
            "size": inner_width(config, "n_inner"),
        },
        "bias": biases(qkv=True, attention_out=True, feed_forward=True),
    }


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names; q, k and v in one matrix, below each other with one key/value head, by head with one each."""
    fused = stacked if architecture.heads.kv == 1 else by_group
    return (
        *renamed(
            {
                "embedding": "transformer.wte",
                "head": "lm_head",
                "parts.position.table": "transformer.wpe",
                "parts.placement.final": "transformer.ln_f",
                "parts.placement.input.{}.attention": LAYER + "ln_1",
                "parts.placement.input.{}.feed_forward": LAYER + "ln_2",
                "blocks.{}.attention.out": LAYER + "attn.c_proj",
                "blocks.{}.feed_forward.up": LAYER + "mlp.c_fc",
                "blocks.{}.feed_forward.down": LAYER + "mlp.c_proj",
            }
        ),
        fused(architecture, LAYER + "attn.c_attn"),
    )


PRECISION = "a matter of precision"

register(
    ModelType(
        "gpt_bigcode",
        {
            "vocab_size": 50_257,
            "hidden_size": 768,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
            "max_position_embeddings": 1024,
            "n_inner": None,
            "activation_function": "gelu_pytorch_tanh",
            "layer_norm_epsilon": 1e-5,
            "scale_attn_weights": True,
            "multi_query": True,
            "tie_word_embeddings": True,
        },
        fields,
        weights,
        {
            "hidden_size": ("n_embd",),
            "num_hidden_layers": ("n_layer",),
            "num_attention_heads": ("n_head",),
            "max_position_embeddings": ("n_positions",),
        },
        ignored={
            "intermediate_size": "never read; n_inner is",
            "attention_softmax_in_fp32": PRECISION,
            "scale_attention_softmax_in_fp32": PRECISION,
            "num_key_value_heads": "set from multi_query, whatever is given",
            "inference_runner": "never read",
            "pre_allocate_kv_cache": "never read",
            "validate_runner_input": "never read",
            "max_batch_size": "never read",
            "max_sequence_length": "never read",
            "pad_key_length": "never read",
            "n_ctx": "older than n_positions, which alone sizes the table",
        },
        model_class="GPTBigCodeForCausalLM",
    )
)
