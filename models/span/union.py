"""Unions of spans: `window~global_tokens` sees what either sees. Knows no kind beside the two unions it offers.

A union is an option made when it is named: its parameters are those of its kinds, one that several have is shared, and
all that is asked of it is asked of its kinds (see `local`). Its name lists them in the order in which they are listed.
"""

from collections.abc import Iterable
from threading import Lock
from typing import Any, ClassVar, Literal

from pydantic import create_model
from pydantic.fields import FieldInfo

from models.refusals import misspelt
from models.span.base import Span
from models.span.local import Local
from models.text import Refusal, Text

OFFERED = {
    "window~strided": Text("Sparse Transformer", "Sparse Transformer"),
    "window~global_tokens": Text("Longformer", "Longformer"),
}
NOBODY = Text("a combination of your own", "自行组合")
MADE: dict[str, "type[Union]"] = {}
MAKING = Lock()


class Union(Local):
    """Sees what any of its kinds sees, keeps the most that any of them keeps."""

    listed: ClassVar[bool] = False
    members: ClassVar[tuple[type[Local], ...]]

    @classmethod
    def kinds(cls) -> tuple[type[Local], ...]:
        return cls.members

    @classmethod
    def words(cls) -> dict[str, Text]:
        return {word: union(word).title for word in OFFERED}

    @classmethod
    def named(cls, word: str) -> "type[Union] | None":
        return union(word) if "~" in word else None


def union(word: str) -> type[Union]:
    """The union of the kinds that `word` joins by ~, in any order. Raises `Refusal` if it is no union."""
    known, given = Local.options(), word.split("~")
    for name in given:
        if name not in known and name in Span.options():
            raise _everything(word, name)
        if name not in known and name:
            raise misspelt(name, known, "span")
    if "" in given or len(set(given)) < max(2, len(given)):
        raise _no_union(word, known)
    slug = "~".join(name for name in known if name in given)
    with MAKING:  # two threads must not make two classes of one name
        if slug not in MADE:
            MADE[slug] = _make(slug, tuple(known[name] for name in slug.split("~")))
    return MADE[slug]


def _make(slug: str, kinds: tuple[type[Local], ...]) -> type[Union]:
    """The class of a union: the parameters of its kinds, the smallest default where several have one."""
    infos: dict[str, FieldInfo] = {}
    for kind in kinds:
        for name, info in kind.model_fields.items():
            if name not in Union.model_fields and name != "option":
                infos[name] = min(info, infos.get(name, info), key=lambda info: info.default)
    constants = {"members": kinds, **_texts(slug, kinds)}
    namespace: dict[str, Any] = {
        "option": (Literal[slug], slug),
        **{name: (info.annotation, info) for name, info in infos.items()},
        **{name: (ClassVar[Any], value) for name, value in constants.items()},
    }
    return create_model("".join(kind.__name__ for kind in kinds), __base__=Union, **namespace)


def _texts(slug: str, kinds: tuple[type[Local], ...]) -> dict[str, Text | str]:
    """What a union is called, why one would have it, and where its kinds were read."""
    title = Text(" + ".join(kind.title.en for kind in kinds), " + ".join(kind.title.zh for kind in kinds))
    who = OFFERED.get(slug, NOBODY)
    help = Text(
        f"Sees what any of them sees: {title.en} · cache as large as the largest of theirs · {who.en}",
        f"其中任一种能看到的都看得到：{title.zh} · 缓存取其中最大者 · {who.zh}",
    )
    return {
        "title": title,
        "help": help,
        "formula": " or ".join(kind.formula for kind in kinds),
        "citation": "; ".join(dict.fromkeys(kind.citation for kind in kinds)),
    }


def _shown(word: str) -> str:
    return word if len(word) <= 60 else word[:57] + "…"


def _everything(word: str, name: str) -> Refusal:
    return Refusal(
        Text(
            f"span={_shown(word)}: {name} sees everything already, there is nothing to add to it. Write span={name}, "
            f"or leave {name} out.",
            f"span={_shown(word)}：{name} 已经看得到一切，再并上别的没有意义。请写 span={name}，或去掉 {name}。",
        ),
        "span",
    )


def _no_union(word: str, known: Iterable[str]) -> Refusal:
    kinds, such_as = ", ".join(known), next(iter(OFFERED))
    return Refusal(
        Text(
            f"span={_shown(word)} is no union: join two or more of {kinds} by ~, each once, such as {such_as}.",
            f"span={_shown(word)} 不是并集：请用 ~ 连接 {kinds} 中的两种或更多，每种一次，例如 {such_as}。",
        ),
        "span",
    )
