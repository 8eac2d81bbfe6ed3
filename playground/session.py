"""An exported file, running: token ids and a cache in, logits and the cache out.

onnxruntime and numpy alone: neither torch nor `models`. Knows text only as the tokenizer that the file carries.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from playground import cuda_libraries
from playground.in_place import IDS, LOGITS, PAST, POSITION_IDS, PRESENT, KVBuffers, Runner
from playground.precision import FP32
from playground.problem import Problem, Sentence
from playground.seal import DIGEST, UNSEALED, intact
from playground.tokenizer import Tokenizer, from_json

FORMAT = "1"
PREFIX = "playground."
POSITIONS = "positions"  # how many positions the model can tell apart: a number, or "unlimited"
PRECISION = "precision"  # which of `playground.precision` it is; fp32 where nothing is said
FAST = "fast"  # what the fast form says of itself: `of`; the others as `in_place.Runner` takes them
FAST_SUFFIX = ".fast.onnx"
CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
MOST_THREADS = 256
SILENT = 4  # log nothing but fatal errors: whatever goes wrong reaches us as an exception as well

Ids = NDArray[np.int64]
Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cache:
    """What was read so far: how many tokens, and the keys and values a later one may need, by their input's name."""

    length: int = 0
    past: Mapping[str, Any] = field(default_factory=dict)  # arrays; values of onnxruntime where they stay inside it
    buffers: KVBuffers | None = None  # of the fast form: what is kept where it stands


class Session:
    """An exported file, checked to be one. `step` keeps nothing, so several threads may share a session.

    spin: threads wait for work at full speed, as other engines' do. Only for a machine of one's own.

    Raises:
        Problem: no ONNX file, not one of ours, of a newer format, or damaged.
    """

    def __init__(self, path: str | Path, threads: int = 1, cuda: bool = False, spin: bool = False) -> None:
        self.path = Path(path)
        self._inference = _open(self.path, threads, cuda, spin)
        self.provider: str = self._inference.get_providers()[0]  # what it really runs on, whatever was asked for
        self.inputs: dict[str, list[Any]] = {value.name: value.shape for value in self._inference.get_inputs()}
        self.outputs: list[str] = [value.name for value in self._inference.get_outputs()]
        self._past = [name for name in self.inputs if name.startswith(PAST)]
        found = self._inference.get_modelmeta().custom_metadata_map
        properties = _properties(self.path, found)
        if not _whole(self.path, found.get(DIGEST), properties.get("version")):
            raise Problem(CHANGED.format(path=self.path))
        try:
            self._read(properties)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
            raise Problem(DAMAGED.format(path=self.path)) from None

    def _read(self, properties: Mapping[str, str]) -> None:
        self.architecture: dict[str, Any] = json.loads(properties["architecture"])
        self.recipe: dict[str, Any] = json.loads(properties["recipe"])
        self.provenance: dict[str, Any] = json.loads(properties["provenance"])
        self.tokenizer: Tokenizer = from_json(properties["tokenizer"])
        self.context = int(self.architecture["shape"]["context"])
        reach = properties[POSITIONS]
        self.positions = None if reach == "unlimited" else int(reach)
        if self.context < 1 or (self.positions is not None and self.positions < 1):
            raise ValueError("a model that can read nothing")
        self.precision = properties.get(PRECISION, FP32)
        present = [name.replace(PAST, PRESENT) for name in self._past]
        notes = json.loads(properties.get(FAST, "null"))
        self.fast_of: str | None = None if notes is None else notes["of"]  # the portable file's `fingerprint`
        self._fast = None if notes is None else _runner(self._inference, notes)
        if IDS not in self.inputs or self.outputs != [LOGITS, *present]:
            raise ValueError("other inputs and outputs than ours")
        if self.tokenizer.vocabulary != self.architecture["shape"]["vocabulary"]:
            raise ValueError("a tokenizer of another model")

    def step(self, ids_BT: Ids, cache: Cache | None = None) -> tuple[Logits, Cache]:
        """Logits [B, T, V], float32, of T further tokens, and the cache including them. None: nothing was read yet.

        Raises:
            ValueError: more positions than the model can tell apart.
        """
        if cache is None:
            cache = self._empty(len(ids_BT)) if self._fast is None else self._fast_empty(*ids_BT.shape)
        length = cache.length + ids_BT.shape[1]
        if self.positions is not None and length > self.positions:
            raise ValueError(f"position {length} is asked for; this model knows {self.positions}")
        if cache.buffers is not None:
            buffers = cache.buffers.claimed(cache.length, length)
            logits, handed_on = buffers.step(ids_BT, length, cache.past)
            return logits, Cache(length, handed_on, buffers)
        feed = {IDS: ids_BT, **cache.past}
        if POSITION_IDS in self.inputs:
            feed[POSITION_IDS] = np.broadcast_to(np.arange(cache.length, length), ids_BT.shape)
        outputs: list[Any] = (
            self._on_gpu(feed) if self.provider == CUDA else list(self._inference.run(self.outputs, feed))
        )
        logits, *present = outputs
        return logits, Cache(length, dict(zip(self._past, present, strict=True)))

    def _empty(self, batch: int) -> Cache:
        """No entries: [B, G, 0, K] of every layer that has attention."""
        shapes = {name: (batch, shape[1], 0, shape[3]) for name, shape in self.inputs.items() if name in self._past}
        return Cache(0, {name: np.zeros(shape, np.float32) for name, shape in shapes.items()})

    def _fast_empty(self, batch: int, length: int) -> Cache:
        """The same for the fast form, with room for `length` tokens and more."""
        assert self._fast is not None
        empty = self._fast.empty(self._fast.handed_on, batch, 0)
        past = {name: ort.OrtValue.ortvalue_from_numpy(array) for name, array in empty.items()}
        return Cache(0, past, KVBuffers(self._fast, batch, length))

    def reading(self) -> "Reading":
        """A text of one row, about to be read from its beginning on."""
        return Reading(self)

    @property
    def form(self) -> str:
        """fast or portable: which form of an exported model the file holds."""
        return "portable" if self._fast is None else "fast"

    def _on_gpu(self, feed: Mapping[str, Any]) -> list[Any]:
        """The outputs; only the logits leave the GPU."""
        binding = self._inference.io_binding()
        for name, value in feed.items():
            if isinstance(value, ort.OrtValue):
                binding.bind_ortvalue_input(name, value)
            else:
                binding.bind_cpu_input(name, np.ascontiguousarray(value))
        for name in self.outputs:
            binding.bind_output(name, "cpu" if name == LOGITS else "cuda")
        self._inference.run_with_iobinding(binding)
        logits, *present = binding.get_outputs()
        return [logits.numpy(), *present]


