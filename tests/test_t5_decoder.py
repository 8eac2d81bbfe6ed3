"""T5's decoder as a decoder-only model: all of it but cross-attention, whose output is made zero in the reference."""

import pytest
import torch
from parity import randomize
from reference import VOCABULARY, ids
from transformers import T5Config, T5ForConditionalGeneration

from models.architecture import Architecture
from models.spelling import change
from models.systems import systems
from models.transformer import Transformer

LAYERS, WIDTH = 2, 24
SIZES = {
    "shape.layers": str(LAYERS), "shape.width": str(WIDTH), "shape.vocabulary": str(VOCABULARY),
    "heads.query": "6", "heads.kv": "6", "heads.head_dim": "8", "feed_forward.size": "40",
}  # fmt: skip
OUTSIDE = {"embedding": "shared", "head": "lm_head", "parts.placement.final": "decoder.final_layer_norm"}
ATTENTION = {"query": "q", "key": "k", "value": "v", "out": "o"}
PLAIN, GATED = {"up": "wi", "down": "wo"}, {"gate": "wi_0", "up": "wi_1", "down": "wo"}
VERSIONS = {"t5": ("relu", PLAIN), "t5-v1.1": ("gated-gelu", GATED)}


@pytest.mark.parametrize("system", VERSIONS)
@torch.no_grad()
def test_logits_equal_the_reference(system: str) -> None:
    activation, feed_forward = VERSIONS[system]
    theirs, architecture = _reference(activation), change(systems()[system].full, SIZES)
    ours = _carried_over(theirs, architecture, feed_forward)
    expected = theirs(input_ids=ids()[:, :3], decoder_input_ids=ids()).logits
    assert (ours(ids()) - expected).abs().max() <= 1e-5 * expected.abs().max()


def _reference(activation: str) -> T5ForConditionalGeneration:
    config = T5Config(
        vocab_size=VOCABULARY, d_model=WIDTH, d_kv=8, d_ff=40, num_layers=1, num_decoder_layers=LAYERS, num_heads=6,
        feed_forward_proj=activation, tie_word_embeddings=activation == "relu",  # pyright: ignore[reportCallIssue]
    )  # fmt: skip
    model = T5ForConditionalGeneration(config).eval()
    if activation != "relu":  # the class ties a fresh head all the same
        model.lm_head.weight = torch.nn.Parameter(torch.zeros(VOCABULARY, WIDTH))
    randomize(model, seed=7)
    for name, weight in model.named_parameters():
        if name.endswith("EncDecAttention.o.weight"):
            weight.zero_()
    return model


def _carried_over(
    theirs: T5ForConditionalGeneration, architecture: Architecture, feed_forward: dict[str, str]
) -> Transformer:
    names = {f"{ours}.weight": f"{name}.weight" for ours, name in OUTSIDE.items()}
    names["parts.position.table"] = "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    for layer in range(LAYERS):
        there = f"decoder.block.{layer}.layer."
        names |= {f"parts.placement.input.{layer}.attention.weight": there + "0.layer_norm.weight"}
        names |= {f"parts.placement.input.{layer}.feed_forward.weight": there + "2.layer_norm.weight"}
        names |= {
            f"blocks.{layer}.attention.{ours}.weight": f"{there}0.SelfAttention.{name}.weight"
            for ours, name in ATTENTION.items()
        }
        names |= {
            f"blocks.{layer}.feed_forward.{ours}.weight": f"{there}2.DenseReluDense.{name}.weight"
            for ours, name in feed_forward.items()
        }
    state, ours = theirs.state_dict(), Transformer(architecture).eval()
    ours.load_state_dict({name: state[source] for name, source in names.items()})
    return ours
