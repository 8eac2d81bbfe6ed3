"""Induction: symbols in a random order, then a stretch of them again; what came next the first time comes next again.

`qfcatbd catb`: where the stretch begins is random, so that no fixed distance back gives the answer: the symbol itself
has to be found again, and the one to its right taken. Two layers of attention can (a head that looks one back, a head
that matches), one cannot. After Olsson et al. 2022, "In-context Learning and Induction Heads" (arXiv:2209.11895).
"""

from string import ascii_lowercase, ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from models.text import Refusal, Text
from playground.data.draw import fractions, permutations
from playground.data.tasks.skill import Rows, Setting, Skill

SYMBOLS = ascii_lowercase + ascii_uppercase


class Induction(Skill):
    name = "induction"
    title = Text("Induction", "归纳")
    help = Text(
        "Random symbols, then a stretch of them again: what follows is what followed the first time.",
        "先是一串随机符号，再从中间某处重复一段：上次后面跟的是什么，这次还是什么。",
    )
    settings = Setting("LENGTH", 24, 4, 52), Setting("SYMBOLS", 26, 4, 52)
    levels = (8, 26), (16, 26), (24, 26), (40, 52)
    example = "kdqwplzmchtxbvnagfyrsjoempl"
    order = 110

    def rows(self, *numbers: int) -> Rows:
        length, symbols = numbers
        again = length // 2
        if length > symbols:
            raise Refusal(TOO_FEW.format(length=length, symbols=symbols), "recipe.data")

        def draw(*stream: int | str, rows: int) -> NDArray[np.int64]:
            first_BS = permutations(*stream, rows=rows, size=symbols)[:, :length] + 1
            starts = (fractions(*stream, "start", shape=(rows, 1)) * (length - again + 1)).astype(np.int64)
            second_BS = np.take_along_axis(first_BS, starts + np.arange(again), axis=1)
            return np.concatenate([first_BS, second_BS], axis=1)

        return Rows(SYMBOLS[:symbols], length + again, range(length + 1, length + again), symbols, draw)


TOO_FEW = Text(
    "Induction cannot line up {length} of {symbols} symbols: each occurs once before the stretch comes again.",
    "归纳任务不能用 {symbols} 个符号排成长度 {length} 的一串：重复之前每个符号只出现一次。",
)