class Reading:
    """One text, read from its beginning on, and by nobody else: what `step` does, with less around it."""

    def __init__(self, session: Session) -> None:
        self.length = 0  # tokens read so far
        self.calls = 0  # of the model
        self._session = session
        self._buffers: KVBuffers | None = None
        self._past: Mapping[str, Any] = {}
        self._room = 0  # tokens that `_buffers` can take
        self._last = 0  # where begins what was read last

    def read(self, ids: Sequence[int]) -> Logits:
        """Logits [V] after the last of some further ids; they hold until the next call.

        Raises:
            ValueError: more positions than the model can tell apart.
        """
        return self.read_each(ids)[-1]

    def read_each(self, ids: Sequence[int]) -> Logits:
        """Logits [T, V] after each of some further ids; else as `read`."""
        end = self.length + len(ids)
        if self._buffers is not None and end <= self._room:
            logits_BTV, self._past = self._buffers.run(ids, len(ids), end, self._past)
        else:
            logits_BTV = self._read_first(ids)
        self._last, self.length = self.length, end
        self.calls += 1
        return logits_BTV[0]

    @property
    def goes_back(self) -> bool:
        """Can `go_back` be called? Where all that is kept stays in its place, once something was read."""
        return self._buffers is not None and not self._past

    def go_back(self, length: int) -> None:
        """Read on after the first `length` tokens, of which those up to the last call's first stay read.

        What is kept of the others is written over. A window still holds what the last call's first token saw, and so
        all that any later one does.

        Raises:
            ValueError: a `length` before that token or beyond what was read; or not all that is kept stays in place.
        """
        if not (self.goes_back and self._last < length <= self.length):
            raise ValueError(f"cannot go back to {length} of {self.length} tokens, {self._last} before the last call")
        self.length = length

    def _read_first(self, ids: Sequence[int]) -> Logits:
        """What `step` reads, and how many further tokens need it no more."""
        before = Cache(self.length, self._past, self._buffers) if self.length else None
        logits_BTV, cache = self._session.step(np.array([ids]), before)
        self._buffers, self._past = cache.buffers, cache.past
        if cache.buffers is not None:
            self._room = min(cache.buffers.room, self._session.positions or cache.buffers.room)
        return logits_BTV


