"""Links of every released version mean today what they meant when they were copied.

`tests/links/VERSION.json` says what each system's twin, the recipe and some links meant then, path by path.
What has been released is never edited; a path added since must have the default that says nothing.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from test_link import randomly_changed

from models.spelling import written
from models.systems import systems
from playground import link
from playground import recipe as recipes
from playground.experiment import compose
from playground.recipe import Recipe
from playground.ui.describe import values

TABLES = sorted((Path(__file__).parent / "links").glob("*.json"))
RELEASED: dict[str, Any] = {path.stem: json.loads(path.read_text("utf-8")) for path in TABLES}
LINKS = [(version, row["link"]) for version, table in RELEASED.items() for row in table["links"]]
LONGEST = 2000  # characters, which every program passes on whole


def test_the_version_of_links_has_its_table() -> None:
    assert link.VERSION in RELEASED and all(table["version"] == version for version, table in RELEASED.items())
    assert all(f"v={version}&" in query for version, query in LINKS)


@pytest.mark.parametrize("version", RELEASED)
def test_every_twin_is_what_it_was(version: str) -> None:
    for id in RELEASED[version]["systems"]:
        assert missing(twin(version, id), values(systems()[id].twin)) == {}, id


@pytest.mark.parametrize("version", RELEASED)
def test_the_recipe_left_out_is_what_it_was(version: str) -> None:
    now = {path.field: written(getattr(Recipe(), path.field)) for path in recipes.paths()}
    assert missing(RELEASED[version]["recipe"], now) == {}


@pytest.mark.parametrize(("version", "query"), LINKS)
def test_a_link_means_what_it_meant(version: str, query: str) -> None:
    (meant,) = (row for row in RELEASED[version]["links"] if row["link"] == query)
    experiment, notes = link.read(query)
    assert notes == []
    assert [made.system for made in experiment.chosen] == [each["system"] for each in meant["variants"]]
    for made, each in zip(experiment.chosen, meant["variants"], strict=True):
        assert missing(changed(twin(version, each["system"]), each), values(made.original)) == {}
        assert made.recipe == each["recipe"]
    recipe = {path.field: written(getattr(experiment.recipe, path.field)) for path in recipes.paths()}
    assert missing(RELEASED[version]["recipe"] | meant["recipe"], recipe) == {}
    assert (experiment.seeds, experiment.match, experiment.match_by) == (
        meant["seeds"],
        meant["match"],
        meant["match_by"],
    )
    form = experiment.form and [experiment.form.key, experiment.form.spelt()]
    assert (experiment.data_hash, form, len(experiment.variants)) == (meant["hash"], meant["form"], meant["trained"])


def test_four_variants_that_differ_in_much_fit_into_a_link() -> None:
    wide = {"lr": 1.234e-3, "weight_decay": 0.123, "batch": 48, "tokens": 123_456_789, "tokenizer": "bpe"}
    longest = 0
    for seed in range(12):
        ids = [*systems()][4 * seed :][:4]
        variants = [link.variant(randomly_changed(id, seed)) for id in ids]
        query = link.write(compose(variants, Recipe(**wide, schedule="wsd"), seeds=5, match="flops"))
        assert link.read(query)[1] == []
        longest = max(longest, len(query))
    assert 300 < longest < LONGEST


def twin(version: str, id: str) -> dict[str, str]:
    """What every path of a system's twin was."""
    table = RELEASED[version]
    return changed(table["default"], table["systems"][id])


def changed(base: dict[str, str], said: dict[str, Any]) -> dict[str, str]:
    return {path: word for path, word in (base | said["set"]).items() if path not in said["without"]}


def missing(meant: dict[str, str], now: dict[str, str]) -> dict[str, tuple[str, str | None]]:
    """Every path that is another now, with both words."""
    return {path: (word, now.get(path)) for path, word in meant.items() if now.get(path) != word}
