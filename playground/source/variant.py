"""The file of a variant as links and commands spell it."""

import re

from models import spelling
from models.systems import systems
from playground import link
from playground.experiment import Variant
from playground.source.file import source


def of_variant(made: Variant) -> str:
    """The source of a variant's architecture, titled by its system and what it changes in that one's tiny twin."""
    system = systems()[made.system or link.nearest(made.architecture)]
    changes = spelling.differences(made.architecture, system.twin)
    changed = f" with {', '.join(f'{path}={word}' for path, word in changes.items())}" if changes else ""
    return source(made.architecture, f"{system.name}, tiny twin{changed}")


def file_name(made: Variant) -> str:
    """`llama_3_position_alibi.py`: a name that Python can import."""
    spelt = re.sub(r"[^a-z0-9]+", "_", link.spell(made).lower()).strip("_")
    return f"{spelt[:60].strip('_')}.py"
