"""Story grammars: entropy against exhaustive enumeration, one derivation for every text, and samples judged fairly."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module

import pytest

from playground.data import load, sources
from playground.data.grammar import Grammar, Reader
from playground.data.grammar.reading import SENTENCE

TALES = ("tales", "tales-zh")

SMALL = Grammar(
    words={
        "person: name, he": ["Al, he", "Beth, she", "Cornelia, she"],
        "thing": ["hat", "umbrella"],
    },
    rules={
        "story": ["{opening} {plot}{ending}\n"],
        "opening": ["Here is {hero=person}.", "Once {hero=person} met {friend=person}."],
        "plot": ["{hero.He} had a {toy=thing}. {loss}", "Now {friend=person} came with a {toy=thing}. ", "Nothing. "],
        "loss": ["It was {=thing} shaped. ", "{hero} lost it. "],
        "ending": ["{hero} slept.", "{guest=person} said: good night, {hero}."],
    },
)


class Script:
    """Makes choices in every possible way, one run after another."""

    def __init__(self) -> None:
        self.numbers: list[list[int]] = []  # [chosen, of how many]
        self.at = 0

    def __call__(self, n: int) -> int:
        if self.at == len(self.numbers):
            self.numbers.append([0, n])
        self.at += 1
        return self.numbers[self.at - 1][0]

    def turn(self) -> bool:
        """On to the next script; False after the last."""
        while self.numbers and self.numbers[-1][0] + 1 == self.numbers[-1][1]:
            self.numbers.pop()
        if not self.numbers:
            return False
        self.numbers[-1][0] += 1
        self.at = 0
        return True


def derivations(grammar: Grammar) -> Iterator[tuple[str, float]]:
    """Every story and the probability of the choices that wrote it."""
    script = Script()
    while True:
        story = grammar.story(script)
        yield story, math.prod(1 / of for _, of in script.numbers)
        if not script.turn():
            return


@pytest.fixture(scope="module")
def stories() -> dict[str, float]:
    found = list(derivations(SMALL))
    assert max(Counter(story for story, _ in found).values()) == 1, "a story with two derivations"
    return dict(found)


def test_entropy_is_that_of_all_stories_enumerated(stories: dict[str, float]) -> None:
    assert len(stories) == 195
    assert sum(stories.values()) == pytest.approx(1)
    exact = -sum(p * math.log(p) for p in stories.values())
    length = sum(p * len(story) for story, p in stories.items())
    assert SMALL.entropy.nats_per_story == pytest.approx(exact, rel=1e-12)
    assert SMALL.entropy.characters_per_story == pytest.approx(length, rel=1e-12)
    assert SMALL.entropy.nats_per_character == pytest.approx(exact / length, rel=1e-12)


def test_reading_finds_the_one_derivation_and_its_probability(stories: dict[str, float]) -> None:
    reader = Reader(SMALL)
    for story, probability in stories.items():
        assert [math.exp(logp) for logp in reader.derivations(story)] == pytest.approx([probability])
    assert reader.derivations("Here is Al. Nothing. Beth slept.\n") == []


def test_no_story_begins_another(stories: dict[str, float]) -> None:
    ordered = sorted(stories)
    assert not [one for one, other in zip(ordered, ordered[1:], strict=False) if other.startswith(one)]


@pytest.mark.parametrize(
    "rules",
    [
        {"story": ["{a}{b}"], "a": ["x", "xy"], "b": ["z", "yz"]},
        {"story": ["{a}."], "a": ["go", "{b}"], "b": ["g{c}"], "c": ["o", "i"]},
        {"story": ["{name=person} ran.", "{=person} ran."]},
    ],
    ids=["prefix", "through rules", "through words"],
)
def test_an_ambiguous_grammar_is_refused(rules: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="one of these can begin the other"):
        Grammar({"person": ["Al", "Beth"]}, rules)


def test_a_category_in_which_one_word_begins_another_is_refused() -> None:
    with pytest.raises(ValueError, match="'Al' begins 'Alma'"):
        Grammar({"person": ["Alma", "Al"]}, {"story": ["{=person} ran."]})


@pytest.mark.parametrize("slot", ["{nobody}", "{=animal}", "{hero.she}", "{pet=animal}"])
def test_a_slot_that_names_nothing_is_refused(slot: str) -> None:
    with pytest.raises(ValueError, match=re.escape(slot)):
        Grammar({"person: name, he": ["Al, he"]}, {"story": ["{hero=person} " + slot]})


def test_a_variable_has_one_category() -> None:
    with pytest.raises(ValueError, match="'hero' is drawn from 'person' and from 'thing'"):
        Grammar({"person": ["Al"], "thing": ["hat"]}, {"story": ["{hero=person} {hero=thing}"]})


def reader_of(name: str) -> Reader:
    return import_module(f"playground.data.{name.replace('-', '_')}").reader()


def split_stories(text: str) -> list[str]:
    return [story + "\n\n" for story in text.split("\n\n")[:-1]]


@pytest.mark.parametrize("name", TALES)
def test_entropy_agrees_with_the_stories_themselves(name: str) -> None:
    """Monte Carlo, with another seed than the corpus: -log p and length of a story, within four standard errors."""
    reader, exact = reader_of(name), reader_of(name).grammar.entropy
    stories = split_stories(reader.grammar.stories(seed=7, length=400 * int(exact.characters_per_story)))
    read = [reader.derivations(story) for story in stories]
    assert all(len(found) == 1 for found in read)
    for measured, expected in (
        ([-found[0] for found in read], exact.nats_per_story),
        ([float(len(story)) for story in stories], exact.characters_per_story),
    ):
        mean = sum(measured) / len(measured)
        error = math.sqrt(sum((x - mean) ** 2 for x in measured) / len(measured) ** 2)
        assert error < 0.02 * expected
        assert abs(mean - expected) < 4 * error


@pytest.mark.parametrize("name", TALES)
def test_the_corpus_is_whole_stories_that_do_not_return(name: str) -> None:
    corpus = load(name)
    assert len(corpus.text) >= 1_000_000 and len(corpus.validation) >= 100_000
    assert corpus.text.endswith("\n\n") and corpus.validation.endswith("\n\n")
    train, validation = split_stories(corpus.text), split_stories(corpus.validation)
    assert not set(train) & set(validation)
    assert len(set(train)) > 0.999 * len(train)
    assert corpus.entropy == reader_of(name).grammar.entropy.nats_per_character


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tales", "c15bb4b080282a0a41b0bc629f135bd835681c34016b5c8c013a022e5995b2d4"),
        ("tales-zh", "6bf366fcd5bdf354a0c3a2b2c148b55799d6957e0103ce6784a2b4990e91d320"),
    ],
)
def test_the_corpus_is_the_same_on_every_machine(name: str, expected: str) -> None:
    """A change of the grammar changes every experiment that names it: change this only on purpose."""
    assert load(name).hash == expected


@pytest.mark.parametrize("name", TALES)
def test_what_the_grammar_writes_scores_full_marks(name: str) -> None:
    text = reader_of(name).grammar.stories(seed=3, length=20_000)
    assert sources()[name].score(text) == {"words_in_lexicon": 1.0, "sentences_parsed": 1.0}


@pytest.mark.parametrize("name", TALES)
def test_a_spoilt_sentence_does_not_parse(name: str) -> None:
    """Every sentence of 2,500 characters: two neighbouring letters swapped, a letter doubled, its end cut off."""
    reader = reader_of(name)
    sentences = [s.strip() for s in SENTENCE.findall(reader.grammar.stories(seed=4, length=2_500))]
    assert all(map(reader.parses, sentences))
    for sentence in sentences:
        middle = len(sentence) // 2
        swapped = sentence[:middle] + sentence[middle + 1] + sentence[middle] + sentence[middle + 2 :]
        for spoilt in (swapped, sentence[:middle] + sentence[middle:][:1] + sentence[middle:], sentence[:-1]):
            assert spoilt == sentence or not reader.parses(spoilt), spoilt


def test_words_in_a_sentence_must_agree() -> None:
    english, chinese = reader_of("tales"), reader_of("tales-zh")
    assert english.parses("Lily wanted to give him a red kite.") and english.parses("He loved his red kite.")
    assert not english.parses("He loved her red kite.")
    assert not english.parses("Lily and Lily hid in the barn.")
    assert chinese.parses("婷婷和小明躲在大树下。") and chinese.parses("“这只风筝送给你。”")
    assert not chinese.parses("婷婷和婷婷躲在大树下。")
    assert not chinese.parses("“这条风筝送给你。”")


def test_wrong_words_and_sentences_are_counted() -> None:
    score = sources()["tales"].score('He sat down and cried. He sat dwon and cried. "I am lost," said the fox. Then')
    assert score == {"words_in_lexicon": pytest.approx(15 / 16), "sentences_parsed": pytest.approx(2 / 3)}
    assert sources()["tales"].score("") == {"words_in_lexicon": 0.0, "sentences_parsed": 0.0}


def test_chinese_is_cut_into_words_of_the_lexicon() -> None:
    reader = reader_of("tales-zh")
    assert reader.words("小鹿又冷又累。") == ["小鹿", "又", "冷", "又", "累"]
    assert reader.words("他急得鹿了起来。") == ["他", "急", "得", "鹿", "了", "起来"]  # 鹿 alone is no word here
    score = sources()["tales-zh"].score("他急得鹿了起来。他急得哭了起来。")
    assert score == {"words_in_lexicon": pytest.approx(11 / 12), "sentences_parsed": pytest.approx(1 / 2)}
