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
from models.spelling import change, written
from models.systems import System, systems
from models.systems.base import NOT_PUBLISHED, READINGS, catalogue, choices, register
from models.text import Refusal, Text
from models.transformer import Transformer
from playground import link

SYSTEMS = pytest.mark.parametrize("system", catalogue().values(), ids=catalogue())
BUILT = pytest.mark.parametrize("system", systems().values(), ids=systems())

LECTURE = """
original-transformer gpt-1 gpt-2 gpt-3 bert t5 t5-v1.1 gopher chinchilla gpt-j palm llama-1 llama-2 llama-3 mistral
qwen-1.5 gemma-1 gemma-2 nemotron-4 deepseek-llm dclm grok-1 vit-22b
"""
OTHERS = """
gpt-neox opt bloom mpt falcon phi-2 phi-3 stablelm starcoder starcoder-2 qwen-2.5 qwen-3 gemma-3 command-r command-a
olmo-1 olmo-2 olmo-3 smollm-3 granite-3 gpt-oss llama-4 mixtral deepseek-v2 deepseek-v3
"""
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
    wanted = [*LECTURE.split(), *OTHERS.split()]
    assert len(wanted) == 48 and set(catalogue()) == set(wanted)
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
        assert text.en and text.zh and len(text.en) <= 70 and not CHINESE.search(text.en), text


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
    assert {"shape", "heads", "norm", "position", "feed_forward", "placement"} <= set(system.facts)
    assert id not in systems()
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

# What `transformers` counts in the released weights, worked out without this repository.
PARAMETERS = {
    "gpt-1": 116_534_784,
    "gpt-2": 124_439_808,
    "gpt-j": 6_050_882_784,
    "gpt-neox": 20_554_567_680,
    "bloom": 176_247_271_424,
    "mpt": 6_649_286_656,
    "falcon": 6_921_720_704,
    "llama-1": 6_738_415_616,
    "llama-2": 6_738_415_616,
    "llama-3": 8_030_261_248,
    "mistral": 7_241_732_096,
    "gemma-1": 8_537_680_896,
    "gemma-2": 9_241_705_984,
    "qwen-1.5": 7_721_324_544,
    "qwen-2.5": 7_615_616_512,
    "qwen-3": 8_190_735_360,
    "phi-2": 2_779_683_840,
    "phi-3": 3_821_079_552,
    "stablelm": 2_795_443_200,
    "starcoder": 15_517_456_384,
    "starcoder-2": 3_030_371_328,
    "command-r": 34_980_831_232,
    "olmo-1": 6_888_095_744,
    "olmo-2": 7_298_617_344,
    "smollm-3": 3_075_098_624,
    "deepseek-llm": 6_910_365_696,
    "dclm": 6_889_672_704,
}

# The total that the paper states, and how closely: it rounds, and our reading may leave something out.
STATED = {
    "gpt-3": (174.6e9, 1e-4),  # Table D.1
    "gopher": (280e9, 2e-3),
    "chinchilla": (70e9, 2e-3),
    "palm": (540.35e9, 2e-5),  # Table 1
    "nemotron-4": (15.6e9, 2e-3),  # 3.1 B of embedding and 12.5 B
    "vit-22b": (21.743e9, 1e-3),  # Table 1; ours has a table of tokens and a head
}


@pytest.mark.parametrize(("name", "count"), PARAMETERS.items(), ids=PARAMETERS)
def test_the_published_size_has_the_released_number_of_parameters(name: str, count: int) -> None:
    assert parameters(systems()[name].full) == count


@pytest.mark.parametrize(("name", "stated"), STATED.items(), ids=STATED)
def test_the_published_size_has_about_the_stated_number_of_parameters(name: str, stated: tuple[float, float]) -> None:
    count, within = stated
    assert parameters(systems()[name].full) == pytest.approx(count, rel=within)


def test_gpt_2_xl_is_gpt_2_with_other_numbers() -> None:
    sizes = {"shape.layers": "48", "shape.width": "1600", "feed_forward.size": "6400"}
    large = change(systems()["gpt-2"].full, sizes | {"heads.query": "25", "heads.kv": "25"})
    assert parameters(large) == 1_557_611_200


