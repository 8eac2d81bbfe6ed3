"""What the page says about the choices made: values, costs, diagram, differences, refusals, link. Knows no store.

What comes from the browser is not to be trusted: `{"variants": [{"system", "changes"}], "recipe", "seeds", "match"}`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from models.architecture import Architecture
from models.cost import cache_bytes, cost
from models.intensity import decode_intensity, prefill_intensity
from models.spelling import change, differences, paths, written
from models.systems import systems
from models.text import Refusal, Text
from playground import explainers, link, matching
from playground import recipe as recipes
from playground.data import known_vocabulary
from playground.diagram import render
from playground.experiment import ON_THE_PAGE, Experiment, Variant, compose
from playground.formed import expanded
from playground.matching import Matched
from playground.recipe import Recipe
from playground.ui import forms
from playground.ui.catalogue import LANGUAGES, sentence
from playground.ui.controls import Json, both, key_of, word_of
from playground.ui.differences import compared, own_recipe, own_words

LETTERS = "ABCD"
MATCHING = {name: Experiment.model_fields[name].default for name in ("match", "match_by")}
LONGEST = 200  # characters of one word
MOST = 100  # changes of one variant or of the recipe


@dataclass(frozen=True, slots=True)
class Asked:
    """One variant as it was asked for: what it changes in its system's twin, and what came of it."""

    system: str
    changes: dict[str, str]
    variant: Variant | None
    refusals: tuple[Refusal, ...] = ()

    @property
    def architecture(self) -> Architecture | None:
        """The architecture, where there is one."""
        return self.variant.architecture if self.variant else None


def experiment(given: Json) -> Experiment:
    """The experiment that the browser asked for, with all that its form makes of what was chosen.

    Raises:
        Refusal: the first thing in it that cannot be.
    """
    return expanded(composed(given))


def composed(given: Json) -> Experiment:
    """The experiment of what was chosen alone, its form not yet made; raises `Refusal` as `experiment`."""
    variants = asked_variants(given)
    for one in variants:
        for refusal in one.refusals:
            raise refusal
    recipe = recipes.change(Recipe(), _recipe_words(given))
    built = [one.variant for one in variants if one.variant is not None]
    rest = {name: str(given.get(name) or MATCHING[name])[:LONGEST] for name in MATCHING}
    rest |= {"data_hash": _hash(given), "form": forms.asked(given.get("form"))}
    return compose(built, recipe, seeds=_seeds(given), **rest)


def describe(given: Json) -> Json:
    """Everything the page shows about what is chosen; never refuses, but says what was refused and where."""
    language = given.get("language") if given.get("language") in LANGUAGES else LANGUAGES[0]
    variants = asked_variants(given)
    recipe, refusals = _recipe(given)
    solved: Sequence[Matched | None] = [None for _ in variants]
    query = form = None
    try:
        whole = experiment(given)
        query, form = link.write(whole), forms.described(whole)
        solved = _solved(composed(given))
    except Refusal as refusal:
        known = [refusal.text for one in variants for refusal in one.refusals] + [each.text for each in refusals]
        refusals += [] if refusal.text in known else [refusal]
    shown = [_shown(one, variants, recipe, match) for one, match in zip(variants, solved, strict=True)]
    for one, match, said in zip(variants, solved, shown, strict=True):
        marked = {path.partition(".")[0] for path in said["differing"]}
        drawn = match.architecture if match else one.architecture
        said["diagram"] = render(drawn, marked, cast(str, language)) if drawn else None
    return {
        "variants": shown,
        "differences": _against(variants),
        "recipe": {"values": _recipe_values(recipe), "refusals": [refused(refusal) for refusal in refusals]},
        "link": query,
        "form": form,
    }


def _solved(experiment: Experiment) -> list[Matched]:
    """What matching makes of every variant; raises `Refusal`, naming the variant, where there is no solution."""
    known = [as_trained(variant, experiment) for variant in experiment.variants]
    found = []
    for letter, variant, architecture in zip(LETTERS, experiment.variants, known, strict=False):
        try:
            matching.fair(variant, architecture, known[0], experiment)
            found.append(matching.solution(architecture, known[0], experiment))
        except Refusal as refusal:
            en, zh = refusal.text
            raise Refusal(Text(f"{letter}: {en}", f"{letter}：{zh}"), *refusal.fields) from None
    return found


