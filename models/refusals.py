"""What pydantic refuses, said in sentences for people, in both languages; and words that mean nothing.

Knows no particular model.
"""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError

from models.text import Refusal, Text

Detail = dict[str, Any]
KIND = re.compile(r"float|int|str|bool|literal\[.*\]")  # no field has such a name


def refusals(error: ValidationError, inside: str = "") -> list[Refusal]:
    """One `Refusal` for every value refused, its field as a dotted path below `inside`."""
    details: dict[str, list[Any]] = {}
    for detail in error.errors():
        details.setdefault(_path(detail, inside), []).append(detail)
    return [_refusal(path, same) for path, same in details.items()]


def misspelt(word: str, known: Iterable[str], *fields: str) -> Refusal:
    """There is no such thing; names the nearest one there is."""
    known, word = list(known), word if len(word) <= 60 else word[:57] + "…"
    near = difflib.get_close_matches(word, known, 1, 0.5)
    if near:
        return Refusal(
            Text(f"There is no {word!r}. Did you mean {near[0]!r}?", f"没有 {word!r}。是否想写 {near[0]!r}？"),
            *(fields or (word,)),
        )
    there = ", ".join(known[:24])
    return Refusal(
        Text(f"There is no {word!r}; there are {there}.", f"没有 {word!r}；可用的有 {there}。"), *(fields or (word,))
    )


def _path(detail: Any, inside: str) -> str:
    """The field, without the kind of value that pydantic appends where several kinds are allowed."""
    parts = [str(part) for part in detail["loc"] if not KIND.fullmatch(str(part))]
    return ".".join([*([inside] if inside else []), *parts]) or "value"


def _refusal(path: str, details: list[Any]) -> Refusal:
    """`details`: what is wrong with one value; several where it might have been of several kinds."""
    detail, *others = details
    raised = detail.get("ctx", {}).get("error")
    if isinstance(raised, Refusal):
        return raised
    given = _shown(detail["input"])
    words = [other["ctx"]["expected"] for other in others if other["type"] == "literal_error"]
    if words:
        either = Text(f"a number or {' or '.join(words)}", f"数字或 {'、'.join(words).replace(' or ', '、')}")
        return Refusal(_kind(*either)(path, given, {}), path)
    sentence = SENTENCES.get(detail["type"])
    if sentence is None:
        return Refusal(Text(f"{path}={given}: {detail['msg']}.", f"{path}={given} 不合法：{detail['msg']}。"), path)
    return Refusal(sentence(path, given, detail.get("ctx", {})), path)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "…"


def _bound(en: str, zh: str, key: str) -> Callable[[str, str, Detail], Text]:
    def sentence(path: str, given: str, ctx: Detail) -> Text:
        return Text(f"{path}={given}: it must be {en} {ctx[key]:g}.", f"{path}={given}：必须{zh} {ctx[key]:g}。")

    return sentence


def _kind(en: str, zh: str) -> Callable[[str, str, Detail], Text]:
    return lambda path, given, ctx: Text(f"{path}={given}: it must be {en}.", f"{path}={given}：必须是{zh}。")


SENTENCES: dict[str, Callable[[str, str, Detail], Text]] = {
    "greater_than_equal": _bound("at least", "不小于", "ge"),
    "greater_than": _bound("greater than", "大于", "gt"),
    "less_than_equal": _bound("at most", "不大于", "le"),
    "less_than": _bound("less than", "小于", "lt"),
    "int_parsing": _kind("a whole number", "整数"),
    "int_type": _kind("a whole number", "整数"),
    "int_from_float": _kind("a whole number", "整数"),
    "int_parsing_size": _kind("a whole number of reasonable size", "大小合理的整数"),
    "float_parsing": _kind("a number", "数字"),
    "float_type": _kind("a number", "数字"),
    "finite_number": _kind("a finite number", "有限的数"),
    "bool_parsing": _kind("on or off", " on 或 off"),
    "bool_type": _kind("on or off", " on 或 off"),
    "string_type": _kind("text", "文字"),
    "string_pattern_mismatch": _kind("spelt with the characters allowed here", "由此处允许的字符组成"),
    "string_too_short": _kind("longer", "更长的文字"),
    "string_too_long": _kind("shorter", "更短的文字"),
    "too_short": _kind("at least one", "至少一项"),
    "too_long": lambda path, given, ctx: Text(
        f"{path}: {ctx['actual_length']} were given, at most {ctx['max_length']} can be.",
        f"{path}：给出了 {ctx['actual_length']} 项，最多 {ctx['max_length']} 项。",
    ),
    "literal_error": lambda path, given, ctx: Text(
        f"{path}={given}: it must be {ctx['expected']}.",
        f"{path}={given}：可选 {ctx['expected'].replace(' or ', '、')}。",
    ),
    "extra_forbidden": lambda path, given, ctx: Text(f"There is no field {path}.", f"没有 {path} 这个字段。"),
    "missing": lambda path, given, ctx: Text(f"{path} is missing.", f"缺少 {path}。"),
    "model_type": _kind("a set of fields", "一组字段"),
    "dict_type": _kind("a set of fields", "一组字段"),
    "list_type": _kind("a list", "一个列表"),
    "tuple_type": _kind("a list", "一个列表"),
}
