"""The block diagram: an architecture as one SVG picture, drawn from the configuration alone.

Knows no option by name: options say what they show as `models.drawing.Mark`s, and axes what they are.
"""

from playground.diagram.block import render
from playground.diagram.style import STYLE

__all__ = ["STYLE", "render"]
