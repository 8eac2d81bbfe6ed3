"""Choosing a span: how kinds and unions are spelt, what is refused, what a tiny twin makes of the lengths."""

import itertools
import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.architecture import Architecture
from models.span.base import Span
from models.span.local import Local
from models.spelling import change, differences
from models.text import Refusal
from models.twin import CONTEXT, MULTIPLE, twin
from playground import link

KINDS = list(Local.options())
WORDS = [*KINDS, *("~".join(pair) for pair in itertools.combinations(KINDS, 2)), "~".join(KINDS)]
PARAMETERS = ("window", "stride", "chunk", "globals")


def fields_of(word: str) -> set[str]:
    """The parameters that a kind or union has."""
    option = Span.named(word)
    assert option is not None
    return {*option.model_fields}


@pytest.mark.parametrize("word", WORDS)
def test_it_is_spelt_and_read_again(word: str) -> None:
    chosen = {f"span.{name}": "3" for name in PARAMETERS if name in fields_of(word)}
    built = change(Architecture(), {"span": word, "span.pattern": "xoo"} | chosen)
    found = differences(built, Architecture())
    assert found == {"span": word, "span.pattern": "xoo"} | chosen and change(Architecture(), found) == built
    read, notes = link.read("a=gpt-2," + ",".join(f"{path}={text}" for path, text in found.items()))
    assert notes == [] and read.variants[0].architecture.span == built.span and word in link.write(read)
    assert Architecture.model_validate_json(built.model_dump_json()) == built
    assert hash(Architecture.model_validate(json.loads(built.model_dump_json()))) == hash(built)


def test_the_order_of_the_words_does_not_matter() -> None:
    plain = Architecture()
    for kinds in (("window", "strided"), ("global_tokens", "chunked", "dilated")):
        named = [change(plain, {"span": "~".join(order)}) for order in itertools.permutations(kinds)]
        assert len(set(named)) == 1 and len({type(built.span) for built in named}) == 1
        turned = {"option": "~".join(reversed(named[0].span.slug.split("~")))}
        assert Architecture.model_validate({"span": turned}) == named[0]
    assert change(plain, {"span": "strided~window"}).span.slug == "window~strided"


def test_a_union_has_the_parameters_of_its_kinds_and_shares_those_of_one_name() -> None:
    span = change(Architecture(), {"span": "strided~dilated~window", "span.stride": "2"}).span
    assert span.model_dump() == {"option": "window~strided~dilated", "pattern": "all", "window": 8, "stride": 2}
    with pytest.raises(Refusal, match="span.globals belongs to span=global_tokens, but"):
        change(Architecture(), {"span": "window~strided", "span.globals": "3"})


def test_unions_are_made_once_and_listed_never() -> None:
    listed = list(Span.options())
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: Span.named("chunked~strided~window"), range(64)))
    assert len(set(made)) == 1 and made[0] is not None
    assert list(Span.options()) == listed == ["full", *KINDS]


def test_unions_that_were_published_are_offered() -> None:
    assert [word for word in Span.words() if "~" in word] == ["window~strided", "window~global_tokens"]
    for word, who in {"window~strided": "Sparse Transformer", "window~global_tokens": "Longformer"}.items():
        option = Span.named(word)
        assert option is not None and all(who in sentence for sentence in option.help)
        assert option.title == Span.words()[word] and " + " in option.title.en
        assert all(Span.options()[kind].formula in option.formula for kind in word.split("~"))


REFUSED = {
    "window~globl_tokens": "Did you mean 'global_tokens'?",
    "windw~strided": "Did you mean 'window'?",
    "window~quadratic": "there are window, strided",
    "window~full": "full sees everything already",
    "full~global_tokens": "full sees everything already",
    "window~window": "join two or more",
    "strided~window~strided": "join two or more",
    "window~": "join two or more",
    "~": "join two or more",
    "window+strided": "Did you mean 'span=window~strided'?",
    "windows": "Did you mean 'span=window'?",
    "window~" + "x" * 5000: "there are window, strided",
}


