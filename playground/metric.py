"""What an experiment's variants can be compared by. Knows no result."""

from playground.experiment import Experiment


def one_metric(experiment: Experiment) -> str:
    """What all variants can be compared by: the loss per token where they read the same tokens, else bits per byte."""
    return "val_loss" if _one_tokenizer(experiment) else "bits_per_byte"


def _one_tokenizer(experiment: Experiment) -> bool:
    """Do all variants read the same tokens, so that losses per token can be compared?"""
    kinds = set()
    for variant in experiment.variants:
        kind = variant.recipe_in(experiment).tokenizer
        kinds.add((kind, variant.architecture.shape.vocabulary if kind == "bpe" else None))
    return len(kinds) == 1
