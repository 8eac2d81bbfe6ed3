"""The catalogue of published systems, against numbers that their makers or their released files state.

What every system owes stands at the top of models/systems/base.py; the first tests hold it for all that are registered.
"""

import math
import re

import pytest
import torch

from models.architecture import Architecture
from models.cells import SHOWN
from models.cost import parameters
from models.systems import System, systems
from models.systems.base import NOT_PUBLISHED, READINGS, catalogue, choices, register
from models.text import Refusal, Text
from models.transformer import Transformer
from playground import link

SYSTEMS = pytest.mark.parametrize("system", catalogue().values(), ids=catalogue())
BUILT = pytest.mark.parametrize("system", systems().values(), ids=systems())

OF_THE_LECTURE = """
original-transformer gpt-1 gpt-2 gpt-3 bert t5 t5-v1.1 gopher chinchilla gpt-j palm llama-1 llama-2 llama-3 mistral
qwen-1.5 gemma-1 gemma-2 nemotron-4 deepseek-llm dclm grok-1 vit-22b
""".split()
OTHERS = """
gpt-neox opt bloom mpt falcon phi-2 phi-3 stablelm starcoder starcoder-2 qwen-2.5 qwen-3 gemma-3 command-r command-a
olmo-1 olmo-2 olmo-3 smollm-3 granite-3 gpt-oss llama-4 mixtral deepseek-v2 deepseek-v3
""".split()
DENSE = {"original-transformer", "bert", "t5", "t5-v1.1", "vit-22b", "gpt-3", "grok-1", "gpt-oss", "llama-4"}
TABLE_ONLY = {"mixtral", "deepseek-v2", "deepseek-v3"}

# What says where a value was read: a part of the paper, another paper, code at a commit, what was released, or a year.
SOURCE = re.compile(
    r"§|\bTable\b|\bAppendix\b|arXiv:\d{4}\.\d{4,5}|code [\w.-]+/[\w.-]+@[\w.]+ \S|"
    r"(configuration|code) of the released model|model card|\b20\d\d\b"
)
CHINESE = re.compile("[\u4e00-\u9fff]")


# What all of them owe.


def test_the_catalogue_is_complete_and_in_order_of_year() -> None:
    assert set(catalogue()) == {*OF_THE_LECTURE, *OTHERS} and len({*OF_THE_LECTURE, *OTHERS}) == 48
    years = [system.year for system in catalogue().values()]
    assert years == sorted(years) and list(systems()) == [id for id in catalogue() if id not in TABLE_ONLY]


def test_each_is_read_as_it_can_be() -> None:
    readings = {reading: {id for id, one in catalogue().items() if one.reading == reading} for reading in READINGS}
    assert readings["dense"] == DENSE and readings["table_only"] == TABLE_ONLY


@SYSTEMS
def test_a_system_says_where_every_choice_was_read(system: System) -> None:
    assert system.maker and system.size and re.search(r"arXiv:\d{4}\.\d{5}|\b20\d\d\b", system.citation)
    assert 2017 <= system.year <= 2026
    told = {*system.citations, *system.unknown, *system.from_memory}
    assert set(SHOWN) <= told, sorted(set(SHOWN) - told)
    assert told <= set(Architecture.axes())
    for axis, source in system.citations.items():
        assert SOURCE.search(source), f"{axis}: {source}"


@SYSTEMS
def test_only_the_words_of_what_is_published_are_shown(system: System) -> None:
    words = choices(system)
    assert tuple(words) == SHOWN and set(system.facts) <= set(SHOWN)
    silent = {*system.unknown} - {*system.citations, *system.from_memory, *system.facts}
    assert {axis for axis in SHOWN if words[axis] == NOT_PUBLISHED} == silent & set(SHOWN)
    for text in words.values():
        assert text.en and text.zh and len(text.en) <= 60 and not CHINESE.search(text.en), text


@SYSTEMS
def test_sentences_are_in_both_languages(system: System) -> None:
    said = [*system.notes, *system.unknown.values(), *([system.left_out] if system.left_out else [])]
    for text in [*said, *(system.rounded if system.published else [])]:
        assert text.en and not CHINESE.search(text.en), text.en
        assert CHINESE.search(text.zh), text.zh
    for text in said:
        assert text.en[-1] == "." and text.zh[-1] == "。", text


@BUILT
def test_both_sizes_build_and_count_as_they_cost(system: System) -> None:
    for architecture in (system.full, system.twin):
        with torch.device("meta"):
            model = Transformer(architecture)
        assert sum(weight.numel() for weight in model.parameters()) == parameters(architecture)


@BUILT
def test_a_twin_follows_the_rule(system: System) -> None:
    full, tiny = system.full, system.twin
    period = math.lcm(*(choice.period for _, choice in full.choices()))
    assert tiny.shape.model_dump() == {"layers": max(4, period), "width": 128, "context": 64, "vocabulary": 64}
    sharing = full.heads.query / full.heads.kv
    assert tiny.heads.query == (8 if sharing >= 4 else 4)
    assert (tiny.heads.kv == 1) == (full.heads.kv == 1)
    exact = full.heads.query * full.heads.width(full) / full.shape.width * 128 / tiny.heads.query
    assert tiny.heads.width(tiny) % 2 == 0 and abs(tiny.heads.width(tiny) - exact) <= 1
    hidden = full.feed_forward.hidden(full.shape.width) / full.shape.width * 128
    assert tiny.feed_forward.hidden(128) % 8 == 0 and abs(tiny.feed_forward.hidden(128) - hidden) <= 4
    for axis in ("norm", "placement", "layout", "qk_norm", "sink", "bias", "attention_cap", "output_cap", "z_loss"):
        assert getattr(tiny, axis) == getattr(full, axis), axis
    assert tiny.embedding.tied == full.embedding.tied and tiny.dropout.rate == 0


