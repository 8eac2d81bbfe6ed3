"""A sentence to begin with, for every source of data; short, so that learned positions have room after it."""

from collections.abc import Sequence

from playground.data import sources

LONGEST = 32  # characters taken from a sample where the source knows no beginning


def example(data: str, samples: Sequence[str]) -> str:
    """A beginning that models trained on `data` know; where the data are the visitor's, from what they wrote."""
    source = sources().get(data.split(":")[0])
    if source is not None and source.example:
        return source.example
    written = " ".join(samples[0].split()) if samples else ""
    if len(written) <= LONGEST:
        return written
    return written[: LONGEST + 1].rpartition(" ")[0] or written[:LONGEST]
