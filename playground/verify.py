"""Is an exported file the model it came from? Its logits against torch's, whole and step by step through the cache.

The reference reads the whole text at once and knows no cache, so a wrong cache shows too. Runs the file as anybody
would, by `Session`; knows no run folder.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.architecture import Architecture
from models.block import UNLIMITED
from models.transformer import Transformer
from playground.session import Cache, Ids, Logits, Session

TOLERANCE = 1e-4
"""Largest difference allowed, relative to the largest logit. Two float32 implementations that add in different order
differ by 1e-7 to 1e-5 (more layers, more); a wrong mask, rotation or weight by more than 1e-2."""
BATCHES = (1, 3)
BEYOND = 8  # tokens past the context, where the positions reach
LONGEST = 2048  # longer texts are not compared: the reference's cost grows with the square
SINGLE = 64  # tokens at the end of a text that are read one by one; what is before them is read at once
SEED = 20
VALIDATION, RANDOM, BOTH = "validation", "random", "both"  # what the texts were: see `Verification.text`


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared and how far it was apart."""

    passed: bool
    tolerance: float
    max_abs_diff: float
    max_rel_diff: float  # of the largest logit of the same text
    top1_agreement: float  # share of positions where the file's likeliest token is the model's, or ties with it
    positions: int  # compared in all
    lengths: tuple[int, ...]
    batches: tuple[int, ...]
    worst: str  # where the largest relative difference was found
    text: str  # validation text, random ids, or both: random where the text is too short or cannot be had
    provider: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; what is not finite is None."""
        return {key: None if _not_finite(value) else value for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class _Finding:
    """One text read in one way."""

    where: str
    absolute: float
    relative: float
    agreeing: int
    positions: int


def verify(path: Path, model: Transformer, text_ids: Sequence[int] = ()) -> Verification:
    """Compare the file at `path` with `model` (any device; compared on the CPU in float32).

    `text_ids` are of the validation part; where they do not reach, ids are random. Raises `Problem` for a file that
    cannot be run.
    """
    session, reference = Session(path), _on_cpu(model)
    sizes = lengths(model.architecture)
    findings = [
        finding
        for length in sizes
        for batch in BATCHES
        for finding in _compare(session, reference, texts(text_ids, model.architecture, batch, length))
    ]
    worst = max(findings, key=lambda finding: math.inf if math.isnan(finding.relative) else finding.relative)
    positions = sum(finding.positions for finding in findings)
    return Verification(
        passed=worst.relative <= TOLERANCE,
        tolerance=TOLERANCE,
        max_abs_diff=max((finding.absolute for finding in findings), key=lambda x: math.inf if math.isnan(x) else x),
        max_rel_diff=worst.relative,
        top1_agreement=sum(finding.agreeing for finding in findings) / positions,
        positions=positions,
        lengths=sizes,
        batches=BATCHES,
        worst=worst.where,
        text=_kind(text_ids, sizes),
        provider=session.provider,
    )


def lengths(architecture: Architecture) -> tuple[int, ...]:
    """1, around every window, half a context, a context and beyond it; as far as the positions reach."""
    context, reach = architecture.shape.context, architecture.position.reach(architecture)
    kept = {architecture.span.kept(layer, UNLIMITED) for layer in range(architecture.shape.layers)} - {UNLIMITED}
    around = {window + more for window in kept for more in (-1, 0, 1)}
    last = min(LONGEST, UNLIMITED if reach is None else reach)
    wanted = {1, context // 2, context, context + BEYOND} | around
    return tuple(sorted({min(length, last) for length in wanted if length > 0}))


def texts(text_ids: Sequence[int], architecture: Architecture, batch: int, length: int) -> Ids:
    """[batch, length] ids: stretches of the text, evenly apart; random where it is too short for different rows."""
    if _reaches(text_ids, batch, length):
        begins = np.linspace(0, len(text_ids) - length, batch).astype(np.int64)
        return np.stack([np.array(text_ids[begin : begin + length], np.int64) for begin in begins])
    chance = np.random.default_rng((SEED, batch, length))
    return chance.integers(0, architecture.shape.vocabulary, (batch, length))


def _reaches(text_ids: Sequence[int], batch: int, length: int) -> bool:
    return len(text_ids) >= length + batch - 1


def _kind(text_ids: Sequence[int], sizes: Sequence[int]) -> str:
    found = {_reaches(text_ids, batch, length) for batch in BATCHES for length in sizes}
    return BOTH if len(found) == 2 else VALIDATION if found == {True} else RANDOM


def _compare(session: Session, model: Transformer, ids_BT: Ids) -> Iterator[_Finding]:
    with torch.inference_mode():
        expected = model(torch.from_numpy(ids_BT)).numpy()
    batch, length = ids_BT.shape
    scale = float(np.abs(expected).max()) or 1.0
    for way, sizes in ways(length).items():
        found = read(session, ids_BT, sizes)
        absolute = float(np.abs(found - expected).max())
        chosen = np.take_along_axis(expected, found.argmax(-1, keepdims=True), -1)[..., 0]
        agreeing = int((expected.max(-1) - chosen <= TOLERANCE * scale).sum())
        yield _Finding(f"{length} tokens, batch {batch}, {way}", absolute, absolute / scale, agreeing, batch * length)


def ways(length: int) -> dict[str, list[int]]:
    """How a text is cut into what is read at once: whole; in two halves; token by token."""
    found = {"whole": [length]}
    if length > 1:
        found["in halves"] = [length // 2, length - length // 2]
        before = length - SINGLE
        found["in steps"] = ([before] if before > 0 else []) + [1] * min(length, SINGLE)
    return found


def read(session: Session, ids_BT: Ids, sizes: list[int]) -> Logits:
    """Logits [B, T, V] of the whole text, of which so many tokens are read at once."""
    logits: list[Logits] = []
    cache: Cache | None = None
    for part in np.split(ids_BT, np.cumsum(sizes)[:-1], axis=1):
        step, cache = session.step(part, cache)
        logits.append(step)
    return np.concatenate(logits, axis=1)


def _on_cpu(model: Transformer) -> Transformer:
    """The model itself where it already is what the file holds, else a copy that is."""
    weight = model.embedding.weight
    if weight.device.type == "cpu" and weight.dtype == torch.float32 and not model.training:
        return model
    copied = Transformer(model.architecture).eval()
    copied.load_state_dict(model.state_dict())
    return copied


def _not_finite(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
