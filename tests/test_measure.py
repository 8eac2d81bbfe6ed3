"""What is measured of trained models, against closed forms and against the model's own loss."""

import math
from pathlib import Path

import pytest
import torch

from models.initialize import initialize
from models.transformer import Transformer
from playground import link
from playground.data.batches import Batches
from playground.experiment import compose
from playground.measure import costs, ending, gradients, lengths, logits, speed
from playground.measure.base import Contender, Trained
from playground.plan import run_of
from playground.recipe import Recipe
from playground.train import train

TINY = "gpt-2,shape.layers=2,shape.width=16,heads.query=2,heads.kv=2,shape.context=16"


def trained(spelling: str, folder: Path) -> Trained:
    """A model trained for two steps, enough to have a folder."""
    run = run_of(compose([link.variant(spelling)], Recipe(tokens=400)), 0, 0, folder=folder)
    for _ in train(run):
        pass
    row = {"status": "finished", "val_loss": 3.0, "bits_per_byte": 4.0, "accuracy": 0.5, "curve": []}
    return Trained(run.architecture, run.recipe, 0, row, folder)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(f"{TINY},position=rope", tmp_path_factory.mktemp("rope"))


def test_scores_are_those_that_attention_uses(plain: Trained) -> None:
    """Softmax over what was heard, masked, is the map that the model returns; and listening leaves no trace."""
    model, (ids_BT, _) = plain.model(), next(plain.batches())
    found, maps = logits.scores(model, ids_BT[:4])
    future_TT = torch.ones(ids_BT.shape[1], ids_BT.shape[1], dtype=torch.bool).triu(1)
    for scores_BHTT, map_BHTT in zip(found, maps, strict=True):
        expected = scores_BHTT.masked_fill(future_TT, float("-inf")).softmax(-1)
        torch.testing.assert_close(expected, map_BHTT)
    assert not model.chain.acts_at("on_cap")


def test_log_z_is_what_the_loss_adds_to_the_targets_logit(plain: Trained) -> None:
    found = logits.normalizer(plain)
    model = plain.model()
    log_z = []
    with torch.no_grad():
        for ids_BT, targets_BT in plain.batches():
            logits_BTV = model(ids_BT)
            chosen = logits_BTV.gather(-1, targets_BT[..., None])[..., 0]
            log_z.append((logits.nats(logits_BTV, targets_BT) + chosen).flatten())
    values = torch.cat(log_z).double()
    assert found["log_z_mean"] == pytest.approx(values.mean().item(), rel=1e-4)
    assert found["log_z"] == pytest.approx(values.square().mean().sqrt().item(), rel=1e-4)


def test_a_uniform_map_has_all_its_entropy(plain: Trained) -> None:
    model = plain.model()
    for name, parameter in model.named_parameters():
        if ".attention.query." in name:
            parameter.data.zero_()
    _, maps = logits.scores(model, next(plain.batches())[0][:2])
    assert logits.spread(maps[0], logits.seen(model, 0, maps[0].shape[-1])) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("spec", ["span=window,span.window=4", "sink=learned"])
def test_what_a_query_does_not_see_is_no_part_of_its_attention(spec: str) -> None:
    """Of queries of zero every key has the same share, of the window's or of what a sink leaves: all its entropy."""
    model = initialize(
        Transformer(link.variant(f"{TINY},position=rope,shape.vocabulary=8,{spec}").architecture), 0
    ).eval()
    for name, parameter in model.named_parameters():
        if ".attention.key." in name:
            parameter.data.mul_(50)
    ids_BT = torch.arange(24).view(1, -1) % 7
    found, _ = logits.scores(model, ids_BT)
    looks_TT = logits.seen(model, 0, 24)
    assert looks_TT.sum(-1).tolist() == [min(n, 4 if "window" in spec else 24) for n in range(1, 25)]
    assert all((each[..., ~looks_TT] == 0).all() and (each[..., looks_TT] != 0).any() for each in found)
    for name, parameter in model.named_parameters():
        if ".attention.query." in name:
            parameter.data.zero_()
    _, maps = logits.scores(model, ids_BT)
    assert logits.spread(maps[0], looks_TT) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(("largest", "broken"), [(11.0, 0.0), (11.2, 1.0), (600.0, 1.0)])
def test_fp16_overflows_from_the_logarithm_of_its_largest_number(largest: float, broken: float) -> None:
    assert 11.0 < math.log(torch.finfo(torch.float16).max) < 11.2
    plain, subtracted = logits.overflow(torch.tensor([[largest, -20.0, -20.0]]))
    assert (plain, subtracted) == (broken, 0.0)


