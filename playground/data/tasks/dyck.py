"""Dyck: brackets of several kinds, and then those that close what is still open, the last one opened first.

`([{}(=)])`: which kind comes next is certain, and takes counting depth or matching brackets over a distance. The
brackets before the separator are a uniformly drawn path that never closes what was not opened. After Hewitt et al.
2020, "RNNs can generate bounded hierarchical languages" (arXiv:2010.07515).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.text import Text
from playground.data.draw import fractions
from playground.data.tasks.skill import SEPARATOR, Rows, Setting, Skill, beside

OPENING, CLOSING = "([{<", ")]}>"


class Dyck(Skill):
    name = "dyck"
    title = Text("Matching brackets", "括号匹配")
    help = Text(
        "Brackets of several kinds (Dyck); then close whatever is still open, in the right order.",
        "由多种括号组成的序列（Dyck 语言）；随后按正确顺序闭合所有仍未闭合的括号。",
    )
    settings = Setting("KINDS", 3, 2, 4), Setting("DEPTH", 6, 1, 32), Setting("PAIRS", 9, 0, 64)
    levels = (3, 2, 4), (3, 4, 8), (3, 6, 9), (3, 10, 16)
    example = "([]{(){<>"
    order = 140

    def rows(self, *numbers: int) -> Rows:
        kinds, depth, pairs = numbers
        separator, before = np.array([[2 * kinds + 1]]), depth + 2 * pairs

        def draw(*stream: int | str, rows: int) -> NDArray[np.int64]:
            kind_BS = (fractions(*stream, "kinds", shape=(rows, before)) * kinds).astype(np.int64)
            opened_BS, open_BD = _walked(kind_BS, fractions(*stream, "path", shape=(rows, before)), depth)
            text_BS = np.where(opened_BS >= 0, opened_BS + 1, kinds - opened_BS)  # closing kind k is coded as -1 - k
            return beside(text_BS, separator, open_BD[:, ::-1] + 1 + kinds)

        alphabet = OPENING[:kinds] + CLOSING[:kinds] + SEPARATOR
        whole = before + 1 + depth
        return Rows(alphabet, whole, range(before + 1, whole), kinds, draw)


def _walked(
    kind_BS: NDArray[np.int64], chance_BS: NDArray[np.float64], depth: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Brackets [B, S]: kind k where one opens, -1 - k where one closes; and the kinds of those left open [B, depth]."""
    rows, steps = kind_BS.shape
    height, each = np.zeros(rows, np.int64), np.arange(rows)
    stack = np.zeros((rows, steps + 1), np.int64)
    brackets_BS = np.empty_like(kind_BS)
    for step in range(steps):
        opens = chance_BS[:, step] < _opening(steps - step, depth)[height]
        stack[each[opens], height[opens]] = kind_BS[opens, step]
        height += np.where(opens, 1, -1)
        brackets_BS[:, step] = np.where(opens, kind_BS[:, step], -1 - stack[each, height])
    return brackets_BS, stack[:, :depth]


@cache
def _opening(left: int, depth: int) -> NDArray[np.float64]:
    """By height: the share of the paths with `left` steps to go, ending at `depth`, whose next step goes up."""
    whole = range(left + depth + 1)
    return np.array([_paths(left - 1, h + 1, depth) / max(1, _paths(left, h, depth)) for h in whole])


@cache
def _paths(left: int, height: int, depth: int) -> int:
    """How many paths of `left` steps lead from `height` to `depth` without going below 0 (the ballot recursion)."""
    if height < 0 or abs(height - depth) > left:
        return 0
    return 1 if left == 0 else _paths(left - 1, height + 1, depth) + _paths(left - 1, height - 1, depth)
