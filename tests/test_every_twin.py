"""The tiny twin of every system looks at no later token, and every parameter that it has learns."""

import pytest
import torch
from variants import VOCABULARY, randomized, some_ids

from models.systems import systems

SYSTEMS = pytest.mark.parametrize("system", systems())


@SYSTEMS
@torch.no_grad()
def test_a_later_token_changes_nothing_before_it(system: str) -> None:
    model, ids_BT = randomized(systems()[system].twin).double(), some_ids()
    others = ids_BT.clone()
    others[:, 20] = (ids_BT[:, 20] + 1) % VOCABULARY
    before, after = model(ids_BT), model(others)
    assert torch.allclose(before[:, :20], after[:, :20], rtol=0, atol=1e-9)
    assert not torch.allclose(before[:, 20], after[:, 20], rtol=0, atol=1e-6)


@SYSTEMS
def test_every_parameter_learns(system: str) -> None:
    """But a bias on keys: it adds the same to all scores of a query, which a softmax does not see without RoPE."""
    model, ids_BT = randomized(systems()[system].twin).double(), some_ids()
    model.loss(ids_BT[:, :-1], ids_BT[:, 1:])[0].backward()
    grads = {name: weight.grad for name, weight in model.named_parameters()}
    idle = [name for name, grad in grads.items() if grad is None or grad.abs().max() < 1e-12]
    assert not [name for name in idle if not name.endswith("attention.key.bias")]
