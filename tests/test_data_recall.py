"""Associative recall: the answers are in the row, looking them up scores 100 %, and the best guess what it should."""

import math

import pytest
import torch

from models.text import Refusal
from playground.data import accuracy, prepare
from playground.data.base import IGNORED


def look_up(row: list[int], position: int) -> int:
    """The value that followed the same key before: what an induction head does."""
    return row[row.index(row[position]) + 1]


@pytest.mark.parametrize(("spelt", "pairs", "keys"), [("recall", 8, 16), ("recall:3", 3, 16), ("recall:5:5", 5, 5)])
def test_a_row_is_pairs_and_the_same_pairs_in_another_order(spelt: str, pairs: int, keys: int) -> None:
    task = prepare(spelt, batch=30)
    ids, targets = task.batch(0, 0)
    assert ids.shape == (30, 4 * pairs - 1) == (30, task.context)
    assert task.vocabulary == 2 * keys + 1
    for row, wanted in zip(ids.tolist(), targets.tolist(), strict=True):
        given = dict(zip(row[0 : 2 * pairs : 2], row[1 : 2 * pairs : 2], strict=True))
        assert len(given) == len(set(given.values())) == pairs
        assert set(given) <= set(range(1, keys + 1)) and set(given.values()) <= set(range(keys + 1, 2 * keys + 1))
        asked = row[2 * pairs :: 2]
        assert sorted(asked) == sorted(given)
        assert wanted[: 2 * pairs] == [IGNORED] * 2 * pairs and wanted[2 * pairs + 1 :: 2] == [IGNORED] * (pairs - 1)
        assert wanted[2 * pairs :: 2] == [given[key] for key in asked]
        assert row[2 * pairs + 1 :: 2] == wanted[2 * pairs :: 2][:-1]  # each answer is read before the next question


def test_looking_up_is_perfect_and_guessing_is_not() -> None:
    """Guessing among the values not yet used is right in (1/8 + … + 1/1) / 8 = 34.0 % of the cases."""
    task = prepare("recall")
    right, guesses, generator = [], [], torch.Generator().manual_seed(0)
    for ids, targets in task.validation():
        logits_BTV, guess_BTV = torch.zeros(2, *ids.shape, task.vocabulary)
        for b, row in enumerate(ids.tolist()):
            for position in range(16, 31, 2):
                left = [value for value in row[1:16:2] if value not in row[17:position:2]]
                logits_BTV[b, position, look_up(row, position)] = 1
                guess_BTV[b, position, left[int(torch.randint(len(left), (), generator=generator))]] = 1
        right.append(accuracy(logits_BTV, targets))
        guesses.append(accuracy(guess_BTV, targets))
    assert right == [1.0] * 4
    expected = sum(1 / n for n in range(1, 9)) / 8
    assert sum(guesses) / 4 == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 8192))


def test_accuracy_counts_only_what_counts() -> None:
    logits_BTV = torch.eye(3)[torch.tensor([[0, 1, 2, 1]])]
    assert accuracy(logits_BTV, torch.tensor([[0, IGNORED, 2, 0]])) == pytest.approx(2 / 3)
    assert accuracy(logits_BTV, torch.tensor([[IGNORED, 1, IGNORED, IGNORED]])) == 1.0


def test_every_key_value_and_place_is_equally_likely() -> None:
    ids = torch.cat([prepare("recall", batch=64).batch(1, t)[0] for t in range(50)])
    for column, values in ((ids[:, 0], range(1, 17)), (ids[:, 1], range(17, 33))):
        counts = torch.bincount(column, minlength=33)[values[0] : values[-1] + 1].double()
        chi_squared = float(((counts - 200) ** 2 / 200).sum())
        assert chi_squared < 37.7  # 15 degrees of freedom: exceeded once in a thousand
    place = (ids[:, :16:2] == ids[:, 16:17]).double().argmax(1)
    assert float(((torch.bincount(place, minlength=8) - 400) ** 2 / 400).sum()) < 24.3  # 7 degrees of freedom


def test_validation_rows_are_not_trained_on() -> None:
    task = prepare("recall", batch=64)
    held = {tuple(row) for ids, _ in task.validation() for row in ids.tolist()}
    assert len(held) == 1024
    assert not held & {tuple(row) for t in range(100) for row in task.batch(0, t)[0].tolist()}
    assert next(task.validation(quick=True))[0].shape == (256, 31)


def test_what_is_known_of_the_task() -> None:
    task = prepare("recall")
    assert task.chance == 1 / 16 and task.entropy == 0 and task.bytes_per_token is None
    assert task.references == {"uniform": math.log(33), "chance": math.log(16), "entropy": 0.0}
    assert task.tokenizer.decode([1, 17]) == "aA"
    assert task.hash == prepare("recall:8:16").hash != prepare("recall:8:17").hash


@pytest.mark.parametrize(
    ("spelt", "context", "field"),
    [
        ("recall:x", 64, "recipe.data"),
        ("recall:-1", 64, "recipe.data"),
        ("recall:8:16:2", 64, "recipe.data"),
        ("recall:0", 64, "recipe.data"),
        ("recall:9:8", 64, "recipe.data"),
        ("recall:1:1", 64, "recipe.data"),
        ("recall:8:27", 64, "recipe.data"),
        ("recall", 30, "shape.context"),
    ],
)
def test_sizes_that_cannot_be_are_refused(spelt: str, context: int, field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        prepare(spelt, context=context)
    assert refusal.value.fields == (field,)
