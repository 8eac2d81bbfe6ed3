"""The block diagram: well-formed, in both languages, and different wherever the architecture is."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path as File

import pytest
from playwright.sync_api import Browser
from variants import variants

from models.architecture import Architecture
from models.norm.layernorm import LayerNorm
from models.spelling import Path, change, paths, written
from models.systems import systems
from models.text import Refusal
from playground.diagram import render
from playground.diagram.mask import CELLS, masks
from playground.source import source

SVG = "{http://www.w3.org/2000/svg}"
AXES = [name for name, axis in Architecture.axes().items() if axis.options()]


def texts(picture: str) -> list[str]:
    """The words written in the picture, without its title and what boxes say when pointed at."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def groups(picture: str, name: str) -> list[ElementTree.Element]:
    """The groups that have the class `name`."""
    return [g for g in ElementTree.fromstring(picture).iter(f"{SVG}g") if name in g.get("class", "").split()]


def drawn(picture: str) -> str:
    """The picture without its words for those who do not see it."""
    root = ElementTree.fromstring(picture)
    for parent in list(root.iter()):
        for title in parent.findall(f"{SVG}title"):
            parent.remove(title)
    del root.attrib["aria-label"]
    return ElementTree.tostring(root, encoding="unicode")


def one_option_each() -> Iterator[tuple[str, str, Architecture]]:
    """Every word of every axis that has options, chosen in an otherwise plain architecture."""
    for axis in AXES:
        for word in {**Architecture.axes()[axis].options(), **Architecture.axes()[axis].words()}:
            yield axis, word, change(Architecture(), {axis: word})


EVERY = list(one_option_each())
IDS = [f"{axis}={word}" for axis, word, _ in EVERY]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("axis", "word", "architecture"), EVERY, ids=IDS)
def test_every_option_gives_a_well_formed_picture(
    axis: str, word: str, architecture: Architecture, language: str
) -> None:
    root = ElementTree.fromstring(render(architecture, language=language))
    assert root.tag == f"{SVG}svg" and root.get("role") == "img" and root.get("width") == "240"
    said = root.findtext(f"{SVG}title") or ""
    assert said and said == root.get("aria-label")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said) == (language == "zh")


@pytest.mark.parametrize("axis", AXES)
def test_two_options_are_drawn_differently(axis: str) -> None:
    """Whichever two options differ, the pictures do, in what is drawn and not only in what is said about it."""
    pictures = {
        option: drawn(render(change(Architecture(), {axis: option}))) for option in Architecture.axes()[axis].options()
    }
    alike = [pair for pair in combinations(pictures, 2) if pictures[pair[0]] == pictures[pair[1]]]
    assert not alike


def test_activations_are_drawn_differently() -> None:
    words = Architecture.axes()["feed_forward"].words()
    pictures = {drawn(render(change(Architecture(), {"feed_forward": word}))) for word in words}
    assert len(pictures) == len(words)


def two_values(path: Path) -> tuple[str, str]:
    """Two values that a field may take."""
    if path.kind == "switch":
        return "on", "off"
    if path.choices:
        return path.choices[0], path.choices[1]
    if path.optional:
        return "none", "8" if (path.maximum or 8) >= 8 else written(path.maximum)
    return path.default, str(int(path.default) * 2)


PAGE = [path for path in paths() if path.panel == "page"]


@pytest.mark.parametrize("path", PAGE, ids=[path.name for path in PAGE])
def test_every_parameter_on_the_page_is_drawn(path: Path) -> None:
    base = change(
        Architecture(), {"heads.query": "8", "heads.kv": "4"} | ({path.axis: path.option} if path.option else {})
    )
    first, second = two_values(path)
    pictures = {drawn(render(change(base, {path.name: value}))) for value in (first, second)}
    assert len(pictures) == 2, f"{path.name} = {first} and {second} look the same"


