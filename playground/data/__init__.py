"""What a model is trained on: texts and tasks, found by name, split, hashed and cut into batches. Knows no model."""

from playground.data.base import Corpus, Source, Task, accuracy
from playground.data.catalogue import confirm, content, known_vocabulary, license_of, load, prepare, sources

__all__ = [
    "Corpus",
    "Source",
    "Task",
    "accuracy",
    "confirm",
    "content",
    "known_vocabulary",
    "license_of",
    "load",
    "prepare",
    "sources",
]