def test_encoders_count_as_the_released_model_without_what_is_left_out() -> None:
    cross = 4 * 768**2 + 768  # of T5: its four matrices and its norm
    encoder = 12 * (4 * 768**2 + 2 * 768 * 3072 + 2 * 768) + 768 + 32 * 12
    assert parameters(systems()["t5"].full) == 222_903_552 - encoder - 12 * cross
    segments, before_head = 2 * 768, 768**2 + 768 + 2 * 768
    assert parameters(systems()["bert"].full) == 109_514_298 - segments - before_head
    layer = 4 * 4096**2 + 3 * 4096 * 10_240 + 2 * 4096  # of T5 v1.1 XXL
    both = 2 * (24 * layer + 4096 + 32 * 64) + 24 * (4 * 4096**2 + 4096) + 2 * 32_128 * 4096
    assert both == 11_135_332_352  # as released
    assert parameters(systems()["t5-v1.1"].full) == both - (24 * layer + 4096 + 32 * 64) - 24 * (4 * 4096**2 + 4096)


def test_grok_counts_as_released_with_eight_experts() -> None:
    grok = systems()["grok-1"].full
    seven_more, routers = 64 * 7 * 3 * 6144 * 32_768, 64 * 8 * 6144
    assert parameters(grok) + seven_more + routers == pytest.approx(314e9, rel=6e-3)


def test_the_original_base_model_counts_as_its_decoder_does_without_cross_attention() -> None:
    width, hidden, layers, vocabulary = 512, 2048, 6, 37_000
    layer = 4 * width**2 + 2 * width * hidden + hidden + width + 2 * 2 * width
    assert parameters(systems()["original-transformer"].full) == vocabulary * width + layers * layer


# What catalogues tend to get wrong; the evidence is in each system's citations. In the spelling of links.
TRAPS = {
    "original-transformer": {"placement": "post", "placement.final": "off", "bias.places": "feed_forward"},
    "gpt-1": {"placement": "post", "placement.final": "off", "position": "learned", "feed_forward": "gelu_tanh"},
    "gpt-2": {"placement": "pre", "feed_forward": "gelu_tanh", "bias.places": "all", "init.residual": "depth"},
    "bert": {"placement.embedding": "on", "placement.final": "off", "feed_forward": "gelu", "norm.eps": "1e-12"},
    "t5": {
        "norm": "rmsnorm",
        "feed_forward": "relu",
        "heads.scale": "1",
        "embedding.logit_scale": "inverse_sqrt_width",
    },
    "t5-v1.1": {"feed_forward": "geglu_tanh", "embedding.tied": "off", "embedding.logit_scale": "none"},
    "gopher": {"norm": "rmsnorm", "position": "transformer_xl", "feed_forward": "gelu_tanh"},
    "chinchilla": {"norm": "rmsnorm", "position": "transformer_xl", "feed_forward": "gelu_tanh"},
    "gpt-j": {"layout": "parallel", "bias.places": "feed_forward~head", "position.pairing": "interleaved"},
    "gpt-neox": {"layout": "parallel_two_norms", "feed_forward": "gelu", "position.fraction": "0.25"},
    "palm": {"norm": "layernorm", "norm.bias": "off", "layout": "parallel", "heads.kv": "1", "feed_forward": "swiglu"},
    "mistral": {"span": "window", "span.pattern": "all", "norm.eps": "1e-05"},
    "llama-1": {"norm.eps": "1e-06", "feed_forward.size": "11008"},
    "llama-2": {"norm.eps": "1e-05", "heads.kv": "32"},
    "llama-3": {"position.theta": "500000"},
    "gemma-1": {
        "placement": "pre",
        "norm.gain": "one_plus_w",
        "embedding.scale": "sqrt_width",
        "heads.head_dim": "256",
    },
    "gemma-2": {"placement": "double", "norm.gain": "one_plus_w", "qk_norm": "none", "span.pattern": "alternate"},
    "gemma-3": {"qk_norm": "per_head", "attention_cap.cap": "none", "position.local_theta": "10000"},
    "qwen-1.5": {"bias.places": "qkv"},
    "qwen-2.5": {"bias.places": "qkv"},
    "qwen-3": {"bias.places": "none", "qk_norm": "per_head"},
    "nemotron-4": {"norm": "layernorm", "norm.gain": "one_plus_w", "norm.bias": "on", "feed_forward": "relu2"},
    "dclm": {"norm": "layernorm", "norm.bias": "off", "qk_norm": "full_width", "qk_norm.kind": "layernorm"},
    "grok-1": {
        "placement": "double",
        "attention_cap.cap": "30",
        "output_cap.cap": "none",
        "feed_forward": "geglu_tanh",
    },
    "vit-22b": {"layout": "parallel", "bias.places": "feed_forward"},
    "falcon": {"layout": "parallel", "norm.bias": "on", "bias.places": "none", "heads.kv": "1", "feed_forward": "gelu"},
    "bloom": {"placement.embedding": "on", "position": "alibi", "feed_forward": "gelu_tanh"},
    "olmo-1": {"norm": "layernorm", "norm.gain": "none", "norm.bias": "off"},
    "olmo-2": {"placement": "residual_post", "qk_norm": "full_width", "norm": "rmsnorm"},
    "command-r": {"norm": "layernorm", "norm.bias": "off", "layout": "parallel", "position.pairing": "interleaved"},
    "granite-3": {"layout.residual": "0.22", "embedding.scale": "12"},
    "llama-4": {"span": "chunked", "qk_norm": "after_rope", "position.pairing": "interleaved"},
    "gpt-oss": {"sink": "learned", "feed_forward.offset": "1", "feed_forward.clamp": "7", "span.pattern": "alternate"},
}


