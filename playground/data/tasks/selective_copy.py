"""Selective copying: a few symbols among blanks, a separator, and the symbols again, in order, without the blanks.

`..c.a...b.=cab`: the distance back differs from row to row, so what matters has to be told from what does not. After
Gu and Dao 2023, "Mamba" (arXiv:2312.00752, section 3.1), and Jing et al. 2019, "Gated Orthogonal Recurrent Units".
"""

from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from models.text import Refusal, Text
from playground.data.draw import fractions, permutations
from playground.data.tasks.skill import SEPARATOR, Rows, Setting, Skill, beside

BLANK = "."


class SelectiveCopy(Skill):
    name = "selective-copy"
    title = Text("Selective copying", "选择性复制")
    help = Text(
        "A few symbols scattered among blanks, then the symbols alone, in order.",
        "少数符号散落在空白之间，随后只把这些符号按顺序写出来。",
    )
    settings = Setting("COUNT", 8, 1, 64), Setting("LENGTH", 32, 1, 256), Setting("SYMBOLS", 16, 2, 26)
    levels = (2, 32, 16), (4, 32, 16), (8, 32, 16), (16, 40, 16)
    example = "..c..a.b....dk...a....m...f.....=cab"
    order = 130

    def rows(self, *numbers: int) -> Rows:
        count, length, symbols = numbers
        if count > length:
            raise Refusal(TOO_FEW.format(count=count, length=length), "recipe.data")
        blank, separator = symbols + 1, np.array([[symbols + 2]])

        def draw(*stream: int | str, rows: int) -> NDArray[np.int64]:
            text_BS = (fractions(*stream, shape=(rows, count)) * symbols).astype(np.int64) + 1
            places = np.sort(permutations(*stream, "places", rows=rows, size=length)[:, :count], axis=1)
            scattered_BS = np.full((rows, length), blank)
            np.put_along_axis(scattered_BS, places, text_BS, axis=1)
            return beside(scattered_BS, separator, text_BS)

        whole = length + 1 + count
        return Rows(ascii_lowercase[:symbols] + BLANK + SEPARATOR, whole, range(length + 1, whole), symbols, draw)


TOO_FEW = Text(
    "Selective copying has no room for {count} symbols in {length} places.",
    "选择性复制：{length} 个位置放不下 {count} 个符号。",
)
