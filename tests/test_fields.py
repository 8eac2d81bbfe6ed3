"""docs/fields.md says what the configuration says."""

from models.architecture import Architecture
from models.option import described
from playground.fields import FILE, document
from playground.recipe import Recipe


def test_the_document_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == document(), "run: python -m playground.fields"


def test_every_option_and_field_is_in_it_in_both_languages() -> None:
    """Read from pydantic itself, beside the table that the document is made of."""
    text = document()
    for name, axis in {**Architecture.axes(), "recipe": Recipe}.items():
        assert all(f"| `{name}={slug}` |" in text for slug in axis.options())
        for option in axis.options().values() or [axis]:
            fields = [(field, info) for field, info in option.model_fields.items() if field != "option"]
            for field, info in fields:
                title, help, _ = described(info)
                assert f"| `{name}.{field}` |" in text
                assert all(words in text for words in (*title, *help)), f"{name}.{field}"


def test_bounds_are_those_that_are_enforced() -> None:
    lines = {line.split("|")[1].strip(): line for line in document().splitlines() if line.startswith("| `")}
    assert "whole number ≥ 1 and ≤ 256" in lines["`shape.layers`"]
    assert "number > 0 and ≤ 64" in lines["`feed_forward.ratio`"]
    assert "number ≥ 0 and < 1" in lines["`dropout.rate`"]
    assert "`half`, `interleaved`" in lines["`position.pairing`"]
