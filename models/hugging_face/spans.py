"""What differs from layer to layer: kinds of layers (`layer_types`) as spans, and which rotate. Knows no model type."""

from collections.abc import Sequence

from models.hugging_face.config import Config, Fields
from models.hugging_face.sizes import layer_count
from models.pattern import shortest
from models.text import Text

FULL, SLIDING, CHUNKED = "full_attention", "sliding_attention", "chunked_attention"
OLDER = {"attention": FULL}
LOCAL = {SLIDING: "window", CHUNKED: "chunked"}


def layer_kinds(config: Config, usual: Sequence[str], known: Sequence[str] = (SLIDING,)) -> list[str]:
    """Each layer's kind: as `layer_types` lists them, or the `usual` ones if it is null or left out."""
    config.skip("layer_types")
    given = config.words_or_none("layer_types") if config.holds("layer_types") else None
    if given is None:
        return list(usual)
    kinds = [OLDER.get(kind, kind) for kind in given]
    layers, allowed = layer_count(config), (FULL, *known)
    if len(kinds) != layers:
        why = Text(f"there are {layers} layers, and {len(kinds)} kinds.", f"共有 {layers} 层，却列出 {len(kinds)} 种。")
        raise config.refused("layer_types", why)
    if wrong := [kind for kind in kinds if kind not in allowed]:
        why = Text(
            f"{wrong[0]!r} is none of the kinds of layers that there are: {', '.join(allowed)}.",
            f"没有 {wrong[0]!r} 这种层；可用的有 {'、'.join(allowed)}。",
        )
        raise config.refused("layer_types", why)
    return kinds


def every(count: int, layers: int, local: str = SLIDING) -> list[str]:
    """Local layers, but for every `count`-th, which is full."""
    return [local if (layer + 1) % count else FULL for layer in range(layers)]


def span(config: Config, kinds: Sequence[str], key: str = "sliding_window", stay_local: bool = False) -> Fields:
    """The span of layers of these kinds; local ones see as far as `key` says.

    A window beyond the context is full attention. `stay_local`: say it as a window of the context's length, since
    layers with a window differ in more than what they see.
    """
    local = [kind for kind in kinds if kind in LOCAL]
    if not local:
        config.skip(key)
        return {"option": "full"}
    length, context = config.whole(key), config.whole("max_position_embeddings")
    if length > context and not stay_local:
        return {"option": "full"}
    option = LOCAL[local[0]]
    size = "window" if option == "window" else "chunk"
    pattern = shortest(tuple(kind in LOCAL for kind in kinds))
    return {"option": option, size: min(length, context)} | ({} if pattern == "all" else {"pattern": pattern})


def switched_windows(config: Config) -> Fields:
    """The span of a type whose layers from `max_window_layers` on have a window, if `use_sliding_window`."""
    layers, switched = layer_count(config), config.switch("use_sliding_window")
    window, first = config.whole_or_none("sliding_window"), config.whole("max_window_layers")
    local = [switched and window is not None and layer >= first for layer in range(layers)]
    kinds = layer_kinds(config, [SLIDING if here else FULL for here in local])
    if SLIDING in kinds and not switched:
        why = Text("yet layer_types asks for windows.", "而 layer_types 却要求窗口。")
        raise config.refused("use_sliding_window", why)
    return span(config, kinds)


def one_window(config: Config) -> Fields:
    """The span of a type with one `sliding_window` for all layers, null for none."""
    if config.whole_or_none("sliding_window") is None:
        return {"option": "full"}
    return span(config, [SLIDING])


def rotating_layers(config: Config) -> list[bool]:
    """In which layers a type with `no_rope_layers` rotates: where that list has a 1, its name notwithstanding.

    Null or left out: in all but every `no_rope_layer_interval`-th.
    """
    layers, interval = layer_count(config), config.whole("no_rope_layer_interval")
    given = config.wholes_or_none("no_rope_layers")
    if not given:
        return [interval == 0 or (layer + 1) % interval != 0 for layer in range(layers)]
    if len(given) != layers:
        why = Text(f"there are {layers} layers, and {len(given)} entries.", f"共有 {layers} 层，却有 {len(given)} 项。")
        raise config.refused("no_rope_layers", why)
    return [bool(entry) for entry in given]
