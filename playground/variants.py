"""Variants made of others: with a choice or a number changed, and named by what was changed. Knows no single form."""

from collections.abc import Mapping, Sequence

from models import spelling
from playground.experiment import Experiment, Variant
from playground.forms import Form
from playground.recipe import BUDGETS

RECIPE = "recipe."
LONGEST_NAME = 390  # of 400, so that equal ones can still be told apart
CUT = ",…"


def changed(made: Variant, changes: Mapping[str, str | None]) -> Variant:
    """`made` with changes as they are spelt; a field of the recipe becomes the experiment's own again with None.

    Raises:
        Refusal: the changes cannot be, or do not go with the rest of the variant.
    """
    choices = {path: word for path, word in changes.items() if not path.startswith(RECIPE) and word is not None}
    own = {path.removeprefix(RECIPE): word for path, word in changes.items() if path.startswith(RECIPE)}
    recipe = {field: word for field, word in made.recipe.items() if not _replaced(field, own)}
    recipe |= {field: word for field, word in own.items() if word is not None}
    fields = {
        "name": renamed(made.name, changes),
        "architecture": spelling.change(made.original, choices) if choices else made.original,
        "recipe": recipe,
        "system": made.system,
    }
    return spelling.validated(Variant, fields)


def renamed(name: str, changes: Mapping[str, str | None]) -> str:
    """The name as the text that spells the variant: what was changed anew stands once."""
    kept = [piece for piece in name.split(",") if not any(_overridden(piece, path) for path in changes)]
    text = ",".join([*kept, *(f"{path}={word}" for path, word in changes.items() if word is not None)])
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 2].rpartition(",")[0] + CUT


def formed(experiment: Experiment, variants: Sequence[Variant], form: Form) -> Experiment:
    """The experiment of `variants`, what it had before as its base."""
    content = experiment.model_dump() | {"form": form.model_dump(), "base": experiment.variants}
    return Experiment.model_validate(content | {"variants": variants})


def unequal_recipes(first: Variant, second: Variant) -> dict[str, str | None]:
    """What takes the first variant's own recipe to the second's, by path; None for what the second leaves alone."""
    fields = [*dict.fromkeys([*first.recipe, *second.recipe])]
    unequal = [field for field in fields if first.recipe.get(field) != second.recipe.get(field)]
    return {f"{RECIPE}{field}": second.recipe.get(field) for field in unequal}


def _replaced(field: str, own: Mapping[str, str | None]) -> bool:
    """Is a field given anew, or is it a budget whose place another one takes?"""
    return field in own or (field in BUDGETS and any(name in BUDGETS for name in own))


def _overridden(piece: str, path: str) -> bool:
    """A changed path takes the place of the same one; a new option, of everything said of its axis."""
    said = piece.partition("=")[0]
    return "=" in piece and (said == path or said.startswith(f"{path}."))
