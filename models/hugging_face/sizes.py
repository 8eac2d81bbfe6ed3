"""How large a configuration's model is: layers, widths, heads. Knows no model type."""

from models.hugging_face.config import Config, Fields
from models.shape import Shape
from models.spelling import validated
from models.text import Text

EVEN = {  # keys to ignore, for types whose heads divide the width and have a key and a value each, whatever is given
    "head_dim": "never read: heads divide the width",
    "num_key_value_heads": "never read: there are as many as query heads",
}
AT_LEAST_1 = Text("a head must be at least 1 wide, and there must be one.", "至少要有一个头，且头宽至少为 1。")


def shape(config: Config) -> Fields:
    """Layers, width, context and vocabulary."""
    return {
        "layers": layer_count(config),
        "width": config.whole("hidden_size"),
        "context": config.whole("max_position_embeddings"),
        "vocabulary": config.whole("vocab_size"),
    }


def layer_count(config: Config) -> int:
    """How many layers there are, within our bounds: lists as long as that are made of it."""
    return validated(Shape, {"layers": config.whole("num_hidden_layers")}, "shape").layers


def heads(config: Config) -> Fields:
    """Query heads, key/value heads (null: as many) and a head's width, where it is given or does not divide.

    Read only by types that have such keys: to the others they are unknown, or on the list `EVEN`.
    """
    query = config.whole("num_attention_heads")
    kv = config.whole_or_none("num_key_value_heads") if config.expects("num_key_value_heads") else None
    width = head_width(config)
    usual = width * query == config.whole("hidden_size")
    return {"query": query, "kv": query if kv is None else kv} | ({} if usual else {"head_dim": width})


def head_width(config: Config) -> int:
    """The width of one head: `head_dim`, or what the model's width leaves to each."""
    query, given = config.whole("num_attention_heads"), None
    if query < 1:
        raise config.refused("num_attention_heads", AT_LEAST_1)
    if config.expects("head_dim"):
        given = config.whole_or_none("head_dim")
    width = config.whole("hidden_size") // query if given is None else given
    if width < 1:
        raise config.refused("hidden_size" if given is None else "head_dim", AT_LEAST_1)
    return width
