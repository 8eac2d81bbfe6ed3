"""Sorting: symbols, a separator, and the same symbols in the order of the alphabet.

`dbad=abdd`: each answer depends on all of the symbols and on how many answers were given. One of the tasks of
Weiss et al. 2021, "Thinking Like Transformers" (arXiv:2106.06981).
"""

from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from models.text import Text
from playground.data.draw import fractions
from playground.data.tasks.skill import SEPARATOR, Rows, Setting, Skill, beside


class Sorting(Skill):
    name = "sorting"
    title = Text("Sorting", "排序")
    help = Text(
        "Symbols in any order, then the same symbols in the order of the alphabet.",
        "给出一串乱序符号，再按字母表顺序写出来。",
    )
    settings = Setting("LENGTH", 16, 1, 256), Setting("SYMBOLS", 16, 2, 26)
    levels = (4, 16), (8, 16), (16, 16), (31, 26)
    example = "kbadgnbcpfjeaomh=aab"
    order = 160

    def rows(self, *numbers: int) -> Rows:
        length, symbols = numbers
        separator = np.array([[symbols + 1]])

        def draw(*stream: int | str, rows: int) -> NDArray[np.int64]:
            text_BS = (fractions(*stream, shape=(rows, length)) * symbols).astype(np.int64) + 1
            return beside(text_BS, separator, np.sort(text_BS, axis=1))

        whole = 2 * length + 1
        return Rows(ascii_lowercase[:symbols] + SEPARATOR, whole, range(length + 1, whole), symbols, draw)
