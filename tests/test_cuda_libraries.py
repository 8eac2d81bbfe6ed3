"""CUDA's libraries are loaded before a session that asks for a GPU; of a GPU nothing is needed for that."""

import onnxruntime as ort
import pytest
from exported import exported

from playground import cuda_libraries
from playground.session import CPU, CUDA, Session

ROPE = "position=rope,norm=rmsnorm,feed_forward=swiglu,heads.kv=2"


@pytest.mark.parametrize("driver", [True, False], ids=["driver", "no driver"])
def test_nvidias_libraries_are_loaded_before_a_session_on_a_gpu(
    driver: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """They lie where pip puts them, in which only torch and onnxruntime's own call look; without a driver none does."""
    did: list[str] = []

    def load(name: str) -> None:
        if not driver:
            raise OSError(f"{name}: cannot open shared object file")

    def preload() -> None:
        did.append("libraries")
        print("Failed to load libcufft.so.12")

    class Stopped(Exception): ...

    def open_session(*_: object, providers: list[str]) -> None:
        did.extend(providers)
        raise Stopped

    monkeypatch.setattr("ctypes.CDLL", load)
    monkeypatch.setattr(ort, "preload_dlls", preload)
    monkeypatch.setattr(ort, "InferenceSession", open_session)
    cuda_libraries.loaded.cache_clear()
    try:
        for _ in range(2):
            with pytest.raises(Stopped):
                Session(exported(ROPE).path, cuda=True)
    finally:
        cuda_libraries.loaded.cache_clear()
    assert did == (["libraries", CUDA, CPU, CUDA, CPU] if driver else [CPU, CPU])
    assert capfd.readouterr() == ("", "")
