"""Tokenizers: nothing is lost, everything survives JSON, half a character is never shown."""

import subprocess
import sys

import pytest
from source import ROOT

from playground.tokenizer import BPE, UNKNOWN, Bytes, Characters, Tokenizer, characters_of, from_json, train_bpe

PROSE = "the cat sat on the mat; the cat ate.\n从前，有一只小狐狸。小狐狸住在山坡上。naïve café 🦊\n" * 30
TOKENIZERS = {"bytes": Bytes(), "characters": characters_of(PROSE), "bpe": train_bpe(PROSE, 320)}


@pytest.fixture(params=list(TOKENIZERS.values()), ids=list(TOKENIZERS))
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return request.param


def test_text_comes_back(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(PROSE)
    assert tokenizer.decode(ids) == PROSE
    assert min(ids) >= 0 and max(ids) < tokenizer.vocabulary


def test_the_bytes_of_the_tokens_are_the_bytes_of_the_text(tokenizer: Tokenizer) -> None:
    assert b"".join(tokenizer.token_bytes[i] for i in tokenizer.encode(PROSE)) == PROSE.encode()


def test_there_is_a_piece_for_every_token(tokenizer: Tokenizer) -> None:
    text = "the 🦊 café"
    assert len(tokenizer.pieces(text)) == len(tokenizer.encode(text))


def test_json_holds_the_whole_tokenizer(tokenizer: Tokenizer) -> None:
    again = from_json(tokenizer.to_json())
    assert again == tokenizer
    assert again.vocabulary == tokenizer.vocabulary
    assert again.encode(PROSE) == tokenizer.encode(PROSE)
    assert again.decode(again.encode(PROSE)) == PROSE


def test_streaming_never_shows_half_a_character(tokenizer: Tokenizer) -> None:
    text = "从前🦊naïve"
    decoder, shown = tokenizer.decoder(), ""
    for i in tokenizer.encode(text):
        shown += decoder.feed(i)
        assert text.startswith(shown)  # UNKNOWN would stand here for half a character
    assert shown + decoder.finish() == text


def test_a_stream_that_stops_inside_a_character_says_so() -> None:
    decoder = Bytes().decoder()
    assert decoder.feed("你".encode()[:2]) == ""
    assert decoder.finish() == UNKNOWN


def test_bytes_are_shown_readably() -> None:
    assert Bytes().encode("A你") == [0x41, 0xE4, 0xBD, 0xA0]
    assert Bytes().pieces("A你") == ["A", "<E4>", "<BD>", "<A0>"]


def test_a_character_never_seen_is_shown_as_such() -> None:
    tokenizer = characters_of("abba")
    assert tokenizer.alphabet == "ab" and tokenizer.vocabulary == 3
    assert tokenizer.encode("aXbY") == [1, 0, 2, 0]
    assert tokenizer.decode(tokenizer.encode("aXbY")) == f"a{UNKNOWN}b{UNKNOWN}"
    assert tokenizer.unknown("aXbYX") == ["X", "Y"]


@pytest.mark.parametrize("kind", ["bytes", "bpe"])
def test_bytes_and_bpe_know_every_character(kind: str) -> None:
    assert TOKENIZERS[kind].unknown("Ω🙂") == []
    assert TOKENIZERS[kind].decode(TOKENIZERS[kind].encode("Ω🙂")) == "Ω🙂"


def test_bpe_merges_what_is_frequent_and_the_same_every_time() -> None:
    tokenizer = train_bpe(PROSE, 320)
    assert tokenizer == TOKENIZERS["bpe"]
    assert tokenizer.vocabulary == 320
    assert "Ġthe" not in tokenizer.pieces(" the") and tokenizer.pieces("on the") == ["on", " the"]
    assert len(tokenizer.encode(PROSE)) < len(PROSE.encode()) / 2


def test_bpe_stops_where_nothing_is_left_to_merge() -> None:
    assert train_bpe("abab", 5000).vocabulary < 262


@pytest.mark.parametrize("vocabulary", [0, 256])
def test_bpe_needs_room_beside_the_bytes(vocabulary: int) -> None:
    with pytest.raises(ValueError, match=f"at least 257.*not {vocabulary}"):
        train_bpe(PROSE, vocabulary)


@pytest.mark.parametrize("written", ['{"kind": "words"}', "[]", '{"kind": ["bpe"]}'])
def test_another_kind_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no tokenizer of kind"):
        from_json(written)


def test_decoding_a_bpe_needs_no_library() -> None:
    script = (
        "import sys; sys.modules['tokenizers'] = None\n"
        "from playground.tokenizer import from_json\n"
        "tokenizer = from_json(sys.stdin.read())\n"
        "print(tokenizer.decode(range(tokenizer.vocabulary))[-40:].encode('unicode_escape').decode())"
    )
    bpe = TOKENIZERS["bpe"]
    out = subprocess.run(
        [sys.executable, "-c", script], input=bpe.to_json(), cwd=ROOT, capture_output=True, text=True, check=True
    )
    expected = bpe.decode(range(bpe.vocabulary))[-40:]
    assert out.stdout.strip() == expected.encode("unicode_escape").decode()


def test_the_kinds_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Characters("ab").alphabet = "c"  # type: ignore[misc]
    assert {BPE.kind, Bytes.kind, Characters.kind} == set(TOKENIZERS)
