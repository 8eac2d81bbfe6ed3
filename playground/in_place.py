"""A cache that grows where it stands: buffers bound to onnxruntime once, written on by the graph itself.

For the fast form of a file, whose attention knows where a text ends; see `playground.fast`. Layers whose cache the
graph hands on instead (those with a window and a bias) are bound anew for each step. onnxruntime and numpy alone.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from playground.sliding import Floats, Sliding

IDS, POSITION_IDS, LOGITS, PAST, PRESENT = "input_ids", "position_ids", "logits", "past_key_values", "present"
SEQLENS, TOTAL, ROTARY = "seqlens_k", "total_sequence_length", "rotary.{number}.{part}"
FEW = 8  # tokens of a step that may come again, and whose binding is kept: single ones, and those with guesses
LEAST = 256  # positions that a buffer has room for at least; it doubles when it is full
NOTHING: Mapping[str, Any] = {}
Ids = NDArray[np.int64]


def within(name: str, window: int) -> str:
    """The input that says the same as `name` of the buffers of layers with that window."""
    return f"{name}.{window}"


class Runner:
    """A fast graph, loaded: what it is called with, and the tables of waves that all its texts share.

    waves: frequencies and gain of every table; kept: the inputs whose buffers grow; windows: those whose buffers hold
    little more than a window, and how many keys that shows.
    """

    def __init__(
        self,
        inference: ort.InferenceSession,
        waves: Sequence[Mapping[str, Any]],
        kept: Sequence[str],
        windows: Mapping[str, int] = NOTHING,
    ) -> None:
        self.inference, self.waves, self.kept, self.windows = inference, waves, list(kept), windows
        self.inputs: dict[str, list[Any]] = {value.name: value.shape for value in inference.get_inputs()}
        self.one_by_one = any(name.startswith(SEQLENS) for name in self.inputs)  # it has a GroupQueryAttention
        caches = [name for name in self.inputs if name.startswith(PAST)]
        self.handed_on = [name for name in caches if name not in self.kept and name not in windows]
        self.vocabulary: int = next(value.shape[-1] for value in inference.get_outputs() if value.name == LOGITS)
        self._tables: tuple[int, dict[str, ort.OrtValue]] = (0, {})

    def tables(self, positions: int) -> dict[str, ort.OrtValue]:
        """Cosines and sines of the first `positions` positions or more, by their input's name."""
        made, tables = self._tables
        if made < positions:
            tables = {
                ROTARY.format(number=number, part=part): _value(np.float32(wave["gain"]) * wave_of(angles))
                for number, wave in enumerate(self.waves)
                for angles in [_angles(wave, positions)]
                for part, wave_of in (("cos", np.cos), ("sin", np.sin))
            }
            self._tables = (positions, tables)  # in one assignment: several threads may get here, and make the same
        return tables

    def empty(self, names: Sequence[str], batch: int, length: int) -> dict[str, Floats]:
        """Zeros [B, G, S, K] for each of those inputs: as many entries as it always has, else `length`."""
        shapes = {name: self.inputs[name] for name in names}
        entries = {name: shape[2] if isinstance(shape[2], int) else length for name, shape in shapes.items()}
        return {
            name: np.zeros((batch, shape[1], entries[name], shape[3]), np.float32) for name, shape in shapes.items()
        }

    def sliding(self, batch: int) -> list[Sliding]:
        """Empty buffers of the layers with a window, together those whose windows are equal."""
        sizes = sorted(set(self.windows.values()))
        alike = {size: [name for name, window in self.windows.items() if window == size] for size in sizes}
        return [Sliding(size, self.empty(names, batch, 0)) for size, names in alike.items()]


