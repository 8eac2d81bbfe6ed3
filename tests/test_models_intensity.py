"""FLOPs for every byte moved, against sums written out by hand for whole models, and limits that theory gives."""

import pytest
from variants import variants

from models.architecture import Architecture
from models.intensity import decode_intensity, prefill_intensity, prefill_work
from models.spelling import change
from models.systems import systems

GPT_2, LLAMA, MISTRAL = (systems()[name].full for name in ("gpt-2", "llama-3", "mistral"))
HALF = {"bytes_a_number": 2}


def test_gpt_2_by_hand() -> None:
    """12 layers of 12 · 768² in matrices, a head of 50257 · 768; biases and gains are read, and rows of two tables."""
    batch, length = 3, 100
    matrices = 12 * 12 * 768**2 + 50_257 * 768
    vectors = 12 * (9 + 4) * 768 + 2 * 768
    entry = 2 * 12 * 768
    flops = batch * (2 * matrices + 4 * 12 * 768 * length)
    moved = 4 * (matrices + vectors + batch * (2 * 768 + length * entry))
    assert decode_intensity(GPT_2, length, batch) == pytest.approx(flops / moved, rel=1e-12)
    flops = batch * (2 * matrices * length + 4 * 12 * 768 * length * (length + 1) / 2)
    moved = 4 * (matrices + vectors + batch * length * (2 * 768 + entry))
    assert prefill_intensity(GPT_2, length, batch) == pytest.approx(flops / moved, rel=1e-12)


def test_an_untied_table_is_read_by_the_row() -> None:
    """Llama 3 at 8 B: of its 8.03 B numbers, the embedding's 0.53 B are not read."""
    read = 8_030_261_248 - 128_256 * 4096 + 4096 + 1 * 2 * 32 * 8 * 128
    norms = 65 * 4096
    flops = 2 * (8_030_261_248 - 128_256 * 4096 - norms) + 4 * 32 * 32 * 128
    assert decode_intensity(LLAMA, 1, **HALF) == pytest.approx(flops / (2 * read), rel=1e-9)


@pytest.mark.parametrize("length", [1, 100, 2048, 4096])
def test_a_window_that_holds_the_whole_prompt_changes_nothing(length: int) -> None:
    """Mistral's is 4,096; a shorter prompt once had less than no pairs."""
    full = change(MISTRAL, {"span": "full"})
    assert prefill_work(MISTRAL, length) == prefill_work(full, length)
    assert MISTRAL.span.kept(0, length) == length and prefill_work(MISTRAL, 8192).flops < prefill_work(full, 8192).flops


@pytest.mark.parametrize("batch", [1, 8, 64])
def test_without_a_cache_weights_are_used_once_a_sequence(batch: int) -> None:
    """2 FLOPs a number and sequence: 1 FLOP a byte in half precision, times the batch, as long as weights dominate."""
    assert decode_intensity(LLAMA, 1, batch, **HALF) == pytest.approx(batch, rel=0.01)
    assert decode_intensity(LLAMA, 1, batch) == pytest.approx(batch / 2, rel=0.01)


def test_a_long_cache_bounds_it_by_the_heads_that_share_one() -> None:
    """4 H K FLOPs and 2 G K numbers an entry: 2 H / G a number, however large the batch; Shazeer 2019, §3.1."""
    longest = 10**9
    for kv, shared in ((32, 1), (8, 4), (1, 32)):
        architecture = change(LLAMA, {"heads.kv": str(kv)})
        assert decode_intensity(architecture, longest, 64, **HALF) == pytest.approx(shared, rel=0.01)


def test_a_window_keeps_it_from_falling() -> None:
    full = change(MISTRAL, {"span": "full"})
    assert decode_intensity(MISTRAL, 4096, 64) == decode_intensity(full, 4096, 64)
    assert decode_intensity(MISTRAL, 100_000, 64) == decode_intensity(MISTRAL, 4096, 64)
    assert decode_intensity(full, 100_000, 64) < decode_intensity(full, 4096, 64) / 2


def test_a_prompt_uses_weights_once_a_token() -> None:
    assert prefill_intensity(LLAMA, 1) == decode_intensity(LLAMA, 1)
    growing = [prefill_intensity(LLAMA, length) for length in (1, 16, 128, 1024, 8192)]
    assert growing == sorted(growing)
    assert prefill_intensity(LLAMA, 128) == pytest.approx(128 / 2, rel=0.02)


@pytest.mark.parametrize("architecture", variants().values(), ids=list(variants()))
def test_every_option_has_both(architecture: Architecture) -> None:
    """A prompt is never worse than token by token, since its cache is not read; twice the bytes, half the intensity."""
    length = architecture.shape.context
    prefill, decode = prefill_intensity(architecture, length), decode_intensity(architecture, length)
    assert 0 < decode < prefill
    assert decode_intensity(architecture, length, 4) > decode
    assert prefill_intensity(architecture, length, **HALF) == 2 * prefill
    assert decode_intensity(architecture, length, **HALF) == 2 * decode
