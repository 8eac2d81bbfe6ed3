"""What an option says of itself, in both languages, and how the registry finds it."""

import pytest
from pydantic import ValidationError
from variants import variants

from models.activation.base import ACTIVATIONS, Activation, register
from models.architecture import Architecture
from models.drawing import Mark
from models.norm.base import Norm
from models.norm.rmsnorm import RMSNorm
from models.option import Axis
from models.spelling import Path, paths
from models.text import Text

AXES = Architecture.axes()
CHOICES = {
    f"{axis}={slug}": option for axis, cls in AXES.items() for slug, option in (cls.options() or {"": cls}).items()
}
IDENTITIES = {"none", "full"}  # options that do nothing


def speaks_chinese(text: Text) -> bool:
    """Chinese characters or punctuation, a symbol, or a name that is the same in every language."""
    return not text.zh.isascii() or text.zh == text.en


@pytest.mark.parametrize("axis", AXES)
def test_an_axis_is_named_and_explained(axis: str) -> None:
    cls = AXES[axis]
    assert cls.axis_title.en and speaks_chinese(cls.axis_title)
    assert cls.axis_help.en.endswith(".") and cls.axis_help.zh.endswith("。")
    assert all(title.en and speaks_chinese(title) for title in cls.words().values())


@pytest.mark.parametrize("choice", CHOICES.values(), ids=list(CHOICES))
def test_a_choice_says_why_at_what_cost_and_who(choice: type[Axis]) -> None:
    assert choice.title.en and speaks_chinese(choice.title)
    for sentence in choice.help:
        assert len(sentence.split(" · ")) == 3 and all(part.strip() for part in sentence.split(" · "))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in choice.help.zh)


@pytest.mark.parametrize("choice", CHOICES.values(), ids=list(CHOICES))
def test_a_choice_names_its_source(choice: type[Axis]) -> None:
    slug = choice.model_fields["option"].default if "option" in choice.model_fields else ""
    assert choice.citation or slug in IDENTITIES
    assert choice.formula or slug in IDENTITIES or not slug


@pytest.mark.parametrize("path", paths(), ids=lambda path: f"{path.name} {path.option}")
def test_a_parameter_is_named_and_explained_in_one_line(path: Path) -> None:
    assert path.title.en and speaks_chinese(path.title)
    assert path.help.en and path.help.zh and "\n" not in path.help.en
    assert any("\u4e00" <= letter <= "\u9fff" for letter in path.help.zh), path.help


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=list(ACTIVATIONS))
def test_an_activation_says_what_it_is(activation: Activation) -> None:
    assert activation.formula and activation.citation and activation.title.en and speaks_chinese(activation.title)
    assert activation.alone or activation.gated
    assert bool(activation.gated) == bool(activation.gated_title)


def test_what_is_drawn_is_named_in_both_languages() -> None:
    for architecture in variants().values():
        for axis, choice in architecture.choices():
            for mark in choice.draw(architecture):
                assert isinstance(mark, Mark) and set(mark.axes) <= {*AXES, *(path.name for path in paths())}
                assert bool(mark.label.en) == bool(mark.label.zh) and speaks_chinese(mark.label), (axis, mark)


def test_words_mean_themselves() -> None:
    """`axis=word` is a choice that is spelt with the same word again."""
    for cls in AXES.values():
        for word in cls.words() if cls.options() else ():
            fields = cls.spell(word)
            assert fields is not None
            spelt = cls.model_validate(fields).spelt()
            assert spelt is not None and spelt[0] in (word, *cls.words())


def test_an_abstract_axis_becomes_the_option_that_is_named() -> None:
    assert Norm.model_validate({"option": "rmsnorm", "eps": 1e-3}) == RMSNorm(eps=1e-3)
    assert type(Architecture.model_validate({"norm": {"option": "rmsnorm"}}).norm) is RMSNorm
    with pytest.raises(ValidationError, match="there is no option 'rms'"):
        Architecture.model_validate({"norm": {"option": "rms"}})
    with pytest.raises(ValidationError, match="there is no option"):
        Norm()
    with pytest.raises(ValidationError, match="extra"):
        Norm.model_validate({"option": "rmsnorm", "bias": True})


def test_a_name_is_taken_once() -> None:
    with pytest.raises(TypeError, match="two activations named 'relu'"):
        register(ACTIVATIONS["relu"])
    for cls in AXES.values():
        options = [leaf for leaf in _below(cls) if "option" in leaf.model_fields]
        assert len(options) == len({leaf.model_fields["option"].default for leaf in options})


def test_a_choice_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Architecture().norm.eps = 1.0  # pyright: ignore[reportAttributeAccessIssue]


def _below(cls: type[Axis]) -> list[type[Axis]]:
    return [leaf for child in cls.__subclasses__() for leaf in (_below(child) or [child])]
