"""The systems tab, the corrections, configurations read and saved: over every system, entry and model type."""

import json
import re
from typing import Any

import pytest

from models.architecture import Architecture
from models.cost import cost
from models.hugging_face import model_types
from models.spelling import change
from models.systems.base import NOT_PUBLISHED, catalogue, choices, systems
from models.text import Refusal
from playground import link
from playground.ui.configuration import LIMIT, read, write
from playground.ui.controls import ROWS
from playground.ui.corrections import RECIPE, corrections, sections
from playground.ui.registry import respond
from playground.ui.systems import UNGROUPED, columns, rows

Json = dict[str, Any]
ROW = {row["id"]: row for row in rows()}
COLUMNS = [column["name"] for column in columns()]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENTRIES = {entry.id: (axis, entry) for axis, entries in corrections().items() for entry in entries}


def ask(name: str, **given: Any) -> Json:
    return respond(None, {"name": name, "given": given})  # type: ignore[arg-type]  # none of these needs the service


def groups(system: str, column: str) -> set[str]:
    return {group["word"] for group in ROW[system]["cells"][column]["groups"]}


def test_every_system_has_a_row_and_every_row_of_the_page_a_column() -> None:
    assert {*ROW} == {*catalogue()} and {row.name for row in ROWS} <= {*COLUMNS}
    years = [row["year"] for row in ROW.values()]
    assert years == sorted(years)


@pytest.mark.parametrize("system", catalogue())
def test_every_cell_says_what_the_catalogue_says_and_where_from(system: str) -> None:
    said = choices(catalogue()[system])
    for column in COLUMNS:
        cell = ROW[system]["cells"][column]
        assert cell["shown"] and {part["source"] and part["source"]["en"] for part in cell["shown"]} <= {
            part["source"] and part["source"]["en"] for part in cell["parts"]
        }
        assert {part["text"]["en"] for part in cell["parts"]} <= {text.en for text in said.values()}
        assert bool(cell["groups"]) == (column not in UNGROUPED)
        for part in cell["parts"]:
            assert part["source"] or part["unknown"] or "memory" in part["marks"], (column, part)
            assert part["text"]["zh"] and part["title"]["zh"]


def test_what_shares_a_cell_says_which_it_is() -> None:
    def shown(system: str) -> list[str]:
        return [part["text"]["en"] for part in ROW[system]["cells"]["stability"]["shown"]]

    assert shown("palm") == ["z-loss 1e-4"]
    assert [text for text in shown("gemma-2") if "cap" in text] == ["Attention soft-cap 50", "Output soft-cap 30"]


def test_a_section_stands_with_its_paper() -> None:
    source = ROW["mistral"]["cells"]["heads"]["parts"][0]["source"]["en"]
    assert source.startswith("Jiang et al. 2023, arXiv:2310.06825, §2")


# Read from the papers and released configurations, not from our catalogue.
KNOWN = [
    ("original-transformer", "placement", {"post"}),
    ("gpt-2", "norm", {"layernorm"}),
    ("gpt-2", "position", {"learned"}),
    ("gpt-2", "feed_forward", {"gelu"}),
    ("gpt-2", "heads", {"mha"}),
    ("gpt-2", "embedding", {"tied"}),
    ("palm", "heads", {"mqa"}),
    ("palm", "layout", {"parallel"}),
    ("palm", "stability", {"z_loss"}),
    ("mistral", "span", {"window"}),
    ("llama-3", "heads", {"gqa"}),
    ("llama-3", "feed_forward", {"swiglu"}),
    ("llama-3", "stability", {"none"}),
    ("gemma-2", "feed_forward", {"geglu"}),
    ("gemma-2", "stability", {"attention_cap", "output_cap"}),
    ("gemma-2", "placement", {"double"}),
    ("mixtral", "feed_forward", {"swiglu"}),
    ("mixtral", "heads", {"gqa"}),
    ("deepseek-v3", "heads", {"mla"}),
    ("deepseek-v3", "norm", {"rmsnorm"}),
    ("gpt-3", "span", {"other"}),
    ("grok-1", "feed_forward", {"geglu"}),
    ("vit-22b", "stability", {"qk_norm"}),
]


@pytest.mark.parametrize(("system", "column", "words"), KNOWN)
def test_systems_are_grouped_by_what_they_chose(system: str, column: str, words: set[str]) -> None:
    assert groups(system, column) == words