def as_trained(variant: Variant, experiment: Experiment) -> Architecture:
    """The architecture with the vocabulary of its data, as far as that is known at once."""
    recipe, asked = variant.recipe_in(experiment), variant.architecture.shape.vocabulary
    vocabulary = known_vocabulary(recipe.data, recipe.tokenizer, asked)
    return change(variant.architecture, {"shape.vocabulary": str(vocabulary)})


def asked_variants(given: Json) -> list[Asked]:
    """The variants that the browser asked for, at least one; raises `Refusal` where what came is no such list."""
    variants = given.get("variants")
    if not isinstance(variants, list) or not 1 <= len(variants) <= ON_THE_PAGE:
        raise Refusal(sentence("bad_request"))
    return [_asked(one) for one in variants]


def _asked(given: Any) -> Asked:
    system = given.get("system") if isinstance(given, dict) else None
    if not isinstance(system, str) or system not in systems():
        raise Refusal(sentence("bad_request"))
    words = _words(given.get("changes"))
    try:
        made = _variant(system, words)
    except Refusal as refusal:
        return Asked(system, words, None, (refusal,))
    return Asked(system, changes_of(made), made)


def _variant(system: str, words: dict[str, str]) -> Variant:
    choices = {path: word for path, word in words.items() if not path.startswith("recipe.")}
    architecture = change(systems()[system].twin, choices)
    own = {path.removeprefix("recipe."): word for path, word in words.items() if path.startswith("recipe.")}
    recipes.change(Recipe(), own)
    made = Variant(name=system, architecture=architecture, recipe=own, system=system)
    return made.model_copy(update={"name": link.spell(made)})


def changes_of(made: Variant) -> dict[str, str]:
    """What a variant changes in its system's twin, its own recipe included, as the page and the link spell it."""
    system = made.system or link.nearest(made.original)
    own = {f"recipe.{field}": word for field, word in made.recipe.items()}
    return differences(made.original, systems()[system].twin) | own


def chosen(experiment: Experiment) -> Json:
    """An experiment as the page holds it."""
    changes = recipes.differences(experiment.recipe, Recipe())
    return {
        "variants": [
            {"system": _system(made), "changes": changes_of(made)} for made in experiment.chosen[:ON_THE_PAGE]
        ],
        "recipe": {f"recipe.{field}": word for field, word in changes.items()},
        "seeds": str(experiment.seeds),
        "match": experiment.match,
        "match_by": experiment.match_by,
        "hash": experiment.data_hash,
        "form": forms.chosen(experiment.form),
    }


def refused(refusal: Refusal) -> Json:
    """A refusal as the page shows it."""
    return {"text": both(refusal.text), "fields": list(refusal.fields)}


def _shown(one: Asked, others: list[Asked], recipe: Recipe, solved: Matched | None) -> Json:
    said: Json = {"changes": one.changes, "refusals": [refused(refusal) for refusal in one.refusals]}
    said["matched"] = solved and {"changed": solved.changed, "mismatch": solved.mismatch}
    twin = systems()[one.system].twin
    if one.variant is None or one.architecture is None:
        return said | {
            "values": values(twin) | one.changes,
            "options": options(twin),
            "costs": None,
            "pills": [],
            "differing": [],
            "explained": {},
        }
    built = [other.architecture for other in others if other.architecture is not None]
    rivals = [other.variant for other in others if other.variant is not None]
    return said | {
        "values": values(one.architecture),
        "options": options(one.architecture),
        "costs": _costs(solved.architecture if solved else one.architecture, recipe.batch),
        "pills": [both(pill) for pill in own_words(one.architecture, built) + own_recipe(one.variant, rivals)],
        "differing": differing(one.architecture, built),
        "explained": explainers.by_axis(one.architecture),
    }


