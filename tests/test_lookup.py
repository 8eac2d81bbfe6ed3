"""Guessing: what is found in a text, and that the text stays the one that is written step by step, in fewer steps."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from exported import LETTERS, exported

from playground.decode import Ending, continuation, generate
from playground.fast import write_fast
from playground.lookup import GUESSES, LENGTHS, Lookup
from playground.quantize import quantize
from playground.sampling import Sampling
from playground.session import Session
from playground.sliding import SLACK
from playground.tokenizer import train_bpe

LLAMA = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2,heads.head_dim=16"
WINDOW = LLAMA + ",span=window,span.window=4"
LEARNED = "position=learned,heads.head_dim=8"
SPECS = [
    LLAMA,
    LLAMA + ",qk_norm=per_head",
    WINDOW + ",span.pattern=alternate",
    "position=alibi,heads.head_dim=8",
    LEARNED + ",shape.context=120",
    LLAMA + ",layout.attention=off",
]
GREEDY = Sampling(0)
SAMPLINGS = [
    GREEDY,
    Sampling(0, repetition_penalty=1.1),
    Sampling(0.3, seed=1),
    Sampling(0.6, top_k=3, seed=2),
    Sampling(0.6, top_p=0.7, seed=3),
    Sampling(0.6, repetition_penalty=1.2, seed=4),
]


@cache
def fast(spec: str) -> Session:
    portable = exported(spec).path
    write_fast(portable, portable.with_suffix(".fast.onnx"))
    return Session(portable.with_suffix(".fast.onnx"))


def written(session: Session, ids: list[int], tokens: int, sampling: Sampling, guess: bool) -> tuple[list[int], int]:
    """The tokens, and the calls of the model after the prompt."""
    reading = session.reading()
    return list(continuation(session, ids, tokens, sampling, guess, reading)), reading.calls - 1


def slow(ids: Sequence[int]) -> Sequence[int]:
    """What `Lookup` says, by looking through the whole text: the longest run wins, of its places the last."""
    for length in LENGTHS:
        for end in range(len(ids) - 1, length - 1, -1):
            if ids[end - length : end] == ids[-length:]:
                return (*ids[end : end + GUESSES], ids[-1])[:GUESSES]
    return ()


def test_guesses_are_what_came_next_the_last_time() -> None:
    assert Lookup([1, 2, 3, 4, 5, 1, 2, 3]).guesses() == [4, 5]
    assert Lookup([9, 7, 7, 1, 9, 5, 6, 9]).guesses() == [5, 6]  # the later of two places
    assert Lookup([8, 2, 5, 5, 3, 2, 6, 6, 8, 2]).guesses() == [5, 5]  # two ids say more than one that is nearer
    assert Lookup([4, 4]).guesses() == [4, 4]  # of which only one stands behind
    assert not Lookup([1, 2, 3]).guesses() and not Lookup([1]).guesses()


def test_guesses_are_found_without_looking_through_the_text() -> None:
    ids = np.random.default_rng(0).integers(0, 5, 400).tolist()
    lookup, guessed = Lookup([]), 0
    for count in range(1, len(ids) + 1):
        lookup.learn(ids[count - 1])
        assert list(lookup.guesses()) == list(slow(ids[:count]))
        guessed += len(lookup.guesses()) > 0
    assert guessed > 300


@pytest.mark.parametrize("spec", SPECS)
def test_the_text_is_the_one_written_step_by_step(spec: str) -> None:
    """Across the end of the buffers at 256 tokens, and of a window's after every 64."""
    session, saved = fast(spec), 0
    for sampling in SAMPLINGS:
        alone, each = written(session, [1, 2, 3], 300, sampling, guess=False)
        guessed, fewer = written(session, [1, 2, 3], 300, sampling, guess=True)
        assert guessed == alone and each == len(alone) - 1
        saved += each - fewer
    assert saved > 0


def test_a_chinese_text_of_byte_pairs_is_the_same_too() -> None:
    tokenizer = train_bpe("从前有一只小猫，它住在山脚下。小猫喜欢吃鱼，也喜欢晒太阳。" * 3, 280)
    portable = exported(LLAMA, tokenizer).path
    write_fast(portable, portable.with_suffix(".fast.onnx"))
    session, sampling = Session(portable.with_suffix(".fast.onnx")), Sampling(0.4, seed=3)
    pieces = [list(generate(session, "小猫小猫", 200, sampling, guess=guess)) for guess in (True, False)]
    texts = ["".join(piece.text for piece in each) for each in pieces]
    assert texts[0] == texts[1] and pieces[0][-1].steps < pieces[1][-1].steps == 199


