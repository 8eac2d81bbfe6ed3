"""What named accelerators can do, by their makers' datasheets: matrix FLOPs and bytes a second. Knows no model.

Matrix rates are for bfloat16 (the V100: float16) with float32 sums, without sparsity, which doubles the number of a
datasheet.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Accelerator:
    """One device."""

    id: str
    name: str
    flops: float  # a second, of dense matrix products
    bandwidth: float  # bytes a second, of its memory
    citation: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


ACCELERATORS = (
    Accelerator("v100", "V100 SXM2", 125e12, 900e9, "NVIDIA V100 datasheet, 2020"),
    Accelerator("a100", "A100 SXM 80 GB", 312e12, 2039e9, "NVIDIA A100 80GB datasheet, 2021"),
    Accelerator("h100", "H100 SXM", 989.5e12, 3.35e12, "NVIDIA H100 datasheet, 2023: 1,979 TFLOPS with sparsity"),
    Accelerator("h200", "H200 SXM", 989.5e12, 4.8e12, "NVIDIA H200 datasheet, 2024: 1,979 TFLOPS with sparsity"),
    Accelerator("mi300x", "MI300X", 1307.4e12, 5.3e12, "AMD Instinct MI300X datasheet, 2023"),
    Accelerator("tpu-v5e", "TPU v5e", 197e12, 819e9, "Google Cloud documentation, TPU v5e, 2023"),
)
