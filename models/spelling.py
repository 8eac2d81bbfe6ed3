"""How choices are spelt.

`norm=rmsnorm,heads.kv=2` ↔ changes of a configuration, and the table of everything that can be spelt.

Links, commands, controls and docs all read this table. Choosing an option resets its parameters to that option's
defaults, unless they are given too. Works on any frozen pydantic model whose fields are axes; knows no particular
axis.
"""

import functools
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from models.architecture import Architecture
from models.option import Panel, Spelt, axis_of, described, suggestions
from models.refusals import misspelt, refusals
from models.text import Refusal, Text

Kind = Literal["switch", "whole", "number", "choice", "text"]
Choice = TypeVar("Choice", bound=Spelt)


@dataclass(frozen=True, slots=True)
class Path:
    """One thing that can be spelt: `heads.kv` or, where a parameter is an option's, `position.theta` of `rope`."""

    axis: str
    field: str
    option: str  # "" where the axis has no options, or every option has the field alike
    title: Text
    help: Text
    panel: Panel
    kind: Kind
    optional: bool  # may be "none"
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    default: str

    @property
    def name(self) -> str:
        """As it is written in links and commands."""
        return f"{self.axis}.{self.field}"


def change(architecture: Architecture, changes: Mapping[str, str]) -> Architecture:
    """`architecture` with `changes`, such as {"norm": "rmsnorm", "heads.kv": "2"}.

    Raises `Refusal` naming the nearest right field, option or value, or the choices that do not go together.
    """
    axes = Architecture.axes()
    for name in changes:
        if name.partition(".")[0] not in axes:
            raise misspelt(name, [*axes, *(path.name for path in paths())])
    chosen = {name: changed(name, getattr(architecture, name), of_axis(name, changes)) for name in axes}
    return validated(Architecture, chosen)


def changed(axis: str, choice: Choice, changes: Mapping[str, str]) -> Choice:
    """The choice on one axis with `changes`: the word under "", parameters by name."""
    cls = axis_of(type(choice))
    fields: dict[str, Any] = choice.model_dump()
    word = changes.get("")
    if word is not None:
        spelt = cls.spell(word)
        if spelt is None:
            raise _no_option(axis, word, cls) if cls.options() else _wordless(axis, cls)
        fields = {**({} if cls.options() else fields), **_read_all(cls, spelt)}
    target = cls.named(fields["option"]) if cls.options() else cls
    assert target is not None
    for name in changes:
        if name and (name not in target.model_fields or name == "option"):
            raise _no_parameter(axis, name, target)
    fields |= _read_all(target, {name: text for name, text in changes.items() if name})
    return validated(cls, fields, axis)


def differences(architecture: Architecture, base: Architecture) -> dict[str, str]:
    """The shortest changes that make `architecture` out of `base`."""
    found: dict[str, str] = {}
    for axis, choice in architecture.choices():
        found |= {f"{axis}.{name}".rstrip("."): text for name, text in differing(choice, getattr(base, axis)).items()}
    return found


def differing(choice: Spelt, base: Spelt) -> dict[str, str]:
    """What makes `choice` out of `base` on one axis: the word under "", parameters by name."""
    spelt, ways = choice.spelt(), []
    if spelt is not None and spelt != base.spelt():
        cls = axis_of(type(choice))
        ways.append({"": spelt[0], **_unequal(choice, cls.model_validate(cls.spell(spelt[0])))})
    if type(choice) is type(base):
        ways.append(_unequal(choice, base))
    return min(ways, key=len)


def _unequal(choice: Spelt, base: Spelt) -> dict[str, str]:
    """The parameters in which two choices of one kind differ, as `choice` has them."""
    return {
        "" if name == choice.abbreviates else name: written(getattr(choice, name))
        for name in type(choice).model_fields
        if getattr(choice, name) != getattr(base, name)
    }


@functools.cache
def paths() -> tuple[Path, ...]:
    """Everything that can be spelt of an architecture, in the order of its fields."""
    return tuple(path for axis, cls in Architecture.axes().items() for path in axis_paths(axis, cls))


