"""Skills: who follows the rule is right every time, who guesses by chance, and rows are what they are said to be.

The solvers read a row as text and know the rule from its definition, not from how rows are drawn.
"""

import math
from collections import Counter

import numpy as np
import pytest
import torch

from models.text import Refusal
from playground.data import prepare, sources
from playground.data.base import IGNORED
from playground.data.tasks.dyck import _paths
from playground.data.tasks.modular_addition import NUMBERS
from playground.data.tasks.skill import Exercise, Skill

SKILLS = [source for source in sources().values() if isinstance(source, Skill)]
LEVELS = [(skill, level) for skill in SKILLS for level in skill.levels]
CONTEXT = 63  # the largest that the twins' context holds beside one more token
CLOSES = {"(": ")", "[": "]", "{": "}", "<": ">"}


def exercise(skill: Skill, numbers: tuple[int, ...] = (), batch: int = 12, context: int = 64) -> Exercise:
    task = prepare(skill.spelt(numbers), context=context, batch=batch)
    assert isinstance(task, Exercise)
    return task


def after_the_same(seen: str) -> str:
    """What came after the last symbol when it was there before."""
    return seen[seen.index(seen[-1]) + 1]


def still_open(brackets: str) -> list[str]:
    """A stack; a closing bracket must fit."""
    stack: list[str] = []
    for bracket in brackets:
        if bracket in CLOSES:
            stack.append(bracket)
        else:
            assert CLOSES[stack.pop()] == bracket
    return stack


def closed(seen: str) -> str:
    before, _, after = seen.partition("=")
    return CLOSES[still_open(before + after)[-1]]


def added(seen: str) -> str:
    a, b = (NUMBERS.index(number) for number in seen.removesuffix("=").split("+"))
    return NUMBERS[(a + b) % 31]


def nth(ordered: str, seen: str) -> str:
    return ordered[len(seen.partition("=")[2])]


SOLVERS = {
    "recall": after_the_same,
    "induction": after_the_same,
    "copy": lambda seen: nth(seen.partition("=")[0], seen),
    "selective-copy": lambda seen: nth(seen.partition("=")[0].replace(".", ""), seen),
    "dyck": closed,
    "modular-addition": added,
    "sorting": lambda seen: nth("".join(sorted(seen.partition("=")[0])), seen),
}


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
def test_who_knows_the_rule_is_always_right(skill: Skill) -> None:
    task, asked = exercise(skill), 0
    for ids, targets in task.validation():
        for row, wanted in zip(ids.tolist(), targets.tolist(), strict=True):
            text = task.tokenizer.decode(row)
            for place, target in enumerate(wanted):
                if target != IGNORED:
                    assert SOLVERS[skill.name](text[: place + 1]) == task.tokenizer.decode([target])
                    asked += 1
    assert asked == 1024 * len(task.rows.answers)


@pytest.mark.parametrize(("skill", "level"), LEVELS, ids=lambda value: getattr(value, "name", str(value)))
def test_every_level_fits_a_twin_and_guessing_is_right_by_chance(skill: Skill, level: tuple[int, ...]) -> None:
    task = exercise(skill, level, context=CONTEXT)
    assert task.context <= CONTEXT
    wanted = torch.cat([targets[targets != IGNORED] for _, targets in task.validation()])
    assert len(set(wanted.tolist())) <= task.rows.choices  # nothing else is ever an answer
    ids = torch.cat([ids for ids, _ in task.validation()])
    assert int(ids.min()) >= 1 and int(ids.max()) < task.vocabulary
    guess = torch.randint(task.rows.choices, wanted.shape, generator=torch.Generator().manual_seed(0))
    answers = torch.tensor(sorted(set(wanted.tolist())))
    right = (answers[guess % len(answers)] == wanted).double().mean().item()
    expected = 1 / len(answers)
    assert right == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / len(wanted)) + 0.01)


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
def test_rows_are_a_function_of_seed_and_step(skill: Skill) -> None:
    task, again = exercise(skill), exercise(skill, batch=13)
    assert torch.equal(task.batch(3, 7)[0], exercise(skill).batch(3, 7)[0])
    assert not torch.equal(task.batch(3, 7)[0], task.batch(3, 8)[0])
    assert not torch.equal(task.batch(3, 7)[0], task.batch(4, 7)[0])
    assert task.hash == again.hash and len(task.hash) == 64
    held = {tuple(row) for ids, _ in task.validation() for row in ids.tolist()}
    assert not held & {tuple(row) for t in range(40) for row in task.batch(0, t)[0].tolist()}


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
def test_the_example_is_a_beginning_in_the_skill_s_own_symbols(skill: Skill) -> None:
    assert skill.example and not exercise(skill).tokenizer.unknown(skill.example.replace("<>", ""))


def test_sums_are_split_for_good() -> None:
    """All 31² sums but those trained on are held back; 70 % are trained on, and every one of them is."""
    task = prepare("modular-addition:31:70", batch=4096)
    trained = {tuple(row) for t in range(6) for row in task.batch(0, t)[0].tolist()}
    held = {tuple(row) for ids, _ in task.validation() for row in ids.tolist()}
    assert len(trained) == round(0.7 * 31**2) and not trained & held


@pytest.mark.parametrize(("left", "height", "depth"), [(4, 0, 0), (6, 0, 0), (8, 0, 0), (10, 0, 0)])
def test_paths_are_counted_as_catalan_did(left: int, height: int, depth: int) -> None:
    half = left // 2
    assert _paths(left, height, depth) == math.comb(left, half) // (half + 1)


def test_every_path_of_brackets_is_equally_likely() -> None:
    """Of depth 1 with two pairs there are 5 paths: C(5, 2) - C(5, 1)."""
    task = prepare("dyck:2:1:2", batch=20_000)
    shapes = Counter(tuple(row) for row in ((task.batch(0, 0)[0][:, :5] > 2).int()).tolist())
    assert len(shapes) == 5 == _paths(5, 0, 1)
    assert (
        sum((count - 4000) ** 2 / 4000 for count in shapes.values()) < 18.5
    )  # 4 degrees of freedom: once in a thousand


def test_where_the_stretch_begins_is_equally_likely() -> None:
    ids = torch.cat([prepare("induction:8:26", batch=900).batch(0, t)[0] for t in range(2)])
    starts = (ids[:, :8] == ids[:, 8:9]).int().argmax(1)
    counts = np.bincount(starts.numpy(), minlength=5)
    assert len(counts) == 5 and float(((counts - 360) ** 2 / 360).sum()) < 18.5


@pytest.mark.parametrize(
    ("spelt", "field"),
    [
        ("induction:27", "recipe.data"),  # of 26 symbols
        ("copy:0", "recipe.data"),
        ("copy:40", "shape.context"),
        ("copy:8:27", "recipe.data"),
        ("copy:8:8:8", "recipe.data"),
        ("selective-copy:9:8", "recipe.data"),
        ("dyck:1", "recipe.data"),
        ("dyck:3:99", "recipe.data"),
        ("dyck:x", "recipe.data"),
        ("modular-addition:63", "recipe.data"),
        ("modular-addition:31:100", "recipe.data"),
        ("sorting:99999999999999999999", "recipe.data"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(spelt: str, field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        prepare(spelt, context=64)
    assert refusal.value.fields == (field,) and refusal.value.text.zh != refusal.value.text.en