@pytest.mark.parametrize(("name", "wanted"), TRAPS.items(), ids=TRAPS)
def test_traps(name: str, wanted: dict[str, str]) -> None:
    full = systems()[name].full
    for path, word in wanted.items():
        axis, _, field = path.partition(".")
        choice = getattr(full, axis)
        spelt = choice.spelt()
        assert (written(getattr(choice, field)) if field else spelt and spelt[0]) == word, path


def test_gemma_2_begins_with_a_local_layer() -> None:
    assert [systems()["gemma-2"].full.span.local(layer) for layer in range(4)] == [True, False, True, False]


def test_a_difference_is_one_sentence_in_the_words_of_the_table() -> None:
    llama, gpt = systems()["llama-3"], systems()["gpt-2"]
    assert llama.differences(gpt) == Text(
        "LLaMA 3 differs from GPT-2 in embedding (untied for tied), position (RoPE θ 500,000 for learned), norm "
        "(RMSNorm for LayerNorm), heads (GQA 32/8 for MHA 12), feed-forward (SwiGLU 3.5× for GELU (tanh) 4×) and "
        "biases (none for all).",
        "LLaMA 3 与 GPT-2 的不同：嵌入（不共享，后者为共享）；位置编码（RoPE θ 500,000，后者为可学习）；"
        "归一化（RMSNorm，后者为 LayerNorm）；注意力头（GQA 32/8，后者为 MHA 12）；"
        "前馈层（SwiGLU 3.5×，后者为 GELU（tanh）4×）；偏置（无，后者为全部）。",
    )
    assert gpt.differences(gpt).en.startswith("GPT-2 and GPT-2 make the same choices")


@SYSTEMS
def test_it_can_be_compared_with_any_other(system: System) -> None:
    """With a few: the plainest one, one of the table only, and the next in the list."""
    every = list(catalogue())
    for id in ("gpt-2", "deepseek-v3", every[(every.index(system.id) + 1) % len(every)]):
        other = catalogue()[id]
        said = system.differences(other)
        assert "\n" not in said.en and said.en[-1] == "." and said.zh[-1] == "。"
        same = "make the same choices" in said.en
        assert same == ("make the same choices" in other.differences(system).en) and same >= (system == other)
        assert same or (system.name in said.en and f"{system.name} 与 {other.name} 的不同" in said.zh)
