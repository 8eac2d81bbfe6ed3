"""What the page says it computes on: "CPU · 2 cores", or the GPU's name."""

import os

import torch

from models.text import Text
from playground.device import choose
from playground.ui.catalogue import sentence


def device() -> Text:
    """The device that runs are trained on."""
    kind = choose()
    if kind == "cuda":
        name = torch.cuda.get_device_name()
        return Text(name, name)
    if kind == "mps":
        return Text("Apple GPU", "Apple GPU")
    return sentence("cpu", cores=cores())


def cores() -> int:
    """The cores this process may use; a container may have fewer than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
