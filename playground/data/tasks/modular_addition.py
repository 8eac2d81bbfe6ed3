"""Modular addition: `a+b=c` with c = (a + b) mod n. Some of the sums are trained on, the others are asked for.

Only here may a model that has learnt everything it saw by heart still know nothing: the sums that are validated on are
never trained on. After Power et al. 2022, "Grokking" (arXiv:2201.02177).
"""

from string import ascii_letters, digits

import numpy as np
from numpy.typing import NDArray

from models.text import Text
from playground.data.draw import fractions, permutations
from playground.data.tasks.skill import SEPARATOR, Rows, Setting, Skill

NUMBERS = digits + ascii_letters
PLUS = "+"


class ModularAddition(Skill):
    name = "modular-addition"
    title = Text("Modular addition", "模加法")
    help = Text(
        "a + b modulo n, a token a number; validated on sums that were never trained on.",
        "计算 a + b 除以 n 的余数，每个数是一个词元；验证用的算式从未训练过。",
    )
    settings = Setting("MODULUS", 31, 2, 62), Setting("PERCENT", 70, 1, 99)  # PERCENT of all sums are trained on
    levels = (7, 70), (17, 70), (31, 70), (59, 70)
    example = "7+d="
    order = 150

    def rows(self, *numbers: int) -> Rows:
        modulus, percent = numbers
        sums = permutations(self.name, modulus, rows=1, size=modulus**2)[0]
        trained = min(modulus**2 - 1, max(1, round(modulus**2 * percent / 100)))
        parts = {"train": sums[:trained], "validation": sums[trained:]}

        def draw(*stream: int | str, rows: int) -> NDArray[np.int64]:
            part = parts[str(stream[0])]
            a, b = divmod(part[(fractions(*stream, shape=(rows,)) * len(part)).astype(np.int64)], modulus)
            plus, equals = np.full_like(a, modulus), np.full_like(a, modulus + 1)
            return np.stack([a, plus, b, equals, (a + b) % modulus], axis=1) + 1

        return Rows(NUMBERS[:modulus] + PLUS + SEPARATOR, 5, range(4, 5), modulus, draw)
