"""What a node has, as it says itself. Imports nothing that might be missing there: it is asked for what is."""

from importlib import import_module
from typing import Any

NEEDED = ("torch", "pydantic", "numpy", "safetensors", "tokenizers")


def inspect() -> dict[str, Any]:
    """The packages that are `missing`, and, where none is, the memory of the node's smallest GPU, 0 without one."""
    missing = [name for name in NEEDED if not _importable(name)]
    if missing:
        return {"missing": missing, "gpu_bytes": 0}
    import torch

    found = torch.cuda.device_count() if torch.cuda.is_available() else 0
    sizes = [torch.cuda.get_device_properties(n).total_memory for n in range(found)]
    return {"missing": [], "gpu_bytes": min(sizes, default=0)}


def _importable(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True
