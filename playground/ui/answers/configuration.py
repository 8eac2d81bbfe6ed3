"""A `config.json` that becomes a variant, and a variant's configuration as files."""

from models.cost import parameters
from models.text import Refusal
from playground.ui import configuration as files
from playground.ui.catalogue import sentence
from playground.ui.controls import Json, both
from playground.ui.describe import asked_variants
from playground.ui.registry import answer
from playground.ui.service import Service


@answer
def configuration(service: Service, given: Json) -> Json:
    """What `given["content"]` is as a variant, with what its tiny twin rounded and the parameters of its full size."""
    reading = files.read(given.get("content"))
    return {
        "system": reading.system,
        "changes": reading.changes,
        "model_type": reading.model_type,
        "parameters": reading.full and parameters(reading.full),
        "rounded": [both(text) for text in reading.rounded],
    }


@answer
def configuration_file(service: Service, given: Json) -> Json:
    """The first variant's architecture: written out in our form or, where `given["form"]` is "theirs", a `config.json`.

    Raises `Refusal` where the variant cannot be built, or no model type that can be written has this architecture.
    """
    asked = asked_variants(given)[0]
    if asked.architecture is None:
        raise asked.refusals[0] if asked.refusals else Refusal(sentence("bad_request"))
    if given.get("form") == "theirs":
        return {"name": "config.json", "content": files.write_theirs(asked.architecture)}
    return {"name": "architecture.json", "content": files.write(asked.architecture)}