class KVBuffers:
    """Keys and values of one text, or of a batch of equally long ones, with room for more."""

    def __init__(self, runner: Runner, batch: int, length: int) -> None:
        self.runner, self.batch, self.filled = runner, batch, 0
        self.room = max(LEAST, 1 << (length - 1).bit_length())
        self.growing, self.windows = runner.empty(runner.kept, batch, self.room), runner.sliding(batch)
        self._lock = threading.Lock()
        self._call = runner.inference.run_with_iobinding
        self._tables = runner.tables(self.room)
        self._steps: dict[int, _Step] = {}  # by the number of tokens that they read

    def claimed(self, begin: int, end: int) -> "KVBuffers":
        """Where tokens `begin` to `end` may be written: here, or in a copy of what is before them.

        A copy, where somebody else has already gone on from `begin`, or where the room ends.

        Raises:
            ValueError: what a window showed at `begin` is gone, since somebody else has gone far on.
        """
        with self._lock:
            if self.filled == begin and end <= self.room:
                self.filled = end
                return self
            copied = KVBuffers(self.runner, self.batch, end)
            for window, other in zip(self.windows, copied.windows, strict=True):
                other.take(window, begin)
        for name, buffer in self.growing.items():
            copied.growing[name][:, :, :begin] = buffer[:, :, :begin]
        copied.filled = end
        return copied

    def step(self, ids_BT: Ids, end: int, past: Mapping[str, Any]) -> tuple[Floats, Mapping[str, Any]]:
        """Logits of tokens that end at `end`, and what the layers hand on; claimed for them before.

        Several further tokens of several rows are read one by one: GroupQueryAttention refuses them together.
        """
        tokens = ids_BT.shape[1]
        if not (self.runner.one_by_one and self.batch > 1 and 1 < tokens < end):
            logits, past = self.run(ids_BT, tokens, end, past)
            return logits.copy(), past
        each: list[Floats] = []
        for count in range(tokens):
            logits, past = self.run(ids_BT[:, count : count + 1], 1, end - tokens + count + 1, past)
            each.append(logits.copy())
        return np.concatenate(each, 1), past

    def run(
        self, ids_BT: Ids | Sequence[int], tokens: int, end: int, past: Mapping[str, Any]
    ) -> tuple[Floats, Mapping[str, Any]]:
        """`step` at once, whose logits hold until the next: one call of onnxruntime.

        Does little beside it. A call sweeps the processor's caches with all weights, so that what comes after it takes
        ten times as long as it would alone.
        """
        step = self._steps.get(tokens) or self._bound(tokens, end - tokens)
        if self.windows:
            self._advance(end - tokens, end)
        step.tell(ids_BT, end)
        if past:
            step.take(past)
        self._call(step.binding)
        return step.logits, step.handed_on() if past else NOTHING

    def _advance(self, first: int, end: int) -> None:
        with self._lock:  # somebody may be copying what is moved here
            for window in self.windows:
                window.advance(first, end)

    def _bound(self, tokens: int, first: int) -> "_Step":
        """A step that reads so many tokens, `first` the next; kept as long as the buffers are, unless it is a prompt's,
        whose logits are large."""
        with self._lock:
            moved = [window.fit(tokens, first) for window in self.windows]
        self._steps = {count: step for count, step in self._steps.items() if count <= FEW and not any(moved)}
        self._steps[tokens] = step = _Step(self.runner, self.batch, tokens)
        step.bind_in_place(self.growing)
        for window in self.windows:
            step.bind_in_place(window.buffers)
            step.bind({within(SEQLENS, window.size): window.seqlens, within(TOTAL, window.size): window.total})
        step.bind_logits(self._tables)
        return step


class _Step:
    """One call of the graph with a fixed number of tokens: all that it reads and writes, bound once."""

    def __init__(self, runner: Runner, batch: int, tokens: int) -> None:
        self.binding, self._runner, self._tokens = runner.inference.io_binding(), runner, tokens
        self._ids = np.zeros((batch, tokens), np.int64)
        self._positions = np.zeros_like(self._ids) if POSITION_IDS in runner.inputs else None
        self._seqlens, self._total = np.zeros(batch, np.int32), np.zeros((), np.int32)
        self.logits = np.zeros((batch, tokens, runner.vocabulary), np.float32)

    def tell(self, ids_BT: Ids | Sequence[int], end: int) -> None:
        """Which tokens are read next, and where they end."""
        self._ids[...] = ids_BT
        self._seqlens.fill(end - 1)
        self._total.fill(end)
        if self._positions is not None:
            self._positions[...] = np.arange(end - self._tokens, end)

    def take(self, past: Mapping[str, Any]) -> None:
        """What the layers have handed on."""
        for name, value in past.items():
            self.binding.bind_ortvalue_input(name, value)
            self.binding.bind_output(name.replace(PAST, PRESENT), "cpu")

    def handed_on(self) -> dict[str, Any]:
        """What they hand on. Outputs come in the order in which they were first bound: buffers, logits, then these."""
        before = len(self._runner.kept) + len(self._runner.windows) + 1
        return dict(zip(self._runner.handed_on, self.binding.get_outputs()[before:], strict=True))

    def bind_in_place(self, buffers: Mapping[str, Floats]) -> None:
        """Written where they are read."""
        for name, buffer in buffers.items():
            value = _value(buffer)
            self.binding.bind_ortvalue_input(name, value)
            self.binding.bind_ortvalue_output(name.replace(PAST, PRESENT), value)

    def bind(self, given: Mapping[str, NDArray[Any] | None]) -> None:
        """Those that the graph asks for."""
        for name, array in given.items():
            if array is not None and name in self._runner.inputs:
                self.binding.bind_ortvalue_input(name, _value(array))

    def bind_logits(self, tables: Mapping[str, ort.OrtValue]) -> None:
        """And all that is no cache, `tables` of waves among it, which somebody else keeps alive."""
        self.bind({IDS: self._ids, POSITION_IDS: self._positions, SEQLENS: self._seqlens, TOTAL: self._total})
        for name, value in tables.items():
            self.binding.bind_ortvalue_input(name, value)
        self.binding.bind_ortvalue_output(LOGITS, _value(self.logits))


def _value(array: NDArray[Any]) -> ort.OrtValue:
    """onnxruntime's view of the same memory, which it keeps alive; a binding does not."""
    return ort.OrtValue.ortvalue_from_numpy(array)


def _angles(wave: Mapping[str, Any], positions: int) -> Floats:
    return np.arange(positions, dtype=np.float32)[:, None] * np.array(wave["frequencies"], np.float32)
