"""Axes of choice and the options on them.

Registry, discovery, dispatch. The one clever file; knows no particular axis.

An axis is a frozen pydantic model. One with options is an abstract class in `AXIS/base.py`, and every option is a
subclass in a file of its own, told apart by the default of its field `option`; what some of them share may be an
abstract class between. One without options (heads, shape) is a concrete class. Either way the object is the
configuration, acts through the hooks it overrides, and `build`s a module where it has parameters to learn.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, model_validator
from pydantic.fields import FieldInfo

from models.drawing import Mark
from models.hooks import Hooks
from models.piece import Piece
from models.text import Refusal, Text
from models.words import NONE, number

if TYPE_CHECKING:
    from models.architecture import Architecture

Panel = Literal["page", "details"]
AnySpelt = TypeVar("AnySpelt", bound="Spelt")


class Spelt(BaseModel):
    """Something that can be spelt `name.field=value`: axes, and whatever else has fields made by `parameter`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    axis_title: ClassVar[Text]
    axis_help: ClassVar[Text]
    title: ClassVar[Text]
    help: ClassVar[Text]  # why · cost · who
    formula: ClassVar[str] = ""
    citation: ClassVar[str] = ""
    rank: ClassVar[int] = 100  # options are listed by rank, then by name
    listed: ClassVar[bool] = True  # an option that is made when it is named is not
    abbreviates: ClassVar[str] = ""  # the parameter that `axis=value` means, on an axis without options

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """A badly formed option is a TypeError at import, not a surprise on the page."""
        if "option" not in cls.model_fields:
            return
        parent, axis = cls.__bases__[0], axis_of(cls)
        assert issubclass(parent, Spelt)
        if "option" in parent.model_fields:
            raise TypeError(
                f"{cls.__name__} is made of the option {parent.__name__}: options are final, axes have them"
            )
        if not (hasattr(cls, "title") and hasattr(cls, "help")):
            raise TypeError(f"the option {cls.__name__} has no title or no help")
        same = [
            leaf.__name__ for leaf in _leaves(axis) if "option" in leaf.model_fields and slug_of(leaf) == slug_of(cls)
        ]
        if len(same) > 1:
            raise TypeError(f"two options of {axis.__name__} are named {slug_of(cls)!r}: {', '.join(same)}")

    @property
    def slug(self) -> str:
        """The name of the chosen option, "" on an axis without options."""
        return slug_of(type(self)) if "option" in type(self).model_fields else ""

    @classmethod
    def options(cls) -> dict[str, "type[Self]"]:
        """The options on this axis by slug, in the order in which they are listed; empty for an axis without."""
        leaves = [leaf for leaf in _leaves(cls) if "option" in leaf.model_fields and leaf.listed]
        return {slug_of(leaf): leaf for leaf in sorted(leaves, key=lambda leaf: (leaf.rank, slug_of(leaf)))}

    @classmethod
    def named(cls, word: str) -> "type[Self] | None":
        """The option of this name; None if there is none. A family of options may make those that it does not list."""
        made = (option for family in cls.families() if (option := family.named(word)))
        return cls.options().get(word) or next(made, None)

    @classmethod
    def families(cls) -> list["type[Self]"]:
        """The abstract classes right below, which options share what they have in common by."""
        return [child for child in cls.__subclasses__() if "option" not in child.model_fields]

    @classmethod
    def spell(cls, word: str) -> dict[str, Any] | None:
        """What `axis=word` means, as fields; None if the word means nothing here. An axis may know more words."""
        if cls.abbreviates:
            return {cls.abbreviates: word}
        option = cls.named(word)
        return {"option": slug_of(option)} if option else None

    def spelt(self) -> tuple[str, frozenset[str]] | None:
        """The word that `spell` reads as this choice, and the parameters the word covers; None if it needs none."""
        return (slug_of(type(self)), frozenset({"option"})) if "option" in type(self).model_fields else None

    @classmethod
    def words(cls) -> dict[str, Text]:
        """The words offered for `axis=word`, with what they are called."""
        words = {slug: option.title for slug, option in cls.options().items()}
        for family in cls.families():
            words |= family.words()
        return words

    @model_validator(mode="wrap")
    @classmethod
    def _dispatch(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """An abstract axis, given fields, becomes the option they name."""
        options = cls.options()
        if isinstance(value, dict) and options and "option" not in cls.model_fields:
            slug = str(value.get("option"))
            option = cls.named(slug)
            if option is None:
                raise unknown(cls.axis_title, slug, options)
            return option.model_validate(value | {"option": slug_of(option)})
        return handler(value)


class Axis(Spelt, Hooks):
    """One dimension of choice of an architecture; an instance is a choice made, and acts through its hooks."""

    def check(self, architecture: "Architecture") -> None:
        """Raise `Refusal` if this choice cannot go with the rest of `architecture`."""

    def build(self, architecture: "Architecture") -> Hooks:
        """What acts in the model: itself, or a module where there is something to learn."""
        return self

    def pair_flops(self, architecture: "Architecture", layer: int) -> float:
        """Forward FLOPs for every pair of query and key in `layer`, beyond q·k and the sum of values."""
        return 0.0

    def draw(self, architecture: "Architecture") -> tuple[Mark, ...]:
        """What the block diagram shows of this choice."""
        return ()

    def source(self, architecture: "Architecture") -> tuple[Piece, ...]:
        """What this choice contributes to the architecture's source code."""
        return ()

    def cell(self, architecture: "Architecture") -> Text:
        """What a table writes of this choice: a few words, a dash for what there is not."""
        if self.abbreviates:
            value = getattr(self, self.abbreviates)
            return number(value) if value else NONE
        return NONE if self.slug == "none" else self.title

    @classmethod
    def cited(cls) -> str:
        """What it is called and its formula; then, on a line of its own, where that comes from."""
        named = ": ".join(filter(None, (cls.title.en, cls.formula)))
        return f"{named}\n{cls.citation}" if cls.citation else named

    @property
    def period(self) -> int:
        """Layers after which what this choice does repeats."""
        return 1

    def shortened(self, factor: float, multiple: int = 1) -> Self:
        """The same choice in a context `factor` times as long: lengths in tokens follow, as multiples of `multiple`."""
        return self


def parameter(
    default: Any, title: Text, help: Text, *, panel: Panel = "details", suggestions: Iterable[str] = (), **bounds: Any
) -> Any:
    """A field of an axis.

    Its default, what it is called, one line of help, where the page shows it, words to offer, its bounds.
    """
    extra = {"title": list(title), "help": list(help), "panel": panel, "suggestions": list(suggestions)}
    return Field(default, json_schema_extra=extra, **bounds)


def suggestions(info: FieldInfo) -> tuple[str, ...]:
    """The words that a free-text field made by `parameter` offers."""
    extra = info.json_schema_extra
    assert isinstance(extra, dict), "fields of an axis are made by parameter()"
    words = extra["suggestions"]
    assert isinstance(words, list)
    return tuple(map(str, words))


def described(info: FieldInfo) -> tuple[Text, Text, Panel]:
    """Title, help and panel of a field made by `parameter`."""
    extra = info.json_schema_extra
    assert isinstance(extra, dict), "fields of an axis are made by parameter()"
    title, help, panel = extra["title"], extra["help"], extra["panel"]
    assert isinstance(title, list) and isinstance(help, list) and panel in get_args(Panel)
    return Text(*map(str, title)), Text(*map(str, help)), "page" if panel == "page" else "details"


def unknown(what: Text, word: str, known: Iterable[str]) -> Refusal:
    """There is no such option: names those there are."""
    names = ", ".join(known)
    return Refusal(
        Text(
            f"{what.en}: there is no option {word!r}; there are {names}.",
            f"{what.zh}没有 {word!r} 这个选项；可选：{names}。",
        )
    )


def axis_of(cls: type[Spelt]) -> type[Any]:
    """The axis that an option's class belongs to: the class right below `Axis`, or right below `Spelt`."""
    return next(parent for parent in cls.__mro__ if {Axis, Spelt} & {*parent.__bases__} and parent is not Axis)


def slug_of(option: type[Spelt]) -> str:
    """The option's name in configuration, link and command."""
    return option.model_fields["option"].default


def discover(package: str, path: Iterable[str]) -> None:
    """Import every module of an axis's package, so that its options register themselves."""
    for module in pkgutil.iter_modules(path):
        importlib.import_module(f"{package}.{module.name}")


def _leaves(cls: type[AnySpelt]) -> list[type[AnySpelt]]:
    below = cls.__subclasses__()
    return [leaf for child in below for leaf in _leaves(child)] if below else [cls]