DETAILS: list[tuple[dict[str, str], dict[str, str]]] = [
    ({}, {"norm.bias": "off"}),
    ({}, {"norm.gain": "one_plus_w"}),
    ({}, {"placement.final": "off"}),
    ({}, {"placement.embedding": "on"}),
    ({}, {"layout.attention": "off"}),
    ({}, {"layout.feed_forward": "off"}),
    ({}, {"layout.residual": "0.22"}),
    ({"position": "rope"}, {"position.theta": "500000"}),
    ({"position": "rope"}, {"position.fraction": "0.25"}),
    ({"position": "rope"}, {"position.pairing": "interleaved"}),
    ({}, {"heads.scale": "1"}),
    ({}, {"embedding.tied": "off"}),
    ({}, {"embedding.scale": "sqrt_width"}),
    ({"embedding.scale": "sqrt_width"}, {"embedding.scale": "12"}),
    ({}, {"embedding.logit_scale": "inverse_sqrt_width"}),
    ({}, {"feed_forward.ratio": "3"}),
    ({}, {"dropout": "0.1"}),
    ({"dropout": "0.1"}, {"dropout.place": "residual"}),
    ({}, {"bias": "qkv"}),
    ({"bias": "qkv"}, {"bias": "attention_out"}),
    ({"bias": "qkv"}, {"bias": "feed_forward"}),
    ({"bias": "qkv"}, {"bias": "qkv~head"}),
    ({"init": "normal"}, {"init.std": "0.1"}),
    ({}, {"init.residual": "depth"}),
    ({"qk_norm": "per_head"}, {"qk_norm.kind": "layernorm"}),
    ({"qk_norm": "per_head", "qk_norm.kind": "layernorm"}, {"qk_norm.bias": "on"}),
    ({"qk_norm": "after_rope"}, {"qk_norm.gain": "w"}),
    ({}, {"heads.clip": "8"}),
    ({}, {"heads.scale_by_layer": "on"}),
    ({}, {"layout.normed_residual": "on"}),
    ({"layout": "parallel"}, {"layout.normed_residual": "on"}),
    ({}, {"embedding.size": "64"}),
    ({"feed_forward": "gated"}, {"feed_forward.clamp": "7"}),
    ({"feed_forward": "gated"}, {"feed_forward.offset": "1"}),
    ({"span": "window"}, {"span.pattern": "alternate"}),
]


@pytest.mark.parametrize(("base", "detail"), DETAILS, ids=[",".join(detail) for _, detail in DETAILS])
def test_details_that_a_reader_would_miss_are_drawn(base: dict[str, str], detail: dict[str, str]) -> None:
    architecture = change(Architecture(), base)
    assert drawn(render(architecture)) != drawn(render(change(architecture, detail)))


def test_what_the_picture_does_not_tell_apart_the_code_does_not_either() -> None:
    """Over every single change of every path: a choice that changes the model changes the picture."""
    alike: dict[str, dict[str, str]] = {}
    for spelt, architecture in variants().items():
        code = source(architecture, "").partition('"""\n\n')[2]
        alike.setdefault(drawn(render(architecture)), {}).setdefault(code, spelt)
    assert not [list(codes.values()) for codes in alike.values() if len(codes) > 1]


def test_a_part_says_its_formula_and_where_that_comes_from() -> None:
    hints = [title.text or "" for title in ElementTree.fromstring(render(Architecture())).iter(f"{SVG}title")]
    assert any(hint.split("\n")[1:] == [LayerNorm.formula, LayerNorm.citation] for hint in hints)


@pytest.mark.parametrize(("axis", "word", "architecture"), EVERY, ids=IDS)
def test_what_differs_is_marked(axis: str, word: str, architecture: Architecture) -> None:
    assert not groups(render(architecture), "marked")
    marked = groups(render(architecture, frozenset({axis})), "marked")
    assert bool(marked) == (axis == "layout" or shows_something(architecture, axis)), f"{axis}={word}"


def shows_something(architecture: Architecture, axis: str) -> bool:
    """Does any option say that it shows this axis?"""
    marks = [mark for _, choice in architecture.choices() for mark in choice.draw(architecture)]
    return any(name.partition(".")[0] == axis for mark in marks for name in mark.axes)


def test_a_path_marks_its_own_part_and_an_axis_all_of_it() -> None:
    architecture = change(Architecture(), {"embedding.scale": "sqrt_width"})

    def words(*marked: str) -> str:
        return " ".join("".join(g.itertext()) for g in groups(render(architecture, frozenset(marked)), "marked"))

    assert "√d" in words("embedding.scale") and "tied" not in words("embedding.scale")
    assert "√d" in words("embedding") and "tied" in words("embedding")
    assert "× 4 layers" in words("shape.layers") and "128" not in words("shape.layers").replace("× 4 layers", "")
    assert "LayerNorm" in words("placement") and "LayerNorm" in words("norm.eps")


def test_norms_stand_where_they_act() -> None:
    def kinds(**changes: str) -> list[str]:
        order = {"LayerNorm": "N", "out": "A", "down 512 → 128": "F", "+": "+", "logits · tied embedding": "L"}
        return [order[text] for text in texts(render(change(Architecture(), changes))) if text in order]

    assert "".join(kinds(placement="pre")) == "NA+NF+NL"
    assert "".join(kinds(placement="post")) == "A+NF+NL"
    assert "".join(kinds(placement="double")) == "NAN+NFN+NL"
    assert "".join(kinds(placement="residual_post")) == "AN+FN+NL"
    assert "".join(kinds(layout="parallel")).count("N") == 2 and "".join(kinds(layout="parallel")).count("+") == 1
    assert "".join(kinds(layout="parallel_two_norms")).count("N") == 3
    assert "".join(kinds(**{"layout.normed_residual": "on"})) == "NA+NF+NL"
    assert "".join(kinds(layout="parallel", **{"layout.normed_residual": "on"})).count("N") == 2


