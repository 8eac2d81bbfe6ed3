"""Costs that are measured, against those that are counted before; the profiler's kinds against torch's own counter."""

import statistics
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from models.cost import FLOAT_BYTES
from models.initialize import initialize
from models.intensity import Work, training_work
from models.text import Refusal
from models.transformer import Transformer
from playground import costing, link
from playground.accelerators import ACCELERATORS
from playground.shares import ADAMW, KINDS, attention, profiled

SMALL = "shape.layers=2,shape.width=32,shape.context=16"
SPELLINGS = (f"gpt-2,{SMALL}", f"llama-3,{SMALL}", f"gemma-2,{SMALL},span.window=8")
BATCH = 3


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return costing.measured([link.variant(text).architecture for text in SPELLINGS], BATCH)


@pytest.mark.parametrize("number", range(len(SPELLINGS)))
def test_what_is_predicted_is_what_is_there(found: dict[str, Any], number: int) -> None:
    said = costing.predicted(link.variant(SPELLINGS[number]).architecture, BATCH, found["here"])
    row = found["variants"][number]
    for exact in ("parameters", "flops", "state_bytes", "cache_bytes"):
        assert said[exact] == row[exact], exact
    assert 0.7 < row["activation_bytes"] / said["activation_bytes"] < 2.5  # a rough count, as it says
    assert row["seconds"].keys() == set(costing.ACTIVITIES)
    for activity, spread in row["seconds"].items():
        assert 0 < spread["low"] <= spread["median"] <= spread["high"] and said["seconds"][activity] > 0


def test_shares_are_whole_and_products_are_torch_s_own_count(found: dict[str, Any]) -> None:
    for row in found["variants"]:
        for rows in row["shares"].values():
            assert [each["kind"] for each in rows] == [*KINDS]
            for share in ("flops_share", "time_share"):
                assert sum(each[share] for each in rows) == pytest.approx(1)
        apart = {each["kind"]: each for each in row["shares"]["apart"]}
        assert apart["products"]["flops"] == row["flops"] and apart["attention"]["seconds"] == 0
        assert apart["optimizer"]["flops"] == ADAMW * row["parameters"] and apart["normalization"]["seconds"] > 0


@pytest.mark.parametrize("norm", ["layernorm", "rmsnorm", "none"])
def test_a_norm_forward_and_backward_is_normalization(norm: str) -> None:
    """Without attention and norms only the loss's softmax is normalization."""
    spelling = f"gpt-2,{SMALL},norm={norm},layout.attention=off,feed_forward.activation=relu"
    architecture = link.variant(spelling).architecture
    model = initialize(Transformer(architecture), 0)
    ids_BT = torch.zeros(4, 16, dtype=torch.long)

    def step() -> None:
        model.loss(ids_BT, ids_BT)[0].backward()

    rows = {each["kind"]: each for each in profiled(step, lambda: None, 1, fused=False)}
    softmax = 9 * ids_BT.numel() * architecture.shape.vocabulary  # five FLOPs an element forward, four backward
    if norm == "none":
        assert rows["normalization"]["flops"] == softmax
        return
    elements = 3 * ids_BT.numel() * 32  # two norms and the last one
    if norm == "layernorm":
        assert rows["normalization"]["flops"] == softmax + 21 * elements
    assert rows["normalization"]["flops"] > softmax + 8 * elements


def test_the_fused_kernel_computes_two_products_forward_and_five_backward() -> None:
    q, k, v = (torch.randn(2, 4, 16, 8, requires_grad=True) for _ in range(3))

    def step() -> None:
        torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True).sum().backward()

    fused = {each["kind"]: each for each in profiled(step, lambda: None, 1, fused=True)}
    assert fused["attention"]["flops"] == 7 * 2 * 2 * 4 * 16 * 16 * 8
    with FlopCounterMode(display=False) as counter, attention(fused=False):
        step()
    apart = {each["kind"]: each for each in profiled(step, lambda: None, 1, fused=False)}
    assert apart["products"]["flops"] == counter.get_total_flops() and apart["attention"]["flops"] == 0


def test_a_step_moves_ten_numbers_a_parameter_and_its_activations_twice() -> None:
    architecture = link.variant(SPELLINGS[0]).architecture
    said = costing.predicted(architecture, BATCH, None)
    work = training_work(architecture, BATCH)
    assert work.numbers == 10 * said["parameters"] + 2 * said["activation_bytes"] / FLOAT_BYTES
    assert work.intensity(2) == 2 * work.intensity(4) and said["seconds"] is None
    assert training_work(architecture, 8 * BATCH).intensity() > work.intensity()


def test_the_bound_is_the_slower_of_computing_and_moving() -> None:
    here = {"flops": 100.0, "bandwidth": 8.0, "cached": 80.0}
    big = costing.CACHED
    assert costing.bound(Work(flops=1e12, numbers=big), here) == 1e10
    assert costing.bound(Work(flops=1, numbers=big), here) == 4 * big / 8
    assert costing.bound(Work(flops=1, numbers=20), here) == 1.0


def test_a_step_that_takes_minutes_is_refused() -> None:
    architecture = link.variant("gpt-2,shape.width=2048,shape.context=1024").architecture
    with pytest.raises(Refusal, match="takes too long"):
        costing.costing_job(costing.payload([architecture], 12))


def test_accelerators_are_told_apart_and_cited() -> None:
    assert len({each.id for each in ACCELERATORS}) == len({each.name for each in ACCELERATORS}) == len(ACCELERATORS)
    ridges = {each.id: each.flops / each.bandwidth for each in ACCELERATORS}
    assert ridges["h100"] == pytest.approx(295, abs=1) and ridges["a100"] == pytest.approx(153, abs=1)
    assert all("20" in each.citation for each in ACCELERATORS) and statistics.median(ridges.values()) > 100
