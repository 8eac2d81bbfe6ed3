"""What models expect: probabilities that are the model's own, losses of what stands there, and a true divergence."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import trained
from scipy.spatial.distance import jensenshannon
from torch.nn import functional as F

from playground import runs
from playground.beliefs import SHOWN, TEMPERATURES, believe, divergence
from playground.store import Store
from playground.ui import registry

TEXT = "She had a kite"


class Asked:
    """An experiment of two small trained variants, and what the page is told about it."""

    def __init__(self, store: Store, id: str) -> None:
        self.store, self.id = store, id

    def ask(self, text: object) -> Any:
        service: Any = SimpleNamespace(store=self.store, add_job=self.store.add_job)
        return registry.respond(service, {"name": "beliefs", "given": {"id": self.id, "text": text}})

    def logits(self, variant: int, text: str) -> torch.Tensor:
        model, tokenizer = runs.load_model(self.store.runs(self.id)[variant].folder)
        with torch.no_grad():
            return model(torch.tensor([tokenizer.encode(text)]))[0]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    folder = tmp_path_factory.mktemp("beliefs")
    store = Store(folder / "runs.db", check=True)
    id = trained.submit(store, folder)
    trained.finish(store, id)
    return Asked(store, id)


def test_losses_are_the_cross_entropy_of_what_stands_there(asked: Asked) -> None:
    for each in asked.ask(TEXT)["variants"]:
        logits_TV, ids = asked.logits(each["variant"], TEXT), torch.tensor(trained.TOKENIZER.encode(TEXT))
        wanted = F.cross_entropy(logits_TV[:-1], ids[1:], reduction="none")
        assert list(each["tokens"]) == list(TEXT) and each["losses"][0] is None
        assert torch.tensor(each["losses"][1:]) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("temperature", [0.1, 0.7, 1.0, 2.0])
def test_the_likeliest_tokens_at_a_temperature_are_the_softmax_s(asked: Asked, temperature: float) -> None:
    for each in asked.ask(TEXT)["variants"]:
        p_TV = (asked.logits(each["variant"], TEXT) / temperature).softmax(-1)
        assert len(each["places"]) == len(TEXT)
        for place, p_V in zip(each["places"], p_TV, strict=True):
            log_z = place["log_z"][TEMPERATURES.index(temperature)]
            shown = [math.exp(log_p / temperature - log_z) for _, log_p in place["likeliest"]]
            assert shown == pytest.approx(p_V.sort(descending=True).values[:SHOWN].tolist(), rel=2e-3, abs=1e-6)
            best = trained.TOKENIZER.piece(int(p_V.argmax()))
            assert place["likeliest"][0][0] == best


def test_disagreement_is_the_jensen_shannon_divergence_and_the_largest_comes_first(asked: Asked) -> None:
    (pair,) = asked.ask(TEXT)["disagreements"]
    p, q = (asked.logits(variant, TEXT).softmax(-1).double().numpy() for variant in (0, 1))
    wanted = np.array([jensenshannon(*each) ** 2 for each in zip(p, q, strict=True)])  # scipy's is its root, in nats
    assert (pair["a"], pair["b"]) == (0, 1)
    order = wanted.argsort()[::-1][: len(pair["places"])]
    assert [each["place"] for each in pair["places"]] == [int(row) + 1 for row in order]
    assert [each["nats"] for each in pair["places"]] == pytest.approx(wanted[order].tolist(), rel=1e-3)


def test_divergence_lies_between_none_and_ln_2() -> None:
    one_TV = torch.tensor([[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]]).log()
    other_TV = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]).log()
    assert divergence(one_TV, other_TV) == pytest.approx([0.0, 0.0, math.log(2)], abs=1e-6)
    assert divergence(other_TV, one_TV) == divergence(one_TV, other_TV)


def test_dropout_takes_no_part(asked: Asked) -> None:
    model, tokenizer = runs.load_model(asked.store.runs(asked.id)[0].folder)
    ids = tuple(tokenizer.encode(TEXT))
    assert torch.equal(believe(model.train(), ids).log_p_TV, believe(model.train(), ids).log_p_TV)


def test_a_long_text_is_cut_and_an_unknown_character_named(asked: Asked) -> None:
    for each in asked.ask("kite " * 20 + "ß")["variants"]:
        assert len(each["tokens"]) == len(each["places"]) == 40 == len(each["losses"])
        assert "first 40 of 101" in each["notes"][0]["en"] and "ß" in each["notes"][1]["zh"]


@pytest.mark.parametrize("text", ["", None, 7, ["a"], "a" * 2001])
def test_no_sentence_is_refused_by_the_field(asked: Asked, text: object) -> None:
    assert asked.ask(text)["refusal"]["fields"] == ["text"]


def test_one_token_is_followed_by_something(asked: Asked) -> None:
    for each in asked.ask("S")["variants"]:
        assert each["losses"] == [None] and len(each["places"]) == 1