@BUILT
def test_a_link_with_its_id_is_its_twin(system: System) -> None:
    experiment, notes = link.read(f"?a={system.id}")
    assert not notes and experiment.variants[0].architecture == system.twin
    again, notes = link.read(link.write(experiment))
    assert not notes and again.variants[0].architecture == system.twin and again.variants[0].system == system.id


@pytest.mark.parametrize("id", [id for id in sorted(TABLE_ONLY) if id in catalogue()])
def test_what_stands_in_the_table_only_says_why_it_has_no_model(id: str) -> None:
    system = catalogue()[id]
    assert set(system.facts) == set(SHOWN) and id not in systems()
    with pytest.raises(Refusal, match=system.name) as refused:
        _ = system.twin
    assert system.left_out and system.left_out.zh in refused.value.text.zh


def test_an_id_is_taken_once() -> None:
    with pytest.raises(TypeError, match="gpt-2"):
        register(systems()["gpt-2"])


def test_a_system_without_an_architecture_must_say_so() -> None:
    texts = {"id": "x", "name": "X", "year": 2020, "maker": "x", "size": "1", "citation": "x 2020"}
    with pytest.raises(TypeError, match="unless it is table_only"):
        System(**texts)
    with pytest.raises(TypeError, match="left_out"):
        System(**texts, reading="dense", published=Architecture())
    with pytest.raises(TypeError, match="left_out"):
        System(**texts, left_out=Text("All.", "全部。"), published=Architecture())


# Numbers and facts that do not come from this catalogue.

# What `transformers` counts in the released weights.
PARAMETERS = {
    "gpt-2": 124_439_808,
    "mistral": 7_241_732_096,
    "llama-3": 8_030_261_248,
    "gemma-2": 9_241_705_984,
}


@pytest.mark.parametrize(("name", "count"), PARAMETERS.items(), ids=PARAMETERS)
def test_the_published_size_has_the_released_number_of_parameters(name: str, count: int) -> None:
    assert parameters(systems()[name].full) == count


def test_palm_has_540_billion_parameters() -> None:
    """The sum over the paper's matrices, 540.35 B in its Table 1."""
    assert parameters(systems()["palm"].full) == pytest.approx(540.35e9, rel=2e-5)


def test_the_original_base_model_counts_as_its_decoder_does_without_cross_attention() -> None:
    width, hidden, layers, vocabulary = 512, 2048, 6, 37_000
    layer = 4 * width**2 + 2 * width * hidden + hidden + width + 2 * 2 * width
    assert parameters(systems()["original-transformer"].full) == vocabulary * width + layers * layer


def test_traps() -> None:
    """What catalogues tend to get wrong; evidence in each system's citations."""
    every = {name: system.full for name, system in systems().items()}
    gemma, gpt, palm = every["gemma-2"], every["gpt-2"], every["palm"]
    assert gemma.norm.model_dump() == {"option": "rmsnorm", "gain": "one_plus_w", "eps": 1e-6}
    assert gemma.feed_forward.activation == "gelu_tanh" and gemma.embedding.scale == "sqrt_width"
    assert [gemma.span.local(layer) for layer in range(4)] == [True, False, True, False]
    assert gemma.qk_norm.slug == "none"
    assert gpt.feed_forward.activation == "gelu_tanh" and gpt.init.slug == "normal" and gpt.init.residual == "depth"
    assert gpt.bias.qkv and gpt.bias.attention_out and gpt.bias.feed_forward and not gpt.bias.head
    assert palm.norm.slug == "layernorm" and not palm.norm.offset and palm.layout.slug == "parallel"
    assert palm.heads.kv == 1 and palm.feed_forward.hidden(1000) == 4 * palm.shape.width
    original = every["original-transformer"]
    assert original.placement.slug == "post" and not original.placement.final
    assert original.bias.feed_forward and not original.bias.qkv and not original.bias.attention_out
    assert all(every["mistral"].span.local(layer) for layer in range(32))
    assert every["llama-3"].position.model_dump()["theta"] == 500_000


def test_a_difference_is_one_sentence_in_the_words_of_the_table() -> None:
    llama, gpt = systems()["llama-3"], systems()["gpt-2"]
    assert llama.differences(gpt) == Text(
        "LLaMA 3 differs from GPT-2 in embedding (untied for tied), position (RoPE θ 500,000 for learned), norm "
        "(RMSNorm for LayerNorm), heads (GQA 32/8 for MHA 12), feed-forward (SwiGLU 3.5× for GELU (tanh) 4×) and "
        "biases (none for all).",
        "LLaMA 3 与 GPT-2 的不同：嵌入（不共享，后者为共享）；位置编码（RoPE θ 500,000，后者为可学习）；归一化（RMSNorm，"
        "后者为 LayerNorm）；注意力头（GQA 32/8，后者为 MHA 12）；前馈层（SwiGLU 3.5×，后者为 GELU（tanh） 4×）；"
        "偏置（无，后者为全部）。",
    )
    assert gpt.differences(gpt).en.startswith("GPT-2 and GPT-2 make the same choices")


@SYSTEMS
def test_it_can_be_compared_with_any_other(system: System) -> None:
    for other in catalogue().values():
        said = system.differences(other)
        assert "\n" not in said.en and said.en[-1] == "." and said.zh[-1] == "。"
        same = "make the same choices" in said.en
        assert same == ("make the same choices" in other.differences(system).en)
        assert same or (system.name in said.en and f"{system.name} 与 {other.name} 的不同" in said.zh)
