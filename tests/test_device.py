"""Which device is chosen, and what it is called."""

import pytest
import torch

from playground.device import DEVICES, choose, describe


def test_the_first_device_there_is_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"cuda": False, "mps": False}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: found["cuda"])
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: found["mps"])
    assert choose() == choose("cpu") == "cpu"
    found["mps"] = True
    assert choose() == "mps"
    found["cuda"] = True
    assert choose() == "cuda" and choose("cpu") == "cpu"
    found["cuda"] = False
    for name, said in (("cuda", "no CUDA device"), ("tpu", ", ".join(DEVICES))):
        with pytest.raises(ValueError, match=said):
            choose(name)


def test_the_processor_has_a_name() -> None:
    assert describe("cpu").strip()
