"""Associative recall: pairs of a key and a value, then the keys again in another order; the values are to be recalled.

`cFaHbD bDcFaH`: only the values after the second appearance of their keys count. Finding one takes an induction step
(look for the same key, then one to the right), which needs two layers of attention; one layer can hardly do more than
guess among the values not yet used: (1/n + … + 1/1) / n of n pairs. After Arora et al. 2023, "Zoology" (MQAR).
"""

from string import ascii_lowercase, ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from models.text import Refusal, Text
from playground.data.draw import permutations
from playground.data.tasks.skill import Rows, Setting, Skill


class Recall(Skill):
    name = "recall"
    title = Text("Associative recall", "联想回忆")
    help = Text(
        "Pairs of a key and a value, then the keys again: what was the value of each?",
        "先给出若干“键-值”对，再打乱顺序逐个问键：它对应哪个值？",
    )
    settings = Setting("PAIRS", 8, 1, 26), Setting("KEYS", 16, 2, 26)
    levels = (2, 4), (4, 4), (4, 16), (8, 16)
    example = "aCfKbAnHdPgEkBmJgEaCmJb"
    order = 100

    def rows(self, *numbers: int) -> Rows:
        pairs, keys = numbers
        if pairs > keys:
            raise Refusal(TOO_FEW.format(pairs=pairs, keys=keys), "recipe.data")

        def draw(*stream: int | str, rows: int) -> NDArray[np.int64]:
            chosen = [permutations(*stream, kind, rows=rows, size=keys)[:, :pairs] for kind in ("keys", "values")]
            pairs_BPK = np.stack([chosen[0] + 1, chosen[1] + 1 + keys], axis=2)
            order = permutations(*stream, "order", rows=rows, size=pairs)
            asked_BPK = np.take_along_axis(pairs_BPK, order[:, :, None], axis=1)
            return np.concatenate([pairs_BPK, asked_BPK], axis=1).reshape(rows, -1)

        alphabet = ascii_lowercase[:keys] + ascii_uppercase[:keys]
        return Rows(alphabet, 4 * pairs, range(2 * pairs + 1, 4 * pairs, 2), keys, draw)


TOO_FEW = Text(
    "Recall cannot ask for {pairs} pairs of {keys} keys: each key occurs once.",
    "联想回忆不能用 {keys} 个键组成 {pairs} 对：每个键只出现一次。",
)
