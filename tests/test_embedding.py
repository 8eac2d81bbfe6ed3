"""Scales of embedding and logits, against products worked out beside the model."""

import pytest
import torch

from models.architecture import Architecture
from models.initialize import initialize
from models.spelling import change
from models.text import Refusal
from models.transformer import Transformer

IDS = torch.arange(12).reshape(2, 6)


def logits(**changes: str) -> torch.Tensor:
    spelt = {name.replace("__", "."): value for name, value in changes.items()}
    model = Transformer(change(Architecture(), {"position": "none", "dropout": "0"} | spelt))
    initialize(model, 0)
    return model(IDS)


def test_logits_are_multiplied() -> None:
    plain = logits()
    torch.testing.assert_close(logits(embedding__logit_scale="0.25"), plain / 4)
    torch.testing.assert_close(logits(embedding__logit_scale="inverse_sqrt_width"), plain / 128**0.5)
    torch.testing.assert_close(logits(embedding__logit_scale="none"), plain)


def test_the_embedding_is_multiplied() -> None:
    """Without norms and sublayers' outputs the logits follow the embedding alone."""
    bare = {"norm": "none", "init.residual": "zero"}
    plain = logits(**bare)
    torch.testing.assert_close(logits(**bare, embedding__scale="sqrt_width"), plain * 128**0.5)
    torch.testing.assert_close(logits(**bare, embedding__scale="12"), plain * 12)


@pytest.mark.parametrize("name", ["scale", "logit_scale"])
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e9", "width"])
def test_what_is_no_scale_is_refused(name: str, value: str) -> None:
    with pytest.raises(Refusal) as caught:
        change(Architecture(), {f"embedding.{name}": value})
    assert any(f"embedding.{name}" in field for field in caught.value.fields)
