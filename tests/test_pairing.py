"""What variants start with in common is said of the tensors that there are."""

from playground import link
from playground.ui.pairing import kinds, pairings


def said(query: str) -> list[str]:
    experiment, notes = link.read(query)
    assert not notes
    return [text.en for text in pairings(experiment)]


def test_equal_architectures_share_everything() -> None:
    (sentence,) = said("a=gpt-2&b=gpt-2,span=window,span.window=8")
    # 4 layers of 8 in attention, 4 in the feed-forward and 4 in norms; embedding, positions, final gain and offset
    assert sentence == "A and B start from the same tensors, all 68 of them, bit for bit."


def test_what_is_not_shared_is_named_once_for_all_layers() -> None:
    (sentence,) = said("a=gpt-2&b=gpt-2,heads.kv=2")
    names = "attention.key.bias, attention.key.weight, attention.value.bias, attention.value.weight"
    assert sentence.endswith(f"not shared: {names}.")


def test_every_other_variant_is_compared_with_the_first() -> None:
    assert [sentence[:7] for sentence in said("a=gpt-2&b=llama-3&c=palm")] == ["A and B", "A and C"]


def test_names_lose_their_layers() -> None:
    assert kinds(["blocks.0.attention.out.weight", "blocks.11.attention.out.weight"]) == ["attention.out.weight"]


def test_what_would_take_long_is_not_compared() -> None:
    assert said("a=gpt-2,shape.width=1024&b=gpt-2,shape.width=1024") == []