def test_what_nobody_published_is_a_group_of_its_own() -> None:
    for id, system in catalogue().items():
        said = choices(system)
        for row in ROWS:
            silent = all(said[axis] == NOT_PUBLISHED for axis in row.axes)
            if row.name not in UNGROUPED:
                assert ("unpublished" in groups(id, row.name)) == silent, (id, row.name)


@pytest.mark.parametrize("system", catalogue())
def test_what_has_a_model_has_its_sizes_and_what_has_none_a_reason(system: str) -> None:
    row, published = ROW[system], catalogue()[system]
    if published.reading == "table_only":
        assert row["parameters"] is row["twin_parameters"] is None and row["left_out"]["zh"]
    else:
        assert row["parameters"] == cost(published.full).parameters > row["twin_parameters"]


def test_two_systems_differ_in_a_sentence() -> None:
    said = ask("difference", one="gpt-2", other="llama-3")["sentence"]
    assert "LayerNorm for RMSNorm" in said["en"] and CHINESE.search(said["zh"])
    assert "difference" not in ask("difference", one="gpt-2", other="gpt-2")["sentence"]["en"]


@pytest.mark.parametrize("pair", [("gpt-2", "no"), (None, "gpt-2"), (["gpt-2"], {}), ("", "")])
def test_no_pair_of_systems_gets_a_sentence_too(pair: tuple[object, object]) -> None:
    assert "Reload" in ask("difference", one=pair[0], other=pair[1])["refusal"]["text"]["en"]


def test_corrections_stand_under_axes_and_have_one_address_each() -> None:
    assert {*corrections()} <= {*Architecture.axes(), RECIPE}
    assert len(ENTRIES) == sum(len(entries) for entries in corrections().values()) >= 30
    assert [section["axis"] for section in sections()][-1] == RECIPE


@pytest.mark.parametrize("id", ENTRIES)
def test_a_correction_is_said_in_both_languages_with_its_source(id: str) -> None:
    _, entry = ENTRIES[id]
    for text in (entry.claim, entry.holds):
        assert {*text} == {"en", "zh"}
        assert CHINESE.search(text["zh"]) and not CHINESE.search(text["en"])
        assert text["en"].endswith((".", "…")) and text["zh"].endswith(("。", "…"))
    assert all(source if isinstance(source, str) else {*source} == {"en", "zh"} for source in entry.sources)


@pytest.mark.parametrize("id", ENTRIES)
def test_what_can_be_tried_reads_without_a_note_and_differs(id: str) -> None:
    _, entry = ENTRIES[id]
    if entry.query is None:
        return
    experiment, notes = link.read(entry.query)
    assert notes == [] and len(experiment.variants) > 1
    assert len({link.spell(variant) for variant in experiment.variants}) == len(experiment.variants)
    assert all(cost(variant.architecture).parameters for variant in experiment.variants)


def test_nobody_is_named_in_the_corrections() -> None:
    text = json.dumps(sections(), ensure_ascii=False).lower()
    assert not re.search(r"cs336|stanford|lecture|slide|notes \d|课件|讲义", text)


LLAMA_3 = {
    "model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-5,
    "rope_theta": 500000.0, "max_position_embeddings": 8192, "tie_word_embeddings": False, "hidden_act": "silu",
}  # fmt: skip


@pytest.mark.parametrize(
    ("config", "system", "parameters"),
    [(LLAMA_3, "llama-3", 8_030_261_248), ({"model_type": "gpt2"}, "gpt-2", 124_439_808)],
)
def test_a_config_becomes_the_tiny_twin_of_its_system(config: Json, system: str, parameters: int) -> None:
    said = ask("configuration", content=json.dumps(config))
    assert (said["system"], said["changes"], said["parameters"]) == (system, {}, parameters)


@pytest.mark.parametrize("model_type", model_types())
def test_every_model_type_can_be_put_into_a_variant(model_type: str) -> None:
    """The type's defaults; where those are more than ours, the refusal names the field."""
    said = ask("configuration", content=json.dumps({"model_type": model_type}))
    if "refusal" in said:
        assert said["refusal"]["fields"] and CHINESE.search(said["refusal"]["text"]["zh"])
        return
    brought = change(systems()[said["system"]].twin, said["changes"])
    assert brought == read(json.dumps({"model_type": model_type})).architecture
    described = ask("describe", variants=[{"system": said["system"], "changes": said["changes"]}])["variants"][0]
    assert described["refusals"] == [] and described["changes"] == said["changes"]