def test_heads_and_what_they_share_are_drawn() -> None:
    def cells(query: int, kv: int) -> tuple[int, int]:
        picture = render(
            change(Architecture(), {"heads.query": str(query), "heads.kv": str(kv), "heads.head_dim": "16"})
        )
        box = next(g for g in groups(picture, "d-box") if "q" in [text.text for text in g.findall(f"{SVG}text")])
        rects = [rect.get("class") for rect in box.findall(f"{SVG}rect")]
        return rects.count("d-query"), rects.count("d-shared")

    assert cells(4, 4) == (4, 8)  # a row of keys and one of values
    assert cells(8, 2) == (8, 4)
    assert cells(8, 1) == (8, 2)
    assert cells(12, 4) == (6, 4)  # two whole groups of three, then dots
    assert cells(48, 1) == (8, 2)


def test_the_mask_is_the_spans_own() -> None:
    (cells, layers), *others = masks(Architecture())
    assert not others and layers == (0, 1, 2, 3)
    assert all(seen == (column <= row) for row, line in enumerate(cells) for column, seen in enumerate(line))
    gemma = masks(systems()["gemma-2"].twin)
    assert [which for _, which in gemma] == [(0, 2), (1, 3)]
    band = CELLS // 2  # a window of 32 in a context of 64
    expected = tuple(tuple(row - band < column <= row for column in range(CELLS)) for row in range(CELLS))
    assert gemma[0][0] == expected


def test_left_out_sublayers_are_seen_to_be_absent() -> None:
    picture = render(change(Architecture(), {"layout.attention": "off"}), frozenset({"layout.attention"}))
    assert "no attention" in texts(picture) and "softmax · v" not in texts(picture)
    assert ["".join(g.itertext()) for g in groups(picture, "d-ghost") if "marked" in g.get("class", "")]


def test_text_is_escaped_and_the_language_checked() -> None:
    assert "−" in render(change(Architecture(), {"position": "alibi"}))
    with pytest.raises(ValueError, match="'de'"):
        render(Architecture(), language="de")


def test_the_diagram_names_no_option() -> None:
    """A new option is drawn without an edit here: the package mentions none by its slug."""
    slugs = {slug for axis in AXES for slug in Architecture.axes()[axis].options()} - {
        "none",
        "full",
        "window",
        "normal",
    }
    folder = File(__file__).parent.parent / "playground" / "diagram"
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [slug for slug in slugs if f'"{slug}"' in text], path.name


OVERFLOWING = """() => [...document.querySelectorAll("svg.diagram g")].flatMap(group => {
  const shape = group.querySelector(":scope > .d-shape"), found = []
  if (!shape || group.classList.contains("d-pill")) return found
  const box = shape.getBBox()
  for (const text of group.querySelectorAll(":scope > text")) {
    const words = text.getBBox(), size = parseFloat(text.getAttribute("font-size"))
    const inside = words.x >= box.x - 1 && words.x + words.width <= box.x + box.width + 1
    if (!inside || size < 7) found.push([text.textContent, size])
  }
  return found
})"""


@pytest.mark.browser
def test_words_stay_inside_their_boxes(browser: Browser) -> None:
    """All twins, and the most crowded combinations, in both languages."""
    crowded = {"layout": "parallel", "placement": "double", "position": "alibi", "qk_norm": "per_head", "bias": "all"}
    windows = {"span": "window", "span.pattern": "alternate", "attention_cap": "50", "dropout": "0.1"}
    architectures = [*(system.twin for system in systems().values()), *(architecture for _, _, architecture in EVERY)]
    bounded = {"heads.clip": "8", "heads.scale_by_layer": "on", "feed_forward": "swiglu", "feed_forward.clamp": "7"}
    gains = {"qk_norm": "per_head_weights", "qk_norm.kind": "layernorm", "qk_norm.gain": "one_plus_w"}
    wide = {"qk_norm": "full_width", "qk_norm.kind": "layernorm", "embedding.size": "64", "feed_forward.offset": "1"}
    part = {"position": "rope", "position.fraction": "0.25"}
    wirings = [{}, windows, part, {**bounded, **gains}, {**bounded, **wide}]
    for wiring in ({}, *({**crowded, **more} for more in wirings)):
        architectures.append(change(systems()["gpt-2"].twin, {"heads.query": "16", "heads.kv": "2", **wiring}))
    pictures = [render(architecture, language=language) for architecture in architectures for language in ("en", "zh")]
    page = browser.new_page()
    page.set_content("<meta charset=utf-8>" + "".join(pictures))
    assert page.evaluate(OVERFLOWING) == []
    page.close()


def test_published_sizes_are_drawn_too() -> None:
    for system in systems().values():
        picture = render(system.full)
        assert f"× {system.full.shape.layers} layers" in texts(picture)


def test_unbuildable_is_not_drawn() -> None:
    with pytest.raises(Refusal):
        render(change(Architecture(), {"heads.kv": written(3)}))
