"""An architecture as one file of PyTorch, written for reading, and what sets two such files apart.

Knows no option by name: options say what they contribute as `models.piece.Piece`s.
"""

from playground.source.difference import Row, difference, unified
from playground.source.file import source
from playground.source.variant import file_name, of_variant

__all__ = ["Row", "difference", "file_name", "of_variant", "source", "unified"]
