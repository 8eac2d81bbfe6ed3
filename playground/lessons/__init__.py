"""The lecture's claims, put to the test: one file a claim; `base.py` says what a lesson owes."""

from models.option import discover
from playground.lessons.base import Lesson, lessons

__all__ = ["Lesson", "lessons"]

discover(__name__, __path__)
