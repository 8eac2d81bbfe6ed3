"""Tables of tensor names, {ours: theirs}: what several model types call alike."""

from models.hugging_face.weights import Rule, renamed

OUTSIDE = {
    "embedding": "model.embed_tokens",
    "head": "lm_head",
    "parts.placement.final": "model.norm",
}
ATTENTION = {
    "blocks.{}.attention.query": "model.layers.{}.self_attn.q_proj",
    "blocks.{}.attention.key": "model.layers.{}.self_attn.k_proj",
    "blocks.{}.attention.value": "model.layers.{}.self_attn.v_proj",
    "blocks.{}.attention.out": "model.layers.{}.self_attn.o_proj",
}
GATED = {
    "blocks.{}.feed_forward.gate": "model.layers.{}.mlp.gate_proj",
    "blocks.{}.feed_forward.up": "model.layers.{}.mlp.up_proj",
    "blocks.{}.feed_forward.down": "model.layers.{}.mlp.down_proj",
}
PLAIN = {ours: theirs for ours, theirs in GATED.items() if not ours.endswith("gate")}
PRE_NORM = {
    "parts.placement.input.{}.attention": "model.layers.{}.input_layernorm",
    "parts.placement.input.{}.feed_forward": "model.layers.{}.post_attention_layernorm",
}
SHARED_NORM = {"parts.placement.input.{}.shared": "model.layers.{}.input_layernorm"}
AFTER_NORM = {
    "parts.placement.output.{}.attention": "model.layers.{}.post_attention_layernorm",
    "parts.placement.output.{}.feed_forward": "model.layers.{}.post_feedforward_layernorm",
}
DOUBLE_NORM = {
    "parts.placement.input.{}.attention": "model.layers.{}.input_layernorm",
    "parts.placement.input.{}.feed_forward": "model.layers.{}.pre_feedforward_layernorm",
    **AFTER_NORM,
}
QK_NORM = {
    "parts.qk_norm.query.{}": "model.layers.{}.self_attn.q_norm",
    "parts.qk_norm.key.{}": "model.layers.{}.self_attn.k_norm",
}

DECODER: tuple[Rule, ...] = renamed(OUTSIDE | ATTENTION | GATED | PRE_NORM)