@pytest.mark.parametrize("word", REFUSED, ids=[word[:30] for word in REFUSED])
def test_what_is_no_union_is_refused_with_what_was_meant(word: str) -> None:
    for make in (
        lambda: change(Architecture(), {"span": word}),
        lambda: change(change(Architecture(), {"span": "chunked"}), {"span": word, "span.pattern": "all"}),
    ):
        with pytest.raises(Refusal) as caught:
            make()
        assert REFUSED[word] in caught.value.text.en and caught.value.fields == ("span",)
        assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.text.zh)
        assert all(len(sentence) < 300 for sentence in caught.value.text)
    if "~" in word:
        with pytest.raises(ValueError):
            Architecture.model_validate({"span": {"option": word}})


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"span": "window", "span.window": "65"}, {"span.window"}),
        ({"span": "strided", "span.stride": "65"}, {"span.stride"}),
        ({"span": "chunked", "span.chunk": "65"}, {"span.chunk"}),
        ({"span": "global_tokens", "span.globals": "65"}, {"span.globals"}),
        ({"span": "window~strided", "span.stride": "100"}, {"span.stride"}),
        ({"span": "dilated", "span.window": "17"}, {"span.window", "span.stride"}),  # 16 · 4 + 1 = 65
        ({"span": "chunked~dilated", "span.stride": "10"}, {"span.window", "span.stride"}),
    ],
)
def test_what_is_longer_than_the_context_is_refused(changes: dict[str, str], fields: set[str]) -> None:
    with pytest.raises(Refusal) as caught:
        change(Architecture(), changes)
    assert set(caught.value.fields) == fields | {"shape.context"}
    assert all(field in sentence and "64" in sentence for field in fields for sentence in caught.value.text)


def test_what_just_fits_is_taken() -> None:
    for changes in ({"span": "window", "span.window": "64"}, {"span": "dilated", "span.window": "16"}):
        assert change(Architecture(), changes).span.local(0)
    assert change(Architecture(), {"span": "dilated", "span.window": "16"}).span.kept(0, 100) == 61


def test_a_tiny_twin_can_be_built_of_whatever_could_be_published() -> None:
    """Random lengths: the twin is buildable, keeps the pattern, and its windows and chunks are eights."""
    chance = random.Random(0)
    for _ in range(400):
        word = "~".join(chance.sample(KINDS, chance.randint(1, 3)))
        context = chance.choice((64, 1000, 2048, 4096, 131_072))
        numbers = {name: str(max(1, int(context ** chance.uniform(0.1, 1)))) for name in PARAMETERS}
        held = fields_of(word)
        changes = {f"span.{name}": text for name, text in numbers.items() if name in held}
        try:
            big = change(Architecture(), {"span": word, "shape.context": str(context), "span.pattern": "oxx"} | changes)
        except Refusal:
            continue  # a dilated window may be longer than the context
        tiny, _ = twin(big)
        lengths = tiny.span.model_dump()
        assert type(tiny.span) is type(big.span) and lengths["pattern"] == "oxx" and tiny.span.period == 3
        assert all(lengths[name] % MULTIPLE == 0 for name in ("window", "chunk") if name in lengths)
        assert all(1 <= lengths[name] <= CONTEXT for name in held if name not in ("option", "pattern"))


@pytest.mark.parametrize(
    ("word", "numbers", "tiny"),
    # Of a context of 4096 in one of 64, a 64th.
    [
        ("window", {"window": 1024}, {"window": 16}),
        ("strided", {"stride": 256}, {"stride": 4}),
        ("strided", {"stride": 64}, {"stride": 2}),  # a stride of 1 would be full attention
        ("strided", {"stride": 1}, {"stride": 1}),
        ("chunked", {"chunk": 2048}, {"chunk": 32}),
        ("chunked", {"chunk": 100}, {"chunk": 8}),
        ("global_tokens", {"globals": 256}, {"globals": 4}),
        ("global_tokens", {"globals": 4}, {"globals": 1}),
        ("dilated", {"window": 512, "stride": 2}, {"window": 8, "stride": 2}),  # 1023 tokens, so 15 of 16
        ("dilated", {"window": 16, "stride": 256}, {"window": 8, "stride": 4}),  # 3841, so 29 of 60
        ("window~global_tokens", {"window": 512, "globals": 64}, {"window": 8, "globals": 1}),
        ("window~strided", {"window": 128, "stride": 128}, {"window": 8, "stride": 2}),
    ],
)
def test_lengths_follow_the_context(word: str, numbers: dict[str, int], tiny: dict[str, int]) -> None:
    changes = {f"span.{name}": str(number) for name, number in numbers.items()}
    span = change(Architecture(), {"span": word, "shape.context": "4096"} | changes).span
    assert {name: span.shortened(1 / 64, 8).model_dump()[name] for name in tiny} == tiny