def test_what_the_twin_rounded_is_said() -> None:
    said = ask("configuration", content=json.dumps(LLAMA_3 | {"intermediate_size": 14337, "num_attention_heads": 24}))
    assert said["rounded"] and all(CHINESE.search(text["zh"]) for text in said["rounded"])


NO_CONFIGS = [
    ("", "Nothing was pasted"), ("  \n", "Nothing was pasted"), ("{'model_type': 'llama'}", "line 1, column 2"),
    ("model_type: llama", "not JSON"), ('{"model_type": "llama",', "not JSON"), ("[" * 40_000, "nested"),
    ("[]", "an object"), ("7", "an object"), ('"llama"', "an object"), ("null", "an object"), ("{}", "model_type"),
    ('{"hidden_size": NaN}', "NaN"), ('{"hidden_size": ' + "9" * 5000 + "}", "no number"),
    ('{"model_type": "lama"}', "llama"), ('{"model_type": 3}', "model_type"), ('{"model_type": "mixtral"}', "mixtral"),
    ('{"model_type": "' + "x" * LIMIT + '"}', "bytes"),
    ('{"model_type": "llama", "hidden_act": "mish"}', "mish"),
    ('{"model_type": "llama", "hidden_size": "wide"}', "wide"),
    ('{"format": "architecture-playground/architecture/9", "architecture": {}}', "architecture/9"),
    ('{"format": "architecture-playground/architecture/1", "architecture": []}', "an object"),
    ('{"format": "architecture-playground/architecture/1", "architecture": {"norm": 7}}', "norm"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "word"), NO_CONFIGS, ids=[word for _, word in NO_CONFIGS])
def test_what_is_no_config_is_refused_in_a_sentence(content: str, word: str) -> None:
    said = ask("configuration", content=content)["refusal"]["text"]
    assert word in said["en"] and CHINESE.search(said["zh"])


@pytest.mark.parametrize("content", [None, 7, ["{}"], {"model_type": "llama"}])
def test_what_is_no_text_is_no_config(content: object) -> None:
    assert "Reload" in ask("configuration", content=content)["refusal"]["text"]["en"]


def test_a_config_without_a_twin_says_so() -> None:
    """Of heads of 20 six entries turn, which of the twin's heads of 32 would be no whole number of pairs."""
    odd = {"model_type": "gpt_neox", "num_attention_heads": 3, "hidden_size": 60, "rotary_pct": 0.3}
    said = ask("configuration", content=json.dumps(odd))["refusal"]
    assert "tiny twin" in said["text"]["en"] and "position.fraction" in said["fields"]


NONSENSE = (None, True, -1, 0, 2.5, 10**30, "many", [], [1], {}, {"rope_type": "no"}, [[1]])


@pytest.mark.parametrize("key", [*LLAMA_3, "rope_parameters", "layer_types", "sliding_window", "head_dim"])
def test_no_value_of_a_config_breaks_anything(key: str) -> None:
    for value in NONSENSE:
        try:
            assert read(json.dumps(LLAMA_3 | {key: value})).system
        except Refusal as refusal:
            assert refusal.text.zh


@pytest.mark.parametrize("system", systems())
def test_a_saved_architecture_reads_back_as_it_was(system: str) -> None:
    saved = ask("configuration_file", variants=[{"system": system, "changes": {"shape.layers": "8"}}])
    again = read(saved["content"])
    assert again.architecture == change(systems()[system].twin, {"shape.layers": "8"})
    assert read(write(again.architecture)).architecture == again.architecture and again.full is None


def test_what_transformers_can_hold_is_saved_for_it_and_nothing_else() -> None:
    def saved(**variant: Any) -> Json:
        return ask("configuration_file", variants=[variant], form="theirs")

    config = json.loads(saved(system="gpt-2", changes={"shape.layers": "6"})["content"])
    assert (config["model_type"], config["n_layer"], config["n_embd"], config["n_head"]) == ("gpt2", 6, 128, 4)
    refused = saved(system="gpt-2", changes={"position": "alibi"})["refusal"]
    assert (
        "position" in refused["fields"] and "alibi" in refused["text"]["en"] and CHINESE.search(refused["text"]["zh"])
    )
    assert saved(system="gpt-2", changes={"heads.kv": "3"})["refusal"]["fields"] == ["heads.query", "heads.kv"]