def _runner(inference: ort.InferenceSession, notes: Mapping[str, Any]) -> Runner:
    """Raises what is caught where metadata are read, for notes of other inputs than the file has."""
    runner = Runner(inference, notes["waves"], notes["kept"], notes.get("windows", {}))  # 0.1 wrote none
    runner.empty([*runner.kept, *runner.windows], 1, 0)
    runner.tables(1)
    return runner


def fastest(path: str | Path, threads: int = 1, spin: bool = False) -> Session:
    """`path` on the processor: its fast form where one lies beside it and can be run, else the file itself.

    Which it is, `Session.form` says.

    Raises:
        Problem: as `Session`, of the file itself.
    """
    return _fast_form(Path(path), threads, spin) or Session(path, threads, spin=spin)


def _fast_form(path: Path, threads: int = 1, spin: bool = False) -> Session | None:
    """The fast form of exactly this file, if it lies beside it and can be run: another runtime may not know what it
    asks for, and the file itself is whole all the same."""
    if not path.is_file() or not (beside := path.with_suffix(FAST_SUFFIX)).is_file():
        return None
    try:
        session = Session(beside, threads, spin=spin)
    except Problem:
        return None
    return session if session.fast_of == fingerprint(path) else None


def fingerprint(path: Path) -> str:
    """Which file it is: the hash of its bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(path: Path, threads: int, cuda: bool, spin: bool) -> ort.InferenceSession:
    """Does not spin unless told to: processors are shared, and waking a thread takes as long as a token."""
    if not path.is_file():
        raise Problem(MISSING.format(path=path))
    if not 1 <= threads <= MOST_THREADS:
        raise Problem(THREADS.format(given=threads, most=MOST_THREADS))
    ort.set_default_logger_severity(SILENT)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spin)))
    try:
        return ort.InferenceSession(path, options, providers=[CUDA, CPU] if cuda and cuda_libraries.loaded() else [CPU])
    except Exception as error:  # onnxruntime's own errors share no base class with a name
        if type(error).__module__.startswith("onnxruntime"):
            raise Problem(NOT_ONNX.format(path=path)) from None
        raise


def _whole(path: Path, digest: str | None, version: str | None) -> bool:
    """Are the file's bytes those that were written? Taken on trust where whoever changed the file says so, and of files
    of before there were digests."""
    if digest is None:
        return version is None or version.split(".")[:2] == ["0", "1"]
    return digest == UNSEALED or intact(path, digest)


def _properties(path: Path, found: Mapping[str, str]) -> dict[str, str]:
    """Our metadata without the prefix. Raises `Problem` for somebody else's file, or one of a format to come."""
    ours = {key.removeprefix(PREFIX): value for key, value in found.items() if key.startswith(PREFIX)}
    if "format" not in ours:
        raise Problem(NOT_OURS.format(path=path))
    if ours["format"] != FORMAT:
        raise Problem(OTHER_FORMAT.format(path=path, version=ours["format"][:20], known=FORMAT))
    return ours


THREADS = Sentence(
    "{given} threads were asked for (--threads); give 1 to {most}.",
    "线程数（--threads）为 {given}，应在 1 到 {most} 之间。",
)
MISSING = Sentence("There is no file {path}.", "文件 {path} 不存在。")
NOT_ONNX = Sentence(
    "{path} cannot be loaded: it is no ONNX file, or a damaged one.", "无法载入 {path}：它不是 ONNX 文件，或者已损坏。"
)
NOT_OURS = Sentence(
    "{path} is an ONNX file, but was not exported by the playground: it does not say which model it holds.",
    "{path} 是 ONNX 文件，但不是由本项目导出的：文件里没有模型信息。",
)
OTHER_FORMAT = Sentence(
    "{path} was written in format {version}; format {known} can be read here. Export it again, or update.",
    "{path} 的格式版本是 {version}，这里只能读取版本 {known}。请重新导出，或更新本程序。",
)
CHANGED = Sentence(
    "{path} is damaged, or was changed after it was exported: its digest is no longer that of its bytes, "
    "or gone. Export it again.",
    "{path} 已损坏，或在导出后被改动过：其摘要与文件内容不符，或已丢失。请重新导出。",
)
DAMAGED = Sentence(
    "{path} was exported by the playground, but what it says of itself is damaged. Export it again.",
    "{path} 由本项目导出，但其中的模型信息已损坏。请重新导出。",
)
