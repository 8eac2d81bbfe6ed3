"""Where a run computes: CUDA if there is one, else Apple's MPS, else the CPU. Knows torch's devices, no model."""

import platform
from pathlib import Path

import torch

from models.text import Refusal, Text

DEVICES = ("auto", "cpu", "cuda", "mps")

UNKNOWN = Text("There is no device {name!r}: choose {known}.", "没有名为“{name}”的设备：可选 {known}。")
MISSING = Text("There is no {name} device on this machine.", "这台机器上没有 {name} 设备。")


def choose(name: str = "auto") -> str:
    """The device of that name; `auto` takes the first there is of cuda, mps and cpu.

    Raises:
        Refusal: an unknown name, or a device that this machine lacks.
    """
    if name not in DEVICES:
        raise Refusal(UNKNOWN.format(name=name, known=", ".join(DEVICES)), "device")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, found in there.items() if found)
    if not there[name]:
        raise Refusal(MISSING.format(name=name.upper()), "device")
    return name


def describe(device: str) -> str:
    """What people call the device: the GPU's or the processor's name."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    return f"{processor()} (MPS)" if device == "mps" else processor()


def processor() -> str:
    """The processor's name as the operating system gives it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def synchronize(device: str) -> None:
    """Wait until the device has done all it was given."""
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def free() -> None:
    """Give back what torch keeps of a GPU's memory for later: others may need it."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def free_bytes(name: str) -> int:
    """Memory of the GPU that runs on device `name` would compute on, as much as is free; 0 without one."""
    if name not in ("auto", "cuda") or not torch.cuda.is_available():
        return 0
    return torch.cuda.mem_get_info()[0]
