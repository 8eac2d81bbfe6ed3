"""Probabilistic story grammars: written, measured exactly, and read again. Knows no language and no training."""

from playground.data.grammar.grammar import Entropy, Grammar
from playground.data.grammar.reading import Reader

__all__ = ["Entropy", "Grammar", "Reader"]