def axis_paths(axis: str, cls: type[Spelt]) -> list[Path]:
    """The parameters of one axis; one that every option has alike stands once."""
    options = cls.options() or {"": cls}
    found: dict[tuple[str, str], Path] = {}
    for slug, option in options.items():
        for field, info in option.model_fields.items():
            if field != "option":
                shared = field in cls.model_fields and info.default == cls.model_fields[field].default
                owner = "" if shared else slug
                found[field, owner] = _path(axis, field, owner, info)
    return list(found.values())


def info(axis: type[Spelt], path: Path) -> FieldInfo:
    """The field that `path` names, of the option that has it."""
    options = axis.options()
    owner = options[path.option] if path.option else next(iter(options.values()), axis)
    return owner.model_fields[path.field]


def written(value: object) -> str:
    """A value as it is spelt: none, on, off, 10000, 0.25, rmsnorm."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def validated(cls: type[Any], fields: Mapping[str, Any], axis: str = "") -> Any:
    """`cls` of `fields`; what pydantic refuses becomes a `Refusal` in both languages, naming the paths."""
    try:
        return cls.model_validate(dict(fields))
    except ValidationError as error:
        raise refusals(error, axis)[0] from None


def of_axis(axis: str, changes: Mapping[str, str]) -> dict[str, str]:
    """The changes that concern `axis`, by parameter; its own word under ""."""
    return {name.partition(".")[2]: text for name, text in changes.items() if name.partition(".")[0] == axis}


def _no_option(axis: str, word: str, cls: type[Spelt]) -> Refusal:
    return misspelt(f"{axis}={word}", [f"{axis}={known}" for known in {**cls.words(), **cls.options()}], axis)


def _no_parameter(axis: str, name: str, target: type[Spelt]) -> Refusal:
    """`target` has no parameter `name`: another option's, or nobody's."""
    path = f"{axis}.{name}"
    owners = [
        slug for slug, option in axis_of(target).options().items() if name in option.model_fields and name != "option"
    ]
    if owners:
        chosen, owning = target.model_fields["option"].default, ", ".join(owners)
        sentence = Text(
            f"{path} belongs to {axis}={owning}, but {axis}={chosen} is chosen.",
            f"{path} 是 {axis}={owning} 的参数，而当前选的是 {axis}={chosen}。",
        )
        return Refusal(sentence, path)
    return misspelt(path, [known.name for known in axis_paths(axis, axis_of(target))] or [axis], path)


def _wordless(axis: str, cls: type[Spelt]) -> Refusal:
    fields = ", ".join(f"{axis}.{field}" for field in cls.model_fields)
    return Refusal(
        Text(f"{axis} is not one choice but several: {fields}.", f"{axis} 不是单个选项，请分别给出：{fields}。"), axis
    )


def _read_all(cls: type[BaseModel], texts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: None if text == "none" and name in cls.model_fields and _takes_none(cls.model_fields[name]) else text
        for name, text in texts.items()
    }


def _takes_none(info: FieldInfo) -> bool:
    return type(None) in typing.get_args(info.annotation)


def _path(axis: str, field: str, option: str, info: FieldInfo) -> Path:
    title, help, panel = described(info)
    kind, choices = _kind(info.annotation)
    low, high = _bounds(info)
    return Path(
        axis,
        field,
        option,
        title,
        help,
        panel,
        kind,
        _takes_none(info),
        choices or suggestions(info),
        low,
        high,
        written(info.default),
    )


def _kind(annotation: Any) -> tuple[Kind, tuple[str, ...]]:
    if typing.get_origin(annotation) is Literal:
        return "choice", typing.get_args(annotation)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(annotation) if member is not type(None)]
        kinds = [_kind(member) for member in members]
        return kinds[0] if len(kinds) == 1 else ("text", tuple(word for _, words in kinds for word in words))
    kinds_of: dict[Any, Kind] = {bool: "switch", int: "whole", float: "number", str: "text"}
    return kinds_of[annotation], ()


def _bounds(info: FieldInfo) -> tuple[float | None, float | None]:
    low = next(
        (float(getattr(rule, "ge", getattr(rule, "gt", 0))) for rule in info.metadata if isinstance(rule, Ge | Gt)),
        None,
    )
    high = next(
        (float(getattr(rule, "le", getattr(rule, "lt", 0))) for rule in info.metadata if isinstance(rule, Le | Lt)),
        None,
    )
    return low, high
