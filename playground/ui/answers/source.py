"""A variant's source code, alone or beside another's, in the colours of its words."""

from models.text import Refusal
from playground.source import Row, difference, file_name, of_variant
from playground.source.colour import kinds, stretches
from playground.source.difference import Line
from playground.ui.catalogue import sentence
from playground.ui.controls import Json
from playground.ui.describe import asked_variants
from playground.ui.registry import answer
from playground.ui.service import Service


@answer
def source(service: Service, given: Json) -> Json:
    """The files of the one or two variants asked for, and their lines beside each other.

    A line is its number and its stretches, [text, kind, changed]. Raises `Refusal` where a variant cannot be built.
    """
    asked = asked_variants(given)[:2]
    for one in asked:
        if one.variant is None:
            raise one.refusals[0] if one.refusals else Refusal(sentence("bad_request"))
    variants = [one.variant for one in asked if one.variant is not None]
    texts = [of_variant(made) for made in variants]
    files = [{"name": file_name(made), "text": text} for made, text in zip(variants, texts, strict=True)]
    return {"files": files, "rows": _rows(texts[0], texts[-1])}


def _rows(left: str, right: str) -> list[Json]:
    found = (kinds(left), kinds(right))

    def shown(line: Line | None, side: int) -> Json | None:
        if line is None:
            return None
        return {"number": line.number, "parts": list(stretches(line.parts, found[side][line.number - 1]))}

    def both(row: Row) -> Json:
        return {"same": row.same, "left": shown(row.left, 0), "right": None if row.same else shown(row.right, 1)}

    return [both(row) for row in difference(left, right)]