def _costs(architecture: Architecture, batch: int) -> Json:
    """The four numbers of a card, and under `of` what each of them is made of."""
    costs, context = cost(architecture, batch), architecture.shape.context
    return {
        "parameters": costs.parameters,
        "flops": costs.forward_flops_per_token,
        "cache": costs.cache_bytes_per_token,
        "memory": costs.training_bytes,
        "of": {
            "parameters": asdict(costs.by_part),
            "flops": asdict(costs.flops),
            "dense_flops": costs.dense_flops.total,
            "full_cache": cache_bytes(architecture, context),
            "prefill": prefill_intensity(architecture, context),
            "decode": decode_intensity(architecture, context),
            "state": costs.state_bytes,
            "activations": costs.activation_bytes,
        },
    }


def values(architecture: Architecture) -> dict[str, str]:
    """The word at every path that this architecture has."""
    choices = dict(architecture.choices())
    found = {axis: word_of(choice) for axis, choice in choices.items()}
    for path in paths():
        choice = choices[path.axis]
        if path.field in type(choice).model_fields:
            found[key_of(path)] = written(getattr(choice, path.field))
    return found


def options(architecture: Architecture) -> dict[str, str]:
    """The option chosen on every axis that has options."""
    return {axis: getattr(choice, "option", "") for axis, choice in architecture.choices()}


def differing(architecture: Architecture, built: list[Architecture]) -> list[str]:
    """Every path in which it differs from the first of the variants; of the first itself, from any other."""
    against = built[1:] if architecture is built[0] else built[:1]
    return sorted({path for other in against for path in differences(architecture, other)})


def _against(variants: list[Asked]) -> list[Json]:
    """For every variant after the first, how it differs from the first, in a few words."""
    first = variants[0].variant
    pairs = [(index, one.variant) for index, one in enumerate(variants) if index and one.variant]
    return [
        {"base": LETTERS[0], "letter": LETTERS[index], "pills": [both(pill) for pill in compared(first, other)]}
        for index, other in pairs
        if first is not None
    ]


def _recipe(given: Json) -> tuple[Recipe, list[Refusal]]:
    """The recipe as far as it can be: whatever is refused is left at its default and said."""
    recipe, found = Recipe(), []
    words = _recipe_words(given)
    for field, word in words.items():
        try:
            recipe = recipes.change(recipe, {field: word})
        except Refusal as refusal:
            found.append(refusal)
    try:
        _seeds(given)
    except Refusal as refusal:
        found.append(refusal)
    return recipe, found


def _recipe_values(recipe: Recipe) -> dict[str, str]:
    return {path.name: written(getattr(recipe, path.field)) for path in recipes.paths()}


def _recipe_words(given: Json) -> dict[str, str]:
    return {path.removeprefix("recipe."): word for path, word in _words(given.get("recipe")).items()}


def _seeds(given: Json) -> int:
    word = str(given.get("seeds", "1")).strip()[:LONGEST]
    if not word.isascii() or not word.isdigit() or not 1 <= int(word[:9]) <= 100:
        raise Refusal(sentence("bad_seeds", given=word), "seeds")
    return int(word)


def _hash(given: Json) -> str | None:
    """The hash of the content that the experiment was made with, where the link or an upload said it."""
    return str(given["hash"])[:LONGEST] if given.get("hash") else None


def _words(given: Any) -> dict[str, str]:
    """Paths and words, cut to a bearable length; raises `Refusal` where what came is no such table."""
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > MOST:
        raise Refusal(sentence("bad_request"))
    return {str(path)[:LONGEST]: str(word).strip()[:LONGEST] for path, word in given.items()}


def titled(made: Variant, others: Sequence[Variant] = ()) -> Text:
    """What a variant is called in plots and sentences: its system, and in a few words what makes it differ.

    Differ from the others of the same system, where there are any; else from the system itself.
    """
    system = _system(made)
    name = systems()[system].name
    rivals = [other for other in others if other != made and _system(other) == system]
    against = [other.original for other in rivals] or [systems()[system].twin]
    pills = own_words(made.original, against) + own_recipe(made, rivals)
    if not pills:
        return Text(name, name)
    return Text(*(f"{name} · {', '.join(pill[index] for pill in pills[:3])}" for index in range(len(LANGUAGES))))


def _system(made: Variant) -> str:
    return made.system or link.nearest(made.original)
