"""AdamW against its equations, what decays, and clipping."""

import pytest
import torch
from torch import nn

from models.architecture import Architecture
from models.shape import Shape
from models.spelling import change
from models.transformer import Transformer
from playground import optimizer
from playground.recipe import Recipe

SMALL = Architecture(shape=Shape(layers=1, width=8, context=8))


def test_two_steps_are_the_equations_of_decoupled_weight_decay() -> None:
    """Loshchilov and Hutter 2019, algorithm 2, with the schedule's factor in the rate."""
    recipe, rate = Recipe(weight_decay=0.1, betas="0.9~0.99", eps=1e-8), 0.01
    layer = nn.Linear(3, 2, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.arange(6.0).reshape(2, 3) / 10)
    theta, m, v = layer.weight.detach().double(), torch.zeros(2, 3).double(), torch.zeros(2, 3).double()
    adam = optimizer.build(layer, recipe)
    for step in (1, 2):
        gradient = torch.full((2, 3), 0.5 * step)
        layer.weight.grad = gradient.clone()
        for group in adam.param_groups:
            group["lr"] = rate
        adam.step()
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        update = (m / (1 - 0.9**step)) / ((v / (1 - 0.99**step)).sqrt() + 1e-8)
        theta = theta - rate * (update + 0.1 * theta)
    assert torch.allclose(layer.weight.double(), theta, atol=1e-7)


def kind(name: str, parameter: nn.Parameter) -> str:
    if parameter.dim() < 2:
        return "vector"
    return "matrix" if name.startswith("blocks.") else "table or head"


@pytest.mark.parametrize(
    ("decayed", "expected"),
    [
        ("matrices", {"matrix", "table or head"}),
        ("hidden", {"matrix"}),
        ("all", {"matrix", "table or head", "vector"}),
    ],
)
def test_what_decays_is_what_the_recipe_says(decayed: str, expected: set[str]) -> None:
    recipe, model = Recipe.model_validate({"decayed": decayed}), Transformer(change(SMALL, {"embedding.tied": "off"}))
    named = dict(model.named_parameters())
    assert "head.weight" in named and {kind(*each) for each in named.items()} >= expected
    pulled = {name for name in named if optimizer.decays(name, model, recipe)}
    assert pulled == {name for name in named if kind(name, named[name]) in expected}


def test_a_gain_of_two_dimensions_is_no_matrix() -> None:
    changes = {"qk_norm": "per_head_weights", "embedding.size": "4", "embedding.tied": "off"}
    model = Transformer(change(SMALL, changes))
    pulled = {name for name, _ in model.named_parameters() if optimizer.decays(name, model, Recipe())}
    assert model.get_parameter("parts.qk_norm.query.0.weight").dim() == 2
    assert not [name for name in pulled if "norm" in name]
    assert {"project_in.weight", "project_out.weight", "embedding.weight", "head.weight"} <= pulled


def test_every_parameter_is_in_one_group() -> None:
    model = Transformer(SMALL)
    groups = optimizer.build(model, Recipe()).param_groups
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(grouped) == sorted(id(parameter) for parameter in model.parameters())
    assert {group["weight_decay"] for group in groups} == {0.1, 0.0}


@pytest.mark.parametrize(("limit", "expected"), [(None, 5.0), (10.0, 5.0), (1.0, 1.0)])
def test_clipping_scales_the_whole_gradient_and_reports_its_norm(limit: float | None, expected: float) -> None:
    one, two = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(2))
    one.grad, two.grad = torch.tensor([3.0]), torch.tensor([0.0, 4.0])
    assert optimizer.clip([one, two], limit).item() == pytest.approx(5.0)
    assert torch.cat([one.grad, two.grad]).norm().item() == pytest.approx(expected, rel=1e-5)
    assert one.grad.item() / two.grad[1].item() == pytest.approx(0.75)