def test_the_loss_by_position_averages_to_the_model_s_own(plain: Trained) -> None:
    length, model = 64, plain.model()
    loss_T = lengths.losses(model, plain, length)
    assert isinstance(plain.task, Batches)
    rows = list(lengths.stretches(plain.task.validation_ids, length, lengths.ROWS))
    with torch.no_grad():
        own = [model.loss(ids_BT, targets_BT)[1].item() for ids_BT, targets_BT in rows]
    assert loss_T.shape == (length,)
    assert loss_T.mean().item() == pytest.approx(sum(own) / len(own), rel=1e-4)
    assert rows[0][0].shape[1] == length and torch.equal(rows[0][0][:, 1:], rows[0][1][:, :-1])


def test_beyond_the_context_every_scaling_of_rope_reads_otherwise(plain: Trained) -> None:
    found = lengths.rescaled(plain)
    assert found["four_plain"] == pytest.approx(lengths.beyond(plain)["loss_four"], rel=1e-6)
    assert len({found[f"four_{kind}"] for kind in ("plain", *lengths.SCALINGS)}) == 4
    slowed = lengths.slowed(plain.architecture, "linear")
    assert slowed.position != plain.architecture.position and slowed.shape == plain.architecture.shape


def test_learned_positions_end_at_the_context(tmp_path: Path) -> None:
    run = trained(TINY, tmp_path / "run")
    found = lengths.beyond(run)
    assert found["reaches"] == 1.0 and "loss_four" not in found
    assert lengths.rescaled(run) == {}


def test_gradients_before_the_first_step_are_the_loss_s(plain: Trained) -> None:
    found = gradients.at_start(plain)
    curve = found["gradient"]
    assert isinstance(curve, dict) and curve["x"] == [1.0, 2.0]
    model = initialize(Transformer(plain.architecture), 0)
    ids_BT, targets_BT = plain.task.batch(0, 0)
    matrices = [parameter for parameter in model.blocks[1].parameters() if parameter.ndim > 1]
    exact = torch.autograd.grad(model.loss(ids_BT, targets_BT)[0], matrices)
    norm = math.sqrt(sum(gradient.double().square().sum().item() for gradient in exact))
    assert curve["y"][1] == pytest.approx(norm, rel=1e-5)
    assert found["gradient_growth"] == pytest.approx(curve["y"][1] / curve["y"][0])


def test_a_diverged_run_counts_as_a_guess_and_has_no_model(plain: Trained) -> None:
    row = {"status": "diverged", "val_loss": None, "bits_per_byte": None, "accuracy": None, "curve": []}
    lost = Trained(plain.architecture, plain.recipe, 0, row, None)
    guess = math.log(plain.architecture.shape.vocabulary)
    assert ending.loss(lost) == {"loss": pytest.approx(guess), "area": pytest.approx(guess), "failed": 1.0, "gap": None}
    assert logits.normalizer(lost) == logits.attention(lost) == lengths.beyond(lost) == {}


def test_a_kept_curve_is_thin_and_has_the_same_mean(plain: Trained) -> None:
    curve = [{"tokens": 10 * number, "train_loss": float(number)} for number in range(1, 181)]
    run = Trained(plain.architecture, plain.recipe, 0, {**plain.row, "curve": curve}, plain.folder)
    kept = ending.course(run)["curve"]
    assert isinstance(kept, dict) and len(kept["x"]) == len(kept["y"]) == ending.SHOWN
    assert kept["x"][-1] == 1800 and sum(kept["y"]) / len(kept["y"]) == pytest.approx(90.5)


def test_the_area_weighs_points_by_their_tokens(plain: Trained) -> None:
    curve = [{"tokens": 100, "train_loss": 4.0}, {"tokens": 400, "train_loss": 2.0}]
    run = Trained(plain.architecture, plain.recipe, 0, {**plain.row, "curve": curve}, plain.folder)
    assert ending.loss(run)["area"] == pytest.approx(2.5)


def test_races_give_a_number_a_round_and_costs_are_counted(plain: Trained) -> None:
    two = {"one": Contender(plain.architecture, plain.recipe), "other": Contender(plain.architecture, plain.recipe)}
    for race in (speed.training, speed.decoding, speed.training_in_bytes):
        found = race(two, 2)
        assert found.keys() == two.keys() and all(len(of) == 2 and min(of) > 0 for of in found.values())
    # Two layers of keys and values of two heads, eight wide, in four bytes each.
    assert costs.counted(plain)["cache"] == 2 * 2 * 2 * 8 * 4
