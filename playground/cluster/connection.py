"""Connecting to a Ray cluster, and what its nodes are; everything that can be wrong with one, said in a sentence.

This project's code travels with the connection, once to every node; what it needs, torch and the rest, is there.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import ray
from ray.exceptions import AuthenticationError, GetTimeoutError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from models.text import Refusal, Text
from playground.cluster.address import AUTO, NOBODY
from playground.cluster.demand import Node
from playground.cluster.inspection import inspect

CONNECT = 40.0  # seconds for Ray to connect to what answers
INSPECT = 60.0  # seconds for a node to say what it has: it imports torch for it
ROOT = Path(__file__).resolve().parent.parent.parent


def connect(address: str, give_up: Callable[[Text], None]) -> None:
    """Be a driver of the cluster at `auto` or HOST:PORT; `give_up` is called where Ray itself does not return.

    Raises:
        Refusal: what is wrong, and what to do about it.
    """
    late = threading.Timer(CONNECT, give_up, [NOBODY.format(address=address)])
    late.daemon = True
    late.start()
    try:
        ray.init(
            address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            configure_logging=False,
            runtime_env={
                "py_modules": [str(ROOT / "models"), str(ROOT / "playground")],
                "excludes": ["__pycache__"],
                "env_vars": {"OMP_NUM_THREADS": "1", "TORCHINDUCTOR_COMPILE_THREADS": "1"},
            },
        )
    except (RayError, RuntimeError, ValueError, OSError) as error:  # ConnectionError is an OSError
        _refuse(error, address)
    finally:
        late.cancel()


def _refuse(error: Exception, address: str) -> NoReturn:
    words = str(error)
    if isinstance(error, AuthenticationError) or "token" in words.lower():
        raise Refusal(TOKEN.format(address=address)) from error
    if "Version mismatch" in words:
        versions = " ".join(words.partition("The cluster was started with:")[2].split())
        raise Refusal(OTHER_VERSIONS.format(versions=versions)) from error
    if isinstance(error, ConnectionError) and address == AUTO:
        raise Refusal(NONE_HERE) from error
    raise Refusal(NOT_JOINED.format(address=address, error=words.partition("\n")[0][:200])) from error


_inspect = ray.remote(num_cpus=0, max_retries=0)(inspect)


class Nodes:
    """The cluster's nodes that train; each is asked once what it has."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, ray.ObjectRef[dict[str, Any]]] = {}
        self._unfit: set[str] = set()

    def look(self, *, wait: bool = False) -> list[Node]:
        """The nodes alive now that have said what they have; with `wait`, all of them."""
        alive = {row["NodeID"]: row for row in ray.nodes() if row["Alive"] and row["Resources"].get("CPU")}
        for id in alive.keys() - self._known.keys() - self._asked.keys() - self._unfit:
            place = NodeAffinitySchedulingStrategy(id, soft=False)
            self._asked[id] = _inspect.options(scheduling_strategy=place).remote()
        for id in alive.keys() & self._asked.keys():
            self._hear(id, alive[id]["NodeManagerAddress"], INSPECT if wait else 0)
        return [_node(row, self._known[id]) for id, row in alive.items() if id in self._known]

    def _hear(self, id: str, name: str, seconds: float) -> None:
        try:
            said: dict[str, Any] = ray.get(self._asked[id], timeout=seconds)
        except GetTimeoutError:
            if seconds:
                raise Refusal(SILENT.format(node=name, seconds=seconds)) from None
            return
        except RayError as error:
            if not seconds:  # it went away meanwhile, or comes later
                del self._asked[id]
                return
            raise Refusal(UNFIT.format(node=name, reason=str(error).strip().splitlines()[-1][:200])) from error
        del self._asked[id]
        if said["missing"]:
            self._unfit.add(id)
            raise Refusal(MISSING.format(node=name, names=", ".join(said["missing"])))
        self._known[id] = said


def _node(row: dict[str, Any], said: dict[str, Any]) -> Node:
    has = row["Resources"]
    return Node(row["NodeManagerAddress"], has.get("CPU", 0.0), has.get("GPU", 0.0), said["gpu_bytes"])


NONE_HERE = Text(
    "No Ray cluster runs on this machine. Start one with `ray start --head`, or join one with "
    "`ray start --address HOST:PORT`.",
    "本机没有运行 Ray 集群。请用 `ray start --head` 启动，或用 `ray start --address HOST:PORT` 加入已有集群。",
)
NOT_JOINED = Text(
    "Ray could not connect to {address} ({error}). This machine must be a node of the cluster itself: run "
    "`ray start --address {address} --num-cpus 0` on it first.",
    "Ray 无法连接到 {address}（{error}）。本机自身须是集群的节点：请先在本机运行 "
    "`ray start --address {address} --num-cpus 0`。",
)
OTHER_VERSIONS = Text(
    "The cluster has other versions. It has {versions}. Install the same ones on every machine: "
    "pip install -r requirements-cluster.txt.",
    "集群的版本与本机不同：{versions}。请在每台机器上安装相同的版本：pip install -r requirements-cluster.txt。",
)
TOKEN = Text(
    "The cluster at {address} asks for a token that this machine does not have: copy ~/.ray/auth_token from its head, "
    "and set RAY_AUTH_MODE=token.",
    "{address} 的集群要求令牌，而本机没有：请从集群的主节点复制 ~/.ray/auth_token，并设置 RAY_AUTH_MODE=token。",
)
MISSING = Text(
    "The node {node} lacks {names}. Install requirements.txt there, or take the node out of the cluster (`ray stop`).",
    "节点 {node} 缺少 {names}。请在该节点上安装 requirements.txt，或将它移出集群（`ray stop`）。",
)
SILENT = Text(
    "The node {node} has not answered for {seconds:g} s. Look at `ray status`, or take it out of the cluster.",
    "节点 {node} 在 {seconds:g} 秒内没有应答。请查看 `ray status`，或将它移出集群。",
)
UNFIT = Text(
    "The node {node} cannot train: {reason}. Repair it, or take it out of the cluster (`ray stop`).",
    "节点 {node} 无法训练：{reason}。请修复该节点，或将它移出集群（`ray stop`）。",
)
