"""The catalogue of published systems, against numbers that their makers or their released files state."""

import pytest

from models.architecture import Architecture
from models.cost import parameters
from models.layout.parallel import Parallel
from models.norm.layernorm import LayerNorm
from models.norm.rmsnorm import RMSNorm
from models.spelling import differences
from models.systems import System, systems
from models.systems.base import register

SYSTEMS = pytest.mark.parametrize("system", systems().values(), ids=systems())

# What `transformers` counts in the released weights; PaLM: the sum over the paper's matrices, 540.35 B in its Table 1.
PARAMETERS = {
    "gpt-2": 124_439_808,
    "mistral": 7_241_732_096,
    "llama-3": 8_030_261_248,
    "gemma-2": 9_241_705_984,
}


@pytest.mark.parametrize(("name", "count"), PARAMETERS.items(), ids=PARAMETERS)
def test_the_published_size_has_the_released_number_of_parameters(name: str, count: int) -> None:
    assert parameters(systems()[name].published) == count


def test_palm_has_540_billion_parameters() -> None:
    assert parameters(systems()["palm"].published) == pytest.approx(540.35e9, rel=2e-5)


def test_the_original_base_model_counts_as_its_decoder_does_without_cross_attention() -> None:
    width, hidden, layers, vocabulary = 512, 2048, 6, 37_000
    layer = 4 * width**2 + 2 * width * hidden + hidden + width + 2 * 2 * width
    assert parameters(systems()["original-transformer"].published) == vocabulary * width + layers * layer


def test_the_six_of_the_first_catalogue_are_there_in_order_of_year() -> None:
    wanted = ["original-transformer", "gpt-2", "palm", "mistral", "gemma-2", "llama-3"]
    assert [name for name in systems() if name in wanted] == wanted
    years = [system.year for system in systems().values()]
    assert years == sorted(years)


@SYSTEMS
def test_a_system_says_where_it_was_read(system: System) -> None:
    assert system.maker and system.size and str(system.year) in system.citation
    assert set(system.citations) <= set(Architecture.axes()) and all(system.citations.values())
    # Whatever differs from the plainest choice has been read somewhere.
    chosen = {path.partition(".")[0] for path in differences(system.published, Architecture())}
    assert chosen <= set(system.citations)


@SYSTEMS
def test_notes_are_in_both_languages(system: System) -> None:
    for note in (*system.notes, *system.rounded):
        assert note.en.isascii() or any(letter in note.en for letter in "√εθσ×–")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in note.zh), note.zh


def test_traps() -> None:
    """What catalogues tend to get wrong; evidence in each system's citations."""
    every = {name: system.published for name, system in systems().items()}
    gemma, gpt, palm = every["gemma-2"], every["gpt-2"], every["palm"]
    assert isinstance(gemma.norm, RMSNorm) and gemma.norm.gain == "one_plus_w" and gemma.norm.eps == 1e-6
    assert gemma.feed_forward.activation == "gelu_tanh" and gemma.embedding.scale == "sqrt_width"
    assert [gemma.span.local(layer) for layer in range(4)] == [True, False, True, False]
    assert gemma.qk_norm.slug == "none"
    assert gpt.feed_forward.activation == "gelu_tanh" and gpt.init.slug == "normal" and gpt.init.residual == "depth"
    assert gpt.bias.qkv and gpt.bias.attention_out and gpt.bias.feed_forward and not gpt.bias.head
    assert isinstance(palm.norm, LayerNorm) and not palm.norm.bias and isinstance(palm.layout, Parallel)
    assert palm.heads.kv == 1 and palm.feed_forward.hidden(1000) == 4 * palm.shape.width
    original = every["original-transformer"]
    assert original.placement.slug == "post" and not original.placement.final
    assert original.bias.feed_forward and not original.bias.qkv and not original.bias.attention_out
    assert all(every["mistral"].span.local(layer) for layer in range(32))
    assert every["llama-3"].position.model_dump()["theta"] == 500_000


def test_an_id_is_taken_once() -> None:
    with pytest.raises(TypeError, match="gpt-2"):
        register(systems()["gpt-2"])
