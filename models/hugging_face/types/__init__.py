"""Model types of the reference implementation: one file each, registered on import. `../base.py` has the rules."""

from models.option import discover

discover(__name__, __path__)
