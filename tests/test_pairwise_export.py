"""Every pair of options exports and verifies in both forms, or refuses with a reason that names the fields."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from bare import check_both_forms
from exported import randomized
from pairwise import covered, design, name, pairs

from models.architecture import Architecture
from models.block import UNLIMITED
from models.spelling import written
from playground.bench.decode import any_tokenizer
from playground.export import Metadata, export
from playground.verify import verify

ROWS = range(len(design().rows))


@pytest.mark.parametrize("number", ROWS, ids=lambda number: f"{number}-{name(design().spelt[number])}")
def test_a_row_exports_and_verifies(number: int, tmp_path: Path) -> None:
    model = randomized(design().rows[number], number)
    file = export(model, tmp_path / "row.onnx", Metadata(any_tokenizer(model)))
    found = verify(file.path, model)
    print(f"{sum(file.operators.values())} nodes, {found}")
    assert found.passed and found.top1_agreement == 1, f"{found}\n{design().spelt[number]}"
    check_both_forms(file.path, model)
    assert set(found.lengths) >= wanted_lengths(model.architecture) and found.batches == (1, 3)


def wanted_lengths(architecture: Architecture) -> set[int]:
    kept = {architecture.span.kept(layer, UNLIMITED) for layer in range(architecture.shape.layers)} - {UNLIMITED}
    around = {length for window in kept for length in (window - 1, window, window + 1) if length}
    return {1, architecture.shape.context} | around


def test_every_pair_is_in_a_row_or_refused_with_its_fields(record_property: Callable[[str, object], None]) -> None:
    found = design()
    refused = [f"  {' and '.join('='.join(level) for level in pair)}: {refusal}" for pair, refusal in found.refusals]
    counts = f"{found.pairs} pairs, {len(found.rows)} rows, {len(found.refusals)} refusals:"
    record_property("found", "\n".join((counts, *refused)))  # printed at the end, whichever process finds it
    for pair, refusal in found.refusals:
        assert refusal.fields and {level[0] for level in pair} <= set(refusal.fields), (pair, refusal.fields)
        assert refusal.text.en and refusal.text.zh
    everything = set(pairs())
    missing = everything - {pair for pair, _ in found.refusals} - set().union(*map(covered, found.spelt))
    assert not missing, f"{len(missing)} pairs are in no row, such as {sorted(missing)[:5]}"
    assert len(everything) == found.pairs


def test_rows_hold_what_they_spell() -> None:
    for architecture, spelt in zip(design().rows, design().spelt, strict=True):
        for path, level in spelt.items():
            axis, _, field = path.partition(".")
            choice = getattr(architecture, axis)
            held = written(getattr(choice, field)) if field else choice.slug
            assert held == level or float(held) == float(level), (path, level, held)


def test_every_option_is_in_some_row() -> None:
    for axis, cls in Architecture.axes().items():
        if cls.options():
            assert {getattr(row, axis).slug for row in design().rows} == set(cls.options())


def test_an_uncovered_pair_would_show() -> None:
    """Without one row, some pair is covered no more: no row is there for nothing."""
    rows = [covered(row) for row in design().spelt]
    times = Counter(pair for row in rows for pair in row)
    assert all(any(times[pair] == 1 for pair in row) for row in rows)
