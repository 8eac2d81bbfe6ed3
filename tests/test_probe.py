"""Measurements of a trained model, against attention written out by hand."""

import numpy as np
import pytest
import torch

from models.architecture import Architecture
from models.spelling import change
from models.text import Refusal
from models.transformer import Transformer
from playground import probe
from playground.tokenizer import UNKNOWN, Characters, train_bpe

TINY = {"shape.layers": "2", "shape.width": "16", "shape.context": "12", "shape.vocabulary": "11", "heads.query": "4"}
TOKENIZER = Characters("abcdefghij")


def model(**changes: str) -> Transformer:
    torch.manual_seed(0)
    spelt = {name.replace("__", "."): word for name, word in changes.items()}
    return Transformer(change(Architecture(), TINY | {"heads.kv": "4"} | spelt))


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def test_the_first_layers_map_is_softmax_of_scaled_products_of_earlier_tokens() -> None:
    plain = model(norm="none", position="none", bias="none", shape__layers="1")
    ids = (1, 5, 2, 9, 9, 3)
    seen = probe.attention(plain, ids)[0].numpy()

    weights = {name: value.detach().double().numpy() for name, value in plain.state_dict().items()}
    x_TD = weights["embedding.weight"][list(ids)]
    q, k = (x_TD @ weights[f"blocks.0.attention.{name}.weight"].T for name in ("query", "key"))
    for head in range(4):
        mine = slice(4 * head, 4 * head + 4)
        scores = q[:, mine] @ k[:, mine].T / 2  # a head is 4 wide
        scores[np.triu_indices(len(ids), 1)] = -np.inf
        np.testing.assert_allclose(seen[head], softmax(scores), atol=1e-5)


def test_every_row_is_shared_out_among_itself_and_earlier_tokens() -> None:
    map_LHTT = probe.attention(model(), tuple(range(8)))
    assert map_LHTT.shape == (2, 4, 8, 8)
    assert torch.equal(map_LHTT, map_LHTT.tril())
    torch.testing.assert_close(map_LHTT.sum(-1), torch.ones(2, 4, 8))


def test_layers_come_in_the_order_of_the_model() -> None:
    windowed = model(span="window", span__window="2", span__pattern="alternate", shape__context="16")
    local, whole = probe.attention(windowed, tuple(range(8)))
    assert local[:, 7, :6].eq(0).all() and whole[:, 7, :6].gt(0).all()


def test_dropout_does_not_reach_the_maps() -> None:
    dropping = model(dropout="0.5").train()
    first, second = (probe.attention(dropping, (1, 2, 3)) for _ in range(2))
    assert torch.equal(first, second)


def test_a_byte_is_near_the_probability_it_stands_for() -> None:
    map_HTT = torch.rand(2, 5, 5, generator=torch.Generator().manual_seed(0))
    map_HTT[0, 0, 0], map_HTT[0, 0, 1] = 0.0, 1.0
    read_back = np.frombuffer(probe.quantized(map_HTT), np.uint8).reshape(2, 5, 5) / 255
    assert np.abs(read_back - map_HTT.numpy()).max() <= 1 / 510 + 1e-6
    assert (read_back[0, 0, :2] == [0, 1]).all()


def test_a_text_that_fits_is_read_whole() -> None:
    reading = probe.read(TOKENIZER, "badge", 12)
    assert reading.tokens == tuple("badge") and reading.ids == (2, 1, 4, 7, 5)
    assert not reading.cut and not reading.unknown


def test_a_longer_text_is_cut_at_what_there_is_room_for() -> None:
    reading = probe.read(TOKENIZER, "abcde" * 3, 12)
    assert (len(reading.tokens), len(reading.ids), reading.whole, reading.cut) == (12, 12, 15, True)


@pytest.mark.parametrize("context, layers, room", [(12, 2, 12), (5000, 2, 128), (5000, 256, 90)])
def test_there_is_room_for_the_context_or_what_can_be_looked_at(context: int, layers: int, room: int) -> None:
    shape = {"shape.context": str(context), "shape.layers": str(layers)}
    architecture = change(Architecture(), TINY | {"heads.kv": "4"} | shape)
    assert probe.room(architecture) == room
    assert layers * 4 * room**2 <= probe.MOST_LINKS


def test_unknown_characters_are_named_once_and_keep_their_place() -> None:
    reading = probe.read(TOKENIZER, "a?b!?", 12)
    assert reading.unknown == ("?", "!")
    assert reading.tokens == ("a", UNKNOWN, "b", UNKNOWN, UNKNOWN)


def test_labels_are_the_tokens_of_the_tokenizer() -> None:
    bpe = train_bpe("the cat and the dog and the cat " * 20, 270)
    reading = probe.read(bpe, "the cat", 12)
    assert "".join(reading.tokens) == "the cat" and len(reading.tokens) == len(reading.ids) < 7


def test_no_text_is_refused_in_words() -> None:
    with pytest.raises(Refusal) as refusal:
        probe.read(TOKENIZER, "", 12)
    assert refusal.value.fields == ("text",)


def test_a_model_without_attention_has_no_maps() -> None:
    with pytest.raises(Refusal) as refusal:
        probe.attention(model(layout__attention="off"), (1, 2))
    assert refusal.value.fields == ("layout.attention",)
