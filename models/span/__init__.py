"""The axis `span`: `base.py` says what an option owes, every other file is an option."""

from models.option import discover

discover(__name__, __path__)
