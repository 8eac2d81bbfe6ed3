"""Spelling: changes and differences are inverse, the table of paths is whole, mistakes name what was meant."""

import contextlib
import itertools
import random

import pytest
from pairwise import design
from variants import variants

from models.architecture import Architecture
from models.position.rope import Rope
from models.spelling import change, differences, paths, written
from models.systems import systems
from models.text import Refusal

KNOWN = [
    *variants().values(),
    *design().rows,
    *(version for system in systems().values() for version in (system.twin, system.published)),
]
PAIRS = random.Random(0).sample(list(itertools.permutations(KNOWN, 2)), 600)


def test_differences_are_the_inverse_of_change() -> None:
    for architecture, base in PAIRS:
        assert change(base, differences(architecture, base)) == architecture


def test_no_difference_can_be_left_out() -> None:
    for architecture, base in PAIRS[:150]:
        found = differences(architecture, base)
        for name in found:
            rest = {key: text for key, text in found.items() if key != name}
            with contextlib.suppress(Refusal):  # without it nothing can be built: it is needed
                assert change(base, rest) != architecture, (name, found)


def test_nothing_differs_from_itself() -> None:
    assert not any(differences(architecture, architecture) for architecture in KNOWN)


def test_the_spelling_is_fit_for_a_link() -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.~+-")
    for architecture, base in PAIRS:
        for name, text in differences(architecture, base).items():
            assert set(name + text) <= allowed


def test_order_does_not_matter() -> None:
    for architecture, base in PAIRS[:100]:
        turned = dict(reversed(differences(architecture, base).items()))
        assert change(base, turned) == architecture


def test_choosing_an_option_resets_its_parameters() -> None:
    base = change(Architecture(), {"position": "rope", "position.theta": "500", "norm.eps": "1e-3"})
    assert change(base, {"position": "rope"}).position == change(Architecture(), {"position": "rope"}).position
    assert change(base, {"position": "rope", "position.fraction": "0.5"}).position == Rope(theta=10_000, fraction=0.5)
    assert change(base, {"norm": "rmsnorm"}).model_dump()["norm"] == {"option": "rmsnorm", "eps": 1e-5, "gain": "w"}
    assert change(base, {"shape.layers": "2"}).position == base.position


def test_one_word_for_a_pair() -> None:
    swiglu = change(Architecture(), {"feed_forward": "swiglu"}).model_dump()["feed_forward"]
    assert (swiglu["option"], swiglu["activation"]) == ("gated", "silu")
    assert differences(change(Architecture(), {"feed_forward": "geglu_tanh"}), Architecture()) == {
        "feed_forward": "geglu_tanh"
    }


@pytest.mark.parametrize(
    ("spelt", "meant"),
    {
        "nrom=rmsnorm": "norm",
        "norm=rmsnrm": "norm=rmsnorm",
        "feed_forward=swigluu": "feed_forward=swiglu",
        "heads.kvs=2": "heads.kv",
        "position=rope,position.teta=100": "position.theta",
        "shape.layer=3": "shape.layers",
    }.items(),
)
def test_the_nearest_right_one_is_named(spelt: str, meant: str) -> None:
    with pytest.raises(Refusal) as caught:
        change(Architecture(), dict(one.split("=") for one in spelt.split(",")))
    assert f"Did you mean {meant!r}?" in caught.value.text.en and repr(meant) in caught.value.text.zh


def test_a_parameter_of_another_option_is_said_to_be_that() -> None:
    with pytest.raises(Refusal, match=r"position\.theta belongs to position=rope, but position=learned is chosen"):
        change(Architecture(), {"position.theta": "100"})


def test_every_field_of_every_choice_has_a_path() -> None:
    names = {(path.name, path.option) for path in paths()}
    for axis, cls in Architecture.axes().items():
        for slug, option in (cls.options() or {"": cls}).items():
            for field in option.model_fields:
                assert field == "option" or {(f"{axis}.{field}", slug), (f"{axis}.{field}", "")} & names


def test_a_path_tells_the_truth() -> None:
    """Its default is what is chosen, its choices and bounds are taken, what lies beyond them is refused."""
    for path in paths():
        chosen = {path.axis: path.option} if path.option else {}
        base = change(Architecture(), chosen)
        assert path.option == "" or written(getattr(getattr(base, path.axis), path.field)) == path.default
        for bound, step in ((path.minimum, -1), (path.maximum, 1)):
            if bound is not None:
                with pytest.raises(Refusal) as caught:
                    change(base, chosen | {path.name: written(bound + step)})
                assert path.name in caught.value.fields


def test_long_nonsense_is_refused_briefly() -> None:
    with pytest.raises(Refusal) as caught:
        change(Architecture(), {"x" * 10_000: "1"})
    assert len(caught.value.text.en) < 600 and len(caught.value.text.zh) < 600
