"""Copying: symbols, a separator, and the same symbols again.

`baca=baca`: symbols recur, so looking for the last one is not enough where it occurs twice; knowing the place is. After
Jelassi et al. 2024, "Repeat After Me" (arXiv:2402.01032).
"""

from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from models.text import Text
from playground.data.draw import fractions
from playground.data.tasks.skill import SEPARATOR, Rows, Setting, Skill, beside


class Copying(Skill):
    name = "copy"
    title = Text("Copying", "复制")
    help = Text(
        "Symbols, then the same symbols again, in order. It asks for places, or for more than one symbol of context.",
        "给出一串符号，再按原顺序抄一遍：需要知道位置，或者要看不止一个符号的上文。",
    )
    settings = Setting("LENGTH", 16, 1, 256), Setting("SYMBOLS", 16, 2, 26)
    levels = (8, 16), (16, 16), (24, 16), (31, 16)
    example = "gcadbmkalecoj=gcadb"
    order = 120

    def rows(self, *numbers: int) -> Rows:
        length, symbols = numbers
        separator = np.array([[symbols + 1]])

        def draw(*stream: int | str, rows: int) -> NDArray[np.int64]:
            text_BS = (fractions(*stream, shape=(rows, length)) * symbols).astype(np.int64) + 1
            return beside(text_BS, separator, text_BS)

        whole = 2 * length + 1
        return Rows(ascii_lowercase[:symbols] + SEPARATOR, whole, range(length + 1, whole), symbols, draw)
