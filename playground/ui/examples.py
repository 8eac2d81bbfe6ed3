"""A sentence to begin with, for every source of data; short, so that learned positions have room after it."""

from collections.abc import Sequence

# What follows is clear to who has learnt to look back: the kite, or the value that belongs to the key.
EXAMPLES = {
    "tales": "She had a blue kite. One day the",
    "tales-zh": "她有一只红风筝，天天带在身边。一天中午，",
    "python-docs": "Return the number of",
    "python-code": "def __init__(self, ",
    "recall": "aCfKbAnHdPgEkBmJgEaCmJb",
}
LONGEST = 32  # characters taken from a sample where the source is none of these


def example(data: str, samples: Sequence[str]) -> str:
    """A beginning that models trained on `data` know; where the data are the visitor's, from what they wrote."""
    known = EXAMPLES.get(data.split(":")[0])
    if known is not None:
        return known
    written = " ".join(samples[0].split()) if samples else ""
    if len(written) <= LONGEST:
        return written
    return written[: LONGEST + 1].rpartition(" ")[0] or written[:LONGEST]
