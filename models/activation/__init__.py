"""Activation functions of the feed-forward sublayer: one file each, registered on import."""

from models.option import discover

discover(__name__, __path__)