def test_a_text_that_repeats_itself_takes_a_third_of_the_steps() -> None:
    text, steps = written(fast(LLAMA), [1, 2, 3], 300, Sampling(1e-3, seed=5), guess=True)
    repeated = sum(pair == text[-2:] for pair in map(list, pairwise(text)))
    assert repeated > 20 and steps < 0.5 * len(text)


@pytest.mark.parametrize("context", [16, 17, 18, 19])
def test_no_guess_is_read_beyond_learned_positions(context: int) -> None:
    """Whatever the last step reads: the text ends where it ends step by step, and no sooner."""
    session = fast(f"{LEARNED},shape.context={context}")
    for prompt in ([5] * 9, [1, 2] * 5, [5] * context):
        alone, _ = written(session, prompt, 50, GREEDY, guess=False)
        assert written(session, prompt, 50, GREEDY, guess=True)[0] == alone
        assert len(alone) == context - len(prompt) + 1


def test_as_many_tokens_are_written_as_were_asked_for() -> None:
    for tokens in range(1, 12):
        text, _ = written(fast(LLAMA), [3] * 8, tokens, GREEDY, guess=True)
        assert text == written(fast(LLAMA), [3] * 8, tokens, GREEDY, guess=False)[0] and len(text) == tokens


@pytest.mark.parametrize("spec", [LLAMA, WINDOW])
def test_what_was_forgotten_leaves_no_trace(spec: str) -> None:
    """One text reads wrong tokens with every right one and goes back, far beyond the buffers; one does not."""
    wandering, straight = fast(spec).reading(), fast(spec).reading()
    ids = np.random.default_rng(1).integers(0, LETTERS.vocabulary, 256 + 2 * SLACK).tolist()
    for reading in (wandering, straight):
        reading.read(ids[:2])
    for place, id in enumerate(ids[2:], 2):
        logits_TV = wandering.read_each([id, (id + 1) % 30, (id + 2) % 30])
        np.testing.assert_allclose(logits_TV[0], straight.read([id]), rtol=0, atol=1e-4)
        wandering.go_back(place + 1)
        assert wandering.length == straight.length


def test_one_cannot_go_back_further_than_the_last_call() -> None:
    reading = fast(WINDOW).reading()
    with pytest.raises(ValueError, match="cannot go back to 0 of 0"):
        reading.go_back(0)
    reading.read([1, 2, 3])
    reading.read([4, 5])
    for length in (3, 6):
        with pytest.raises(ValueError, match=f"cannot go back to {length} of 5 tokens, 3 before the last call"):
            reading.go_back(length)
    reading.go_back(4)
    assert reading.length == 4


@pytest.mark.parametrize("spec", ["portable", "handed on", "int8"])
def test_nothing_is_guessed_where_it_would_not_pay_or_not_be_the_same(spec: str) -> None:
    """The portable file's caches and a biased window's are handed on; int8 rounds what is read together together."""
    session = fast(WINDOW + ",position=t5") if spec == "handed on" else Session(exported(LLAMA).path)
    if spec == "int8":
        eight = session.path.with_suffix(".int8.onnx")
        quantize(session.path, eight, "int8")
        write_fast(eight, eight.with_suffix(".fast.onnx"))
        session = Session(eight.with_suffix(".fast.onnx"))
        assert session.precision == "int8"
    text, steps = written(session, [1, 2] * 4, 40, GREEDY, guess=True)
    assert steps == len(text) - 1 and text == written(session, [1, 2] * 4, 40, GREEDY, guess=False)[0]


def ending(session: Session, guess: bool, stops: Sequence[str] = ()) -> tuple[str, Ending]:
    pieces = list(generate(session, "hello hello ", 120, GREEDY, stops, guess))
    last = pieces[-1].ending
    assert last is not None and [piece.steps for piece in pieces] == sorted(piece.steps for piece in pieces)
    return "".join(piece.text for piece in pieces), last


def test_the_ending_says_in_how_many_steps() -> None:
    (text, guessed), (same, alone) = ending(fast(LLAMA), True), ending(fast(LLAMA), False)
    assert text == same and alone.steps == alone.tokens - 1 == 119 > guessed.steps > 0
    assert guessed.to_dict()["steps"] == guessed.steps


def test_a_stop_string_ends_it_at_the_same_place() -> None:
    text, _ = ending(fast(LLAMA), False)
    for place in range(0, 80, 7):
        stop = text[place : place + 3]
        assert ending(fast(LLAMA), True, [stop])[0] == ending(fast(LLAMA), False, [stop])[0] == text[: text.index(stop)]
