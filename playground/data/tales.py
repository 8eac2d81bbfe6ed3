"""Small stories in English, by our own grammar: a child, a friend, a thing and an animal that return all through."""

from functools import cache

from models.text import Text
from playground.data.base import OURS, Corpus, Request, TextSource
from playground.data.grammar import Grammar, Reader

TRAIN, VALIDATION = 1_000_000, 100_000
"""Characters of the two parts."""
TRAIN_SEED, VALIDATION_SEED = 1, 2

WORDS = {
    "person: name, he, his, him": [
        "Mia, she, her, her",
        "Tom, he, his, him",
        "Lily, she, her, her",
        "Ben, he, his, him",
        "Zoe, she, her, her",
        "Max, he, his, him",
        "Nora, she, her, her",
        "Leo, he, his, him",
        "Eva, she, her, her",
        "Sam, he, his, him",
    ],
    "trait": ["kind", "brave", "shy", "clever", "gentle", "quiet"],
    "colour": ["red", "blue", "green", "yellow", "white", "gold"],
    "thing": ["kite", "drum", "boat", "lamp", "bell", "hat", "ball", "flute"],
    "animal": ["fox", "hen", "bear", "mouse", "duck", "owl", "cat", "goat"],
    "place": ["forest", "river", "hill", "village", "market", "lake", "mill", "sea"],
    "spot": [
        "under the bridge",
        "behind the tree",
        "in the tall grass",
        "in the barn",
        "beside the well",
        "under the table",
        "in a box",
        "behind the door",
    ],
    "food": ["bread", "soup", "honey", "cake", "plums", "nuts"],
    "time": ["morning", "evening", "day", "night"],
    "weather": ["rain", "snow", "hail"],
}

RULES = {
    "story": ["{opening} {plot} {ending}\n\n"],
    "opening": [
        "Once upon a time, {hero=person} lived near the {=place}.",
        "Long ago there was a {=trait} child named {hero=person}.",
        "In a small house by the {=place} lived {hero=person}.",
    ],
    "plot": [
        "{owning} {loss} {search} {meeting} {offer} {finding}",
        "{occasion} {wish} {making} {giving} {joy}",
        "{arrival} {plea} {help} {visit} {thanks}",
        "{playing} {storm} {shelter} {fear} {comfort} {clearing}",
    ],
    "owning": [
        "{hero.He} had a {colour=colour} {thing=thing}.",
        "{hero.He} loved {hero.his} {colour=colour} {thing=thing}.",
    ],
    "loss": [
        "One {=time} the {thing} was gone.",
        "But the wind took the {thing} away.",
        "Then {hero.he} lost the {thing}.",
    ],
    "search": [
        "{hero.He} looked {first=spot} and {second=spot}.",
        "{hero.He} sat down and cried.",
        '"Where is my {thing}?" asked {hero}.',
    ],
    "meeting": [
        "Soon {friend=person} came along.",
        "At the {=place} {hero.he} met {friend=person}.",
    ],
    "offer": [
        '"Do not worry, {hero}!" said {friend}.',
        '"I will help you," said {friend}.',
        '"Let us look together," said {friend}.',
    ],
    "finding": [
        "They found the {thing} {=spot}.",
        "{friend} saw the {colour} {thing} {=spot}.",
    ],
    "occasion": [
        "It was the birthday of {friend=person}.",
        "{hero.His} friend {friend=person} was ill.",
    ],
    "wish": [
        "{hero} wanted to give {friend.him} a {colour=colour} {thing=thing}.",
        "{hero} thought of a {colour=colour} {thing=thing}.",
    ],
    "making": [
        "{hero.He} worked on it all {=time}.",
        "{hero.He} went to the {=place} to find one.",
        "{hero.He} sold some {=food} to buy one.",
    ],
    "giving": [
        '"This {thing} is for you," said {hero}.',
        "{hero} hid the {thing} {=spot}.",
    ],
    "joy": [
        "{friend} jumped with joy.",
        '"What a lovely {thing}!" said {friend}.',
    ],
    "arrival": [
        "One {=time} {hero.he} found a little {animal=animal} {=spot}.",
        "At the {=place} {hero.he} saw a little {animal=animal}.",
    ],
    "plea": [
        '"I am lost," said the {animal}.',
        '"I am hungry," said the {animal}.',
        "The {animal} was cold and wet.",
    ],
    "help": [
        "{hero} gave the {animal} some {=food}.",
        "{hero} took the {animal} home.",
    ],
    "visit": [
        "Then {friend=person} came with a {colour=colour} {thing=thing}.",
        "{friend=person} brought the {animal} a {colour=colour} {thing=thing}.",
    ],
    "thanks": [
        '"You are so kind," said the {animal}.',
        "The {animal} danced for {hero} and {friend}.",
        "Now the {animal} lives with {hero}.",
    ],
    "playing": [
        "{hero.He} was playing with a {colour=colour} {thing=thing}.",
    ],
    "storm": [
        "Dark clouds came, and it began to {weather=weather}.",
        "Suddenly it began to {weather=weather}.",
    ],
    "shelter": [
        "{hero} and {friend=person} hid {=spot}.",
        "{friend=person} called {hero} into the house.",
    ],
    "fear": [
        '"I am afraid," said {hero}.',
        '"Will it ever stop?" asked {hero}.',
    ],
    "comfort": [
        "{friend} made {hero.him} some {=food}.",
        "{friend} told {hero.him} a story.",
    ],
    "clearing": [
        "At last the {weather} stopped.",
        "Then the sun came out.",
    ],
    "ending": [
        "{hero} hugged {friend} and laughed.",
        "From that day on, {hero} and {friend} were good friends.",
        "That night {hero} dreamed of the {colour} {thing}.",
        "They shared some {=food} and went home.",
        '"Thank you, {friend}!" said {hero}.',
    ],
}


class Tales(TextSource):
    name = "tales"
    title = Text("Tales", "英文小故事")
    help = Text(
        "Small English stories from our own grammar: readable samples after seconds, and an exact floor for the loss.",
        "由我们自己的概率文法生成的英文小故事：训练几秒就能写出读得通的样本，损失的下限也精确可知。",
    )
    # What follows is clear to who has learnt to look back.
    example = "She had a blue kite. One day the"
    characters = 49
    license = OURS
    order = 10

    def corpus(self, request: Request) -> Corpus:
        return corpus_of(self.name, reader())

    def score(self, text: str) -> dict[str, float]:
        return reader().score(text)


def corpus_of(name: str, reader: Reader) -> Corpus:
    """A corpus of a grammar's stories: two stretches of different seeds, and the exact entropy of whole stories."""
    grammar = reader.grammar
    train, validation = grammar.stories(TRAIN_SEED, TRAIN), grammar.stories(VALIDATION_SEED, VALIDATION)
    return Corpus(name, train, validation, grammar.entropy.nats_per_character)


@cache
def reader() -> Reader:
    """The grammar of the tales, to write and to read with."""
    return Reader(Grammar(WORDS, RULES))
