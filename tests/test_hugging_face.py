"""Models of the reference implementation, carried over: our logits equal theirs, type by type, on odd configurations."""

from collections.abc import Mapping
from typing import Any

import pytest
from reference import SMALL, apart, built

TOLERANCE = 1e-5

CASES: dict[tuple[str, str], Mapping[str, Any]] = {
    ("llama", "grouped heads"): {**SMALL, "num_key_value_heads": 2},
    ("llama", "one wide key/value head, biases, tied"): {
        **SMALL, "num_key_value_heads": 1, "head_dim": 10, "attention_bias": True, "mlp_bias": True,
        "tie_word_embeddings": True, "rms_norm_eps": 1e-4, "hidden_act": "gelu",
    },
}  # fmt: skip


@pytest.mark.parametrize(("model_type", "name"), CASES)
def test_logits_equal_the_reference(model_type: str, name: str) -> None:
    difference, largest = apart(built(model_type, CASES[model_type, name]))
    assert 0.5 < largest < 50
    assert difference < TOLERANCE
