"""Models of the Hugging Face reference implementation, read and written as ours. Needs no transformers.

`architecture_from_config`: a `config.json` becomes an `Architecture`. `from_transformers`: a model becomes ours, with
the same logits. `to_transformers`, `config_from_architecture`: the way back, for some types. `model_types`: those that
can be read, `writable_types`: those that can be written. `base.py` has the rules for adding one.
"""

from models.hugging_face import types as types  # registers every model type
from models.hugging_face.base import TYPES, architecture_from_config
from models.hugging_face.config import UnsupportedArchitecture
from models.hugging_face.load import from_transformers
from models.hugging_face.save import config_from_architecture, to_transformers, writable_types

__all__ = [
    "UnsupportedArchitecture",
    "architecture_from_config",
    "config_from_architecture",
    "from_transformers",
    "model_types",
    "to_transformers",
    "writable_types",
]


def model_types() -> tuple[str, ...]:
    """The `model_type`s that can be read, in alphabetical order."""
    return tuple(sorted(TYPES))
