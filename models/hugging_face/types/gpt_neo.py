"""GPT-Neo: global and local layers in turn, scores not divided by anything."""

from models.architecture import Architecture
from models.hugging_face.base import ModelType, register
from models.hugging_face.config import Config, Fields
from models.hugging_face.parts import activation, biases, heads, inner_width, layer_norm, shape
from models.hugging_face.sizes import EVEN
from models.hugging_face.spans import span
from models.hugging_face.weights import Rule, renamed
from models.text import Text

LAYER = "transformer.h.{}."
USUAL = [[["global", "local"], 12]]
KINDS = {"global": "full_attention", "local": "sliding_attention"}


def fields(config: Config) -> Fields:
    """Biases everywhere but at q, k, v and the head."""
    return {
        "shape": shape(config),
        "embedding": {"tied": config.switch("tie_word_embeddings")},
        "position": {"option": "learned"},
        "norm": layer_norm(config, "layer_norm_epsilon"),
        "placement": {"option": "pre"},
        "heads": heads(config) | {"scale": 1.0},
        "span": span(config, kinds(config), "window_size"),
        "feed_forward": {
            "option": "plain",
            "activation": activation(config, "activation_function"),
            "size": inner_width(config, "intermediate_size"),
        },
        "bias": biases(attention_out=True, feed_forward=True),
    }


def kinds(config: Config) -> list[str]:
    """Each layer's kind, from `attention_types`: [[["global", "local"], 12]] is the two in turn, twelve times."""
    config.skip("attention_layers")  # what the reference makes of attention_types
    layers = config.whole("num_hidden_layers")
    found: list[str] = []
    given = config.lists("attention_types") if config.holds("attention_types") else USUAL
    config.skip("attention_types")
    for group in given:
        words, times = _group(config, group)
        found += words * min(times, layers)
    if len(found) != layers:
        why = Text(
            f"these are {len(found)} layers, and num_layers={layers}.", f"共 {len(found)} 层，而 num_layers={layers}。"
        )
        raise config.refused("attention_types", why)
    return [KINDS[word] for word in found]


def _group(config: Config, group: object) -> tuple[list[str], int]:
    match group:
        case [list() | tuple() as words, int() as times] if (
            words and times > 0 and all(word in KINDS for word in words)
        ):
            return list(words), times
    why = Text(
        'give groups such as [["global", "local"], 12], of these two kinds.',
        '请写成 [["global", "local"], 12] 这样的组，只用这两种层。',
    )
    raise config.refused("attention_types", why)


def weights(architecture: Architecture) -> tuple[Rule, ...]:
    """Names alone."""
    return renamed(
        {
            "embedding": "transformer.wte",
            "head": "lm_head",
            "parts.position.table": "transformer.wpe",
            "parts.placement.final": "transformer.ln_f",
            "parts.placement.input.{}.attention": LAYER + "ln_1",
            "parts.placement.input.{}.feed_forward": LAYER + "ln_2",
            "blocks.{}.attention.query": LAYER + "attn.attention.q_proj",
            "blocks.{}.attention.key": LAYER + "attn.attention.k_proj",
            "blocks.{}.attention.value": LAYER + "attn.attention.v_proj",
            "blocks.{}.attention.out": LAYER + "attn.attention.out_proj",
            "blocks.{}.feed_forward.up": LAYER + "mlp.c_fc",
            "blocks.{}.feed_forward.down": LAYER + "mlp.c_proj",
        }
    )


register(
    ModelType(
        "gpt_neo",
        {
            "vocab_size": 50_257,
            "hidden_size": 2048,
            "num_hidden_layers": 24,
            "num_attention_heads": 16,
            "max_position_embeddings": 2048,
            "intermediate_size": None,
            "window_size": 256,
            "activation_function": "gelu_new",
            "layer_norm_epsilon": 1e-5,
            "tie_word_embeddings": True,
        },
        fields,
        weights,
        {"num_hidden_layers": ("num_layers",), "num_attention_heads": ("num_heads",)},
        ignored=EVEN,
        model_class="GPTNeoForCausalLM",
    )
)
