"""Configurations in and out: a `config.json` becomes a variant, a variant becomes a file. Knows no model type by name.

What comes from the browser is text of any kind; everything wrong with it is a `Refusal`.
"""

import json
from dataclasses import dataclass
from typing import Any

from models.architecture import Architecture
from models.hugging_face import architecture_from_config, config_from_architecture
from models.spelling import differences, validated
from models.systems import systems
from models.text import Refusal, Text
from models.twin import twin
from playground import link
from playground.ui.catalogue import sentence

Json = dict[str, Any]
LIMIT = 64 * 1024  # bytes
FORMAT = "architecture-playground/architecture/1"


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a configuration: a trainable architecture, and the full size where it is the tiny twin of one."""

    architecture: Architecture
    full: Architecture | None = None
    rounded: tuple[Text, ...] = ()
    model_type: str = ""

    @property
    def system(self) -> str:
        """The system that takes the fewest changes."""
        return link.nearest(self.architecture)

    @property
    def changes(self) -> dict[str, str]:
        """What makes the architecture of that system's tiny twin."""
        return differences(self.architecture, systems()[self.system].twin)


def read(content: object) -> Reading:
    """The configuration that `content` writes: a Hugging Face `config.json`, or a file of ours.

    Raises:
        Refusal: what is no such thing, or (as `UnsupportedArchitecture`) what our model cannot express.
    """
    config = _parsed(content)
    if "architecture" in config and str(config.get("format", "")).startswith(FORMAT.rpartition("/")[0]):
        return Reading(_ours(config))
    if "model_type" not in config:
        raise Refusal(sentence("config_no_type"))
    full = architecture_from_config(config)
    tiny, rounded = _twin(full)
    return Reading(tiny, full, rounded, str(config["model_type"]))


def _twin(full: Architecture) -> tuple[Architecture, tuple[Text, ...]]:
    try:
        return twin(full)
    except Refusal as refusal:
        said = sentence("config_no_twin")
        raise Refusal(Text(said.en + refusal.text.en, said.zh + refusal.text.zh), *refusal.fields) from None


def write(architecture: Architecture) -> str:
    """The architecture written out, as a file that `read` takes."""
    said = {"format": FORMAT, "architecture": architecture.model_dump(mode="json")}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def write_theirs(architecture: Architecture) -> str:
    """The `config.json` of the first model type that has this architecture; raises `UnsupportedArchitecture`."""
    return json.dumps(config_from_architecture(architecture), indent=2) + "\n"


def _ours(config: Json) -> Architecture:
    if config["format"] != FORMAT:
        raise Refusal(sentence("config_other_format", known=FORMAT, found=str(config["format"])[:60]))
    if not isinstance(config["architecture"], dict):
        raise Refusal(sentence("config_no_object"))
    return validated(Architecture, config["architecture"])


def _parsed(content: object) -> Json:
    if not isinstance(content, str):
        raise Refusal(sentence("bad_request"))
    size = len(content.encode("utf-8", "replace"))
    if size > LIMIT:
        raise Refusal(sentence("config_too_long", size=f"{size:,}", limit=f"{LIMIT:,}"))
    if not content.strip():
        raise Refusal(sentence("config_empty"))
    try:
        config = json.loads(content, parse_constant=_no_number)
    except Refusal:
        raise
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise Refusal(sentence("config_no_json", **where, near=_near(content, error.pos))) from None
    except RecursionError:
        raise Refusal(sentence("config_nested")) from None
    except ValueError:  # a whole number of thousands of digits
        raise Refusal(sentence("config_no_number", number="…")) from None
    if not isinstance(config, dict):
        raise Refusal(sentence("config_no_object"))
    return config


def _no_number(word: str) -> float:
    raise Refusal(sentence("config_no_number", number=word))


def _near(content: str, place: int) -> str:
    """The text around a mistake, short."""
    return " ".join(content[max(0, place - 12) : place + 12].split()) or "…"
