"""What the answers to the page share: the profile, the run store, the workers, who follows what. Imports nothing heavy."""

import threading
from collections.abc import Iterator
from typing import Any

from playground.profile import Profile
from playground.ui import registry

Json = dict[str, Any]


class Service:
    """One server's state."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._following: dict[tuple[str, str], str] = {}

    def start(self) -> None:
        """Get ready for the first visitor in the background: the page is up already."""
        threading.Thread(target=registry.load, name="load answers", daemon=True).start()

    def close(self) -> None:
        """End the workers."""

    def ask(self, request: object) -> Json:
        """The answer to a request of the browser."""
        return registry.respond(self, request)

    def follow(self, request: object) -> Iterator[Json]:
        """The stream that a request of the browser asks for."""
        return registry.follow(self, request)
