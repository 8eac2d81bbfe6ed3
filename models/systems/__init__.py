"""Published systems, one file each: `base.py` says what a system owes."""

from models.option import discover
from models.systems.base import System, catalogue, systems

__all__ = ["System", "catalogue", "systems"]

discover(__name__, __path__)
