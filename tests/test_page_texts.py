"""The page's catalogue: every text in every language, every key that is used exists, and every key is used."""

import json
import re
from pathlib import Path

import pytest
from source import ROOT, files

from playground.ui.catalogue import LANGUAGES, catalogues, sentence

SCRIPTS = files(".js", under=("assets",))
CODE = files(".py", under=("playground/ui",))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# t("key"), sentence("key"); t(`prefix_${x}`) stands for every key that begins so.
KEY = re.compile(r"""\b(?:t|sentence)\(\s*(?:[^"'`()]*\?\s*)?["']([a-z_0-9]+)["'](?:\s*:\s*["']([a-z_0-9]+)["'])?""")
SWITCHES = ("x_axis", "which_curves", "measured_quantity", "measured_by")  # labels whose words are asked for
BEGINNING = re.compile(r"""\b(?:t|sentence)\(\s*f?[`"']([a-z_]*)(?:\$\{|\{)""")


def words(path: Path) -> set[str]:
    """Every word between quotes in a file."""
    return set(re.findall(r"""["'`]([a-z_0-9]+)["'`]""", path.read_text("utf-8")))


def test_there_is_something_to_look_at() -> None:
    assert len(SCRIPTS) > 10 and len(catalogues()["en"]) > 50


def test_every_key_has_every_language() -> None:
    keys = [set(catalogues()[language]) for language in LANGUAGES]
    assert not keys[0] ^ keys[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_and_no_key_stands_twice(language: str) -> None:
    pairs = json.loads((ROOT / "assets" / "text" / f"{language}.json").read_text("utf-8"), object_pairs_hook=list)
    assert len({key for key, _ in pairs}) == len(pairs)
    assert all(text.strip() for _, text in pairs)


def test_both_languages_fill_in_the_same_values() -> None:
    en, zh = (catalogues()[language] for language in LANGUAGES)
    placeholders = re.compile(r"\{(\w+)(?::[^{}]+\|[^{}]+)?\}")
    assert {key for key in en if set(placeholders.findall(en[key])) != set(placeholders.findall(zh[key]))} == set()
    half = re.compile(r"(?<!\{)\{(?!\{)")
    assert not {key for key in en if half.search(placeholders.sub("", en[key] + zh[key]))}


def test_chinese_is_chinese_and_english_is_not() -> None:
    en, zh = (catalogues()[language] for language in LANGUAGES)
    # Names and units are the same in both.
    same = {key for key in zh if not CHINESE.search(zh[key]) and not key.startswith("word_")}
    names = re.compile(r"\{\w+\}|tokens?|FLOPs|log", re.ASCII)
    assert {key for key in same if re.search(r"[a-z]{4}", names.sub("", zh[key]))} == set()
    assert not {key for key in en if CHINESE.search(en[key])}


@pytest.mark.parametrize("path", SCRIPTS + CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_key_that_is_used_exists(path: Path) -> None:
    source = path.read_text("utf-8")
    used = {key for found in KEY.findall(source) for key in found if key}
    assert used - set(catalogues()["en"]) == set()
    for beginning in BEGINNING.findall(source):
        assert beginning == "" or any(key.startswith(beginning) for key in catalogues()["en"]), beginning


def test_every_key_is_used() -> None:
    mentioned = set[str]().union(*(words(path) for path in SCRIPTS + CODE))
    beginnings = {found for path in SCRIPTS + CODE for found in BEGINNING.findall(path.read_text("utf-8")) if found}
    # one("x", words, "x_axis") asks for x_axis_tokens, x_axis_step …
    labels = {f"{word}_" for word in mentioned if word in SWITCHES} | {"word_"}
    unused = {
        key
        for key in catalogues()["en"]
        if key not in mentioned and not any(key.startswith(beginning) for beginning in beginnings | labels)
    }
    assert unused == set()


def test_a_missing_key_would_be_found() -> None:
    assert KEY.findall('t("no_such_key")') == [("no_such_key", "")]
    assert KEY.findall('t(results ? "one" : "two")') == [("one", "two")]
    assert BEGINNING.findall("t(`run_${state}`)") == ["run_"]


def test_values_are_filled_in_in_both_languages() -> None:
    said = sentence("queued_at", place=3)
    assert "3" in said.en and "3" in said.zh and "{" not in said.en + said.zh


def test_one_is_not_counted_as_many() -> None:
    assert sentence("cpu", cores=1).en.endswith("1 core") and sentence("cpu", cores=2).en.endswith("2 cores")
    assert "1" in sentence("cpu", cores=1).zh
