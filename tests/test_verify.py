"""Verification finds a file that is not the model, whatever is wrong with it, and passes one that is."""

import copy
import json
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from exported import LETTERS, Exported, architecture, exported, randomized

from models.spelling import change
from models.transformer import Transformer
from playground import verify as module
from playground.verify import BOTH, RANDOM, TOLERANCE, VALIDATION, Verification, lengths, texts, verify, ways

WINDOW = "position=rope,span=window,span.window=4"


def against(made: Exported, **changes: str) -> Verification:
    """The file, compared with a model of the same weights and another architecture."""
    other = Transformer(change(made.model.architecture, {name.replace("__", "."): to for name, to in changes.items()}))
    other.load_state_dict(made.model.state_dict())
    return verify(made.path, other.eval())


@pytest.mark.parametrize("spec", ["", WINDOW, WINDOW + ",span.pattern=alternate"])
def test_the_model_itself_passes_with_a_wide_margin(spec: str) -> None:
    made = exported(spec)
    found = verify(made.path, made.model)
    assert found.passed and found.top1_agreement == 1
    assert 0 < found.max_rel_diff < TOLERANCE / 10
    assert found.batches == (1, 3) and found.provider == "CPUExecutionProvider"


def test_one_wrong_weight_fails() -> None:
    made = exported()
    other = copy.deepcopy(made.model)
    with torch.no_grad():
        other.blocks[1].feed_forward.down.weight[3, 5] += 0.1  # pyright: ignore
    found = verify(made.path, other)
    assert not found.passed and found.max_rel_diff > 5 * TOLERANCE


@pytest.mark.parametrize(
    "changes",
    [
        {"span__window": "5"},
        {"span__window": "3"},
        {"span__pattern": "alternate"},
        {"position__theta": "9000"},
        {"position__pairing": "interleaved"},
        {"attention_cap": "5"},
        {"heads__scale": "0.4"},
        {"norm__eps": "0.001"},
    ],
    ids=str,
)
def test_another_architecture_with_the_same_weights_fails(changes: dict[str, str]) -> None:
    assert not against(exported(WINDOW), **changes).passed


def test_a_wrong_window_shows_only_beyond_it() -> None:
    found = against(exported(WINDOW), span__window="16")
    assert not found.passed and not found.worst.startswith(("1 ", "3 ", "4 "))


def test_a_model_that_is_not_finite_fails() -> None:
    made = exported()
    other = copy.deepcopy(made.model)
    with torch.no_grad():
        other.embedding.weight[:] = float("nan")
    found = verify(made.path, other)
    assert not found.passed
    assert found.to_dict()["max_abs_diff"] is None and found.to_dict()["passed"] is False
    json.dumps(found.to_dict(), allow_nan=False)


def test_lengths_are_those_where_something_changes() -> None:
    assert lengths(architecture("position=rope")) == (1, 8, 16, 24)
    assert lengths(architecture("position=learned")) == (1, 8, 16)
    assert lengths(architecture("position=rope,span=window,span.window=5")) == (1, 4, 5, 6, 8, 16, 24)
    assert lengths(architecture("position=rope,span=window,span.window=1")) == (1, 2, 8, 16, 24)
    assert lengths(architecture("shape.context=8192,position=alibi"))[-1] == module.LONGEST


@pytest.mark.parametrize("length", [1, 2, 63, 64, 65, 300])
def test_every_way_reads_the_whole_text(length: int) -> None:
    assert all(sum(sizes) == length and min(sizes) > 0 for sizes in ways(length).values())
    assert ways(length)["whole"] == [length]
    if length > 1:
        assert ways(length)["in steps"][-1] == 1


def test_a_model_in_training_or_half_precision_is_compared_as_the_file_holds_it() -> None:
    made = exported("dropout=0.5")
    assert verify(made.path, copy.deepcopy(made.model).train()).passed
    assert not verify(made.path, copy.deepcopy(made.model).bfloat16()).passed  # rounded weights are other weights


def test_given_text_is_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made, seen = exported(), []
    step = module.Session.step
    monkeypatch.setattr(
        module.Session, "step", lambda self, ids, cache=None: seen.append(ids) or step(self, ids, cache)
    )
    assert verify(made.path, made.model, [7] * 1000).text == VALIDATION
    assert {int(id) for ids in seen for id in np.unique(ids)} == {7}
    assert randomized(architecture()).architecture.shape.vocabulary == LETTERS.vocabulary


def test_rows_are_stretches_of_the_text_as_far_apart_as_it_allows() -> None:
    small = architecture()
    assert texts(range(30), small, 3, 10).tolist() == [[*range(first, first + 10)] for first in (0, 10, 20)]
    assert texts(range(12), small, 3, 10).tolist() == [[*range(first, first + 10)] for first in (0, 1, 2)]
    assert texts(range(12), small, 1, 12).tolist() == [[*range(12)]]
    assert (texts(range(11), small, 3, 10) == texts((), small, 3, 10)).all()  # two rows would be equal


@pytest.mark.parametrize(("ids", "kind"), [((), RANDOM), ([7] * 15, BOTH), ([7] * 17, BOTH), ([7] * 18, VALIDATION)])
def test_it_says_what_was_read(ids: Sequence[int], kind: str) -> None:
    """16 tokens at most, in three rows that differ."""
    found = verify(exported().path, exported().model, ids)
    assert found.text == kind == found.to_dict()["text"]
