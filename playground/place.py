"""Where runs happen: this machine's worker processes, or a Ray cluster. Knows both by name; imports no engine.

Whoever needs runs done opens a place at a store, and submits to the store: what fills it is not seen from there.
"""

import os
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from models.text import Refusal, Text
from playground.cluster.address import reach
from playground.home import Home
from playground.pool import WorkerPool

VARIABLE = "PLAYGROUND_CLUSTER"


class Place(Protocol):
    """Does what a store has to do, from `start` to `close`."""

    @property
    def cluster(self) -> Mapping[str, Any] | None:
        """What the cluster last said: `nodes`, or why there is none; None where runs happen on this machine."""
        ...

    def start(self) -> Self:
        """Begin; raises `Refusal` where that cannot be."""
        ...

    def close(self) -> None:
        """End; what is still going on is marked as interrupted."""
        ...


@dataclass(frozen=True, slots=True)
class Where:
    """A choice of place: the cluster at an address, or None for this machine."""

    cluster: str | None = None

    def open(self, home: Home, runs: int, environment: Mapping[str, str] = {}) -> Place:
        """The place for the store of `home`, not started; `runs` at a time where they happen on this machine."""
        if self.cluster is None:
            return WorkerPool(home.database, runs, lock=home.lock, environment=environment)
        from playground.cluster.pool import ClusterPool

        return ClusterPool(home.database, self.cluster, lock=home.lock)

    def device(self, name: str) -> str:
        """The device of that name as a run's settings have it; on a cluster `auto` is decided there.

        Raises:
            Refusal: an unknown name, or a device that cannot be had there.
        """
        from playground.device import DEVICES, UNKNOWN, choose  # and with it torch: the page is up before it

        if self.cluster is None:
            return choose(name)
        if name not in DEVICES:
            raise Refusal(UNKNOWN.format(name=name, known=", ".join(DEVICES)), "device")
        if name == "mps":
            raise Refusal(NO_MPS, "device")
        return name


HERE = Where()


def where(given: str | None = None, environment: Mapping[str, str] = os.environ) -> Where:
    """What `--cluster` says, else what `PLAYGROUND_CLUSTER` says, else this machine.

    Raises:
        Refusal: nobody answers at the address that they say.
    """
    address = given or environment.get(VARIABLE) or None
    if address is not None:
        reach(address)
    return Where(address)


def add_argument(parser: ArgumentParser) -> None:
    """`--cluster` of a command that trains."""
    parser.add_argument(
        "--cluster", metavar="auto|HOST:PORT", help=f"train on this Ray cluster (docs/cluster.md); default: {VARIABLE}"
    )


NO_MPS = Text(
    "A Ray cluster trains on cpu or cuda, not on mps: leave --device out, or train on this machine.",
    "Ray 集群只支持 cpu 或 cuda，不支持 mps：请去掉 --device，或在本机训练。",
)
