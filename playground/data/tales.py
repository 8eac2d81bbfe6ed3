"""Small stories in English from our own grammar: a child, a friend, a thing and an animal that return in every sentence."""

from functools import cache

from models.text import Text
from playground.data.base import Corpus, Request, TextSource
from playground.data.grammar import Grammar, Reader

TRAIN, VALIDATION = 1_000_000, 100_000
"""Characters of the two parts."""
TRAIN_SEED, VALIDATION_SEED = 1, 2

WORDS = {
    "person: name, he, his, him, boy": [
        "Mia, she, her, her, girl",
        "Tom, he, his, him, boy",
        "Lily, she, her, her, girl",
        "Ben, he, his, him, boy",
        "Rosa, she, her, her, girl",
        "Max, he, his, him, boy",
        "Nora, she, her, her, girl",
        "Finn, he, his, him, boy",
        "Ella, she, her, her, girl",
        "Sam, he, his, him, boy",
    ],
    "trait": ["kind", "brave", "shy", "clever", "curious", "cheerful"],
    "colour": ["red", "blue", "green", "yellow", "white", "golden"],
    "thing": ["kite", "drum", "boat", "lamp", "bell", "hat", "ball", "flute"],
    "animal": ["fox", "rabbit", "bear", "mouse", "duck", "owl", "kitten", "hedgehog"],
    "place": ["forest", "river", "hill", "village", "market", "lake", "mill", "sea"],
    "spot": [
        "under the bridge",
        "behind the old tree",
        "in the tall grass",
        "on the roof",
        "beside the well",
        "under the table",
        "in a wooden box",
        "behind the door",
    ],
    "food": ["bread", "soup", "honey", "cake", "apples", "berries", "tea"],
    "time": ["morning", "evening", "afternoon", "day", "night"],
    "mood": ["happy", "tired", "proud", "glad"],
    "weather: fall, end": ["rain, rain", "snow, snow", "hail, hail"],
}

RULES = {
    "story": ["{opening} {plot} {ending}\n\n"],
    "opening": [
        "Once upon a time, {hero=person} lived near the {=place}.",
        "Long ago there was a {=trait} child named {hero=person}.",
        "In a small house by the {=place} lived {hero=person}.",
        "{hero=person} was a {=trait} {hero.boy}.",
    ],
    "plot": [
        "{owning} {loss} {search} {meeting} {asking} {finding}",
        "{birthday} {wish} {making} {giving} {joy}",
        "{arrival} {plea} {help} {visit} {thanks}",
        "{storm} {shelter} {fear} {comfort} {clearing}",
    ],
    "owning": [
        "{hero.He} had a {colour=colour} {thing=thing} and loved it very much.",
        "{hero.His} best toy was a {colour=colour} {thing=thing}.",
        "Every day {hero.he} played with a {colour=colour} {thing=thing}.",
    ],
    "loss": [
        "One {=time} the {thing} was gone.",
        "But the wind took the {thing} away.",
        "Then {hero.he} lost the {thing} near the {=place}.",
    ],
    "search": [
        "{hero.He} looked {first=spot} and {second=spot}, but it was not there.",
        "{hero.He} sat down and began to cry.",
        '"Where is my {thing}?" asked {hero}.',
    ],
    "meeting": [
        "Soon {friend=person} came along.",
        "At the {=place} {hero.he} met {friend=person}.",
        "{friend=person} saw {hero.him} and stopped.",
    ],
    "asking": [
        '"Have you seen my {colour} {thing}?" asked {hero}.',
        '"Do not worry, {hero}!" said {friend}.',
        '"Let us look together," said {friend}.',
    ],
    "finding": [
        "They went to the {=place} and found the {thing} {=spot}.",
        "{friend} looked {=spot}. There was the {colour} {thing}!",
        "{hero} and {friend} found it {=spot}.",
    ],
    "birthday": [
        "Soon it was the birthday of {friend=person}.",
        "{hero.His} friend {friend=person} was ill.",
    ],
    "wish": [
        "{hero} wanted to give {friend.him} a {colour=colour} {thing=thing}.",
        "{hero} thought of a {colour=colour} {thing=thing} for {friend.him}.",
    ],
    "making": [
        "{hero.He} worked all {=time} and made one.",
        "{hero.He} went to the {=place} to find one.",
        "So {hero.he} sold some {=food} and bought one.",
    ],
    "giving": [
        '"This {thing} is for you," said {hero}.',
        "{hero} hid the {thing} {=spot}, and {friend} found it.",
        "{hero} gave the {colour} {thing} to {friend}.",
    ],
    "joy": [
        "{friend} jumped with joy.",
        '"What a lovely {thing}!" said {friend}.',
        '"I always wanted a {colour} {thing}," said {friend}.',
    ],
    "arrival": [
        "One {=time} {hero.he} found a little {animal=animal} {=spot}.",
        "At the {=place} {hero.he} saw a little {animal=animal}.",
    ],
    "plea": [
        '"I am lost," said the {animal}.',
        '"I am so hungry," said the {animal}.',
        "The {animal} was cold and wet.",
    ],
    "help": [
        "{hero} gave the {animal} some {=food}.",
        "{hero} took the {animal} home.",
    ],
    "visit": [
        "{friend=person} brought a {colour=colour} {thing=thing} for the {animal}.",
        "Soon {friend=person} came with a {colour=colour} {thing=thing}.",
    ],
    "thanks": [
        '"You are very kind," said the {animal}.',
        "The {animal} danced for {hero} and {friend}.",
        "Now the {animal} lives with {hero}.",
    ],
    "storm": [
        "One {=time} it began to {weather=weather}.",
        "Dark clouds came, and it began to {weather=weather}.",
    ],
    "shelter": [
        "{hero} and {friend=person} hid {=spot}.",
        "{friend=person} called {hero} into the house.",
    ],
    "fear": [
        '"I am afraid," said {hero}.',
        '"Will the {weather} never stop?" asked {hero}.',
        "{hero} held the hand of {friend}.",
    ],
    "comfort": [
        "{friend} had a {colour=colour} {thing=thing} and some {=food}.",
        "So {friend} showed {hero.him} a {colour=colour} {thing=thing}.",
    ],
    "clearing": [
        "Then the {weather} stopped and the sun came out.",
        "They played with the {thing} until the {weather} stopped.",
    ],
    "ending": [
        "{hero} hugged {friend} and laughed.",
        "From that day on, {hero} and {friend} were good friends.",
        "That night {hero} dreamed of the {colour} {thing}.",
        "They shared some {=food} and went home {=mood}.",
        '"Thank you, {friend}!" said {hero}.',
    ],
}


class Tales(TextSource):
    name = "tales"
    title = Text("Tales", "英文小故事")
    help = Text(
        "Small English stories from a grammar of ours: readable samples after seconds, and a loss whose floor is known.",
        "由我们自己的概率文法生成的英文小故事：几秒钟就能生成可读的样本，而且损失的下限是已知的。",
    )
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
