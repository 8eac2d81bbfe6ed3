"""What the answers to the page share: the profile, where runs live, the store, the workers. Imports nothing heavy."""

import logging
import threading
import time
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from models.text import Refusal
from playground import place
from playground.home import Home, home
from playground.profile import Profile, runs_at_a_time
from playground.store import Store
from playground.ui import registry
from playground.ui.gallery import OWNER, hang
from playground.ui.line import Line

if TYPE_CHECKING:
    from playground.sessions import Sessions
    from playground.waiting import Queue

Json = dict[str, Any]
STREAMS = 16  # that may be followed at a time, for every visitor who may train: pages that only look are more
TIDY = 3600.0  # seconds between two looks at how much is kept
TAKEN = 16  # archives after which it is looked at sooner
log = logging.getLogger(__name__)


class Service:
    """One server's state."""

    def __init__(self, profile: Profile, where: Home | None = None) -> None:
        self.profile = profile
        self.home = where or home()
        self.where = place.where()  # of the environment alone: nothing that a visitor sends names a cluster
        self.place: place.Place | None = None
        self.starting = threading.Lock()  # one visitor's start is checked and queued before the next one's
        self.streams = threading.BoundedSemaphore(STREAMS * profile.visitors)
        self._taken = 0
        self.writers = Line(runs_at_a_time())  # texts are written in this process, one visitor's on one core

    @cached_property
    def store(self) -> Store:
        """The run store; it is opened when first needed."""
        self.home.root.mkdir(parents=True, exist_ok=True)
        return Store(self.home.database, check=True)

    @cached_property
    def gallery(self) -> dict[str, str]:
        """The ids of the experiments that come with this installation, by name; they are in the store then."""
        return hang(self.store, self.home)

    @cached_property
    def queue(self) -> "Queue":
        """Who waits how long."""
        from playground.waiting import Queue

        return Queue(self.store, self._workers)

    @cached_property
    def sessions(self) -> "Sessions":
        """The exported files that are open."""
        from playground.sessions import Sessions  # and with it onnxruntime: not before something is to be written

        return Sessions()

    def start(self) -> None:
        """Get ready for visitors in the background: the page is up already."""
        threading.Thread(target=self._attend, name="background", daemon=True).start()

    def close(self) -> None:
        """End what trains."""
        if self.place is not None:
            self.place.close()

    def took_in(self) -> None:
        """Something was kept that was not trained here: now and then, see at once that it is not too much."""
        self._taken += 1
        if self._taken % TAKEN == 0:
            self._tidied()

    def add_job(self, kind: str, payload: Json, owner: str) -> None:
        """Queue a visitor's job; raises `Refusal` where too many wait already."""
        self.profile.check(jobs=self.store.jobs_going() + 1)
        self.store.add_job(kind, payload, owner)

    def ask(self, request: object) -> Json:
        """The answer to a request of the browser."""
        return registry.respond(self, request)

    def follow(self, request: object) -> Iterator[Json]:
        """The stream that a request of the browser asks for."""
        return registry.follow(self, request)

    def _workers(self) -> int:
        cluster = None if self.place is None else self.place.cluster
        return runs_at_a_time() if cluster is None else int(sum(node["cpus"] for node in cluster["nodes"]))

    def _attend(self) -> None:
        self._warm()
        self._tidy()  # not beside it: whoever looks waits for the imports, and the store is opened once

    def _warm(self) -> None:
        # The page's own imports first: two cores are not enough for both, and the visitor is already looking.
        registry.load()
        _ = self.gallery
        # On ZeroGPU only a decorated call has a GPU; what a worker does there, exports, must not look for one.
        without = {"SPACES_ZERO_GPU": "", "CUDA_VISIBLE_DEVICES": ""} if self.profile.name == "zerogpu" else {}
        self.place = self.where.open(self.home, runs_at_a_time(), without)
        try:
            self.place.start()
        except Refusal as refusal:  # a cluster that cannot be joined: the page says so, and what is queued waits
            log.error("nothing can be trained: %s", refusal)
        from playground.data import prepare
        from playground.recipe import Recipe

        prepare(Recipe().data)  # so that the first Train is quick

    def _tidy(self) -> None:
        """Now and then, see that the history stays within its bounds."""
        while True:
            self._tidied()
            time.sleep(TIDY)

    def _tidied(self) -> None:
        from playground.retention import tidy

        try:
            tidy(self.store, self.home, self.profile, spared=(OWNER,))
        except Refusal as refusal:  # a full disk or a locked file: tried again
            log.warning("the history was not tidied: %s", refusal)
