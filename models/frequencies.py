"""How fast each pair of a head turns under RoPE, and how that is stretched for a context longer than the trained one.

Plain numbers; knows neither tensors nor models. A scaling is one function in `SCALINGS`; one more is one more function.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a scaling may ask for: how many entries of a head turn, the base, and how far what is to be stretched."""

    turned: int  # r, even
    theta: float
    factor: float = 1.0  # the new context over `original`
    original: int = 8192  # tokens of the context before
    low: float = 1.0  # llama3: turns within `original`, at and below which a pair is slowed in full
    high: float = 4.0  # llama3: turns at and above which it is left alone
    fast: float = 32.0  # yarn: turns at which a pair is left alone
    slow: float = 1.0  # yarn: turns at which it is slowed in full
    truncate: bool = True  # yarn: whole pairs at the ends of the ramp?
    attention_factor: float | None = None  # yarn


class Turning(NamedTuple):
    """Every pair's angle from one position to the next, in radians, and what the rotated entries are multiplied by."""

    frequencies: tuple[float, ...]
    gain: float = 1.0


def plain(how: Stretch) -> list[float]:
    """θ^(−2i/r), i < r/2: Su et al. 2021, arXiv:2104.09864, §3.2."""
    return [how.theta ** (-2 * i / how.turned) for i in range(how.turned // 2)]


def none(how: Stretch) -> Turning:
    """As trained."""
    return Turning(tuple(plain(how)))


def linear(how: Stretch) -> Turning:
    """Position interpolation: every pair slower by the factor\nChen et al. 2023, arXiv:2306.15595, §2.3."""
    return Turning(tuple(f / how.factor for f in plain(how)))


def ntk(how: Stretch) -> Turning:
    """NTK-aware: θ · factor^(r / (r − 2)), so that the slowest pair slows by the factor and the fastest not at all.

    From a post by bloc97, 2023; written down in YaRN, arXiv:2309.00071, §3.1.
    """
    slowest = max(how.turned - 2, 1)  # a lone pair turns by 1 whatever the base
    return Turning(tuple(f * how.factor ** (-2 * i / slowest) for i, f in enumerate(plain(how))))


def llama3(how: Stretch) -> Turning:
    """Pairs that turn `high` times or more within `original` stay, those of `low` or fewer slow by the factor.

    Between them, in proportion to the turns. LLaMA 3.1: its code, meta-llama/llama-models; arXiv:2407.21783.
    """

    def slowed(frequency: float) -> float:
        turns = how.original * frequency / (2 * math.pi)
        between = how.high - how.low or math.ulp(how.high)  # a step, where the two meet
        return 1 - _within(0, (turns - how.low) / between, 1)

    return Turning(tuple(_blend(f, slowed(f), how.factor) for f in plain(how)))


def yarn(how: Stretch) -> Turning:
    """As llama3, but in proportion to the pair's number, and scores grow a little.

    Peng et al. 2023, arXiv:2309.00071, §3.2 and §3.4.
    """

    def pair(turns: float) -> float:
        """The number of the pair, not a whole one, that turns so often within `original`."""
        return how.turned * math.log(how.original / (2 * math.pi * turns)) / (2 * math.log(how.theta))

    first, last = pair(how.fast), pair(how.slow)
    if how.truncate:
        first, last = math.floor(first), math.ceil(last)
    first, last = max(first, 0), min(last, how.turned - 1)
    ramp = last - first or 0.001  # a step, where the ends meet
    slowed = [_within(0, (i - first) / ramp, 1) for i in range(how.turned // 2)]
    usual = 0.1 * math.log(how.factor) + 1
    gain = usual if how.attention_factor is None else how.attention_factor
    return Turning(tuple(_blend(f, s, how.factor) for f, s in zip(plain(how), slowed, strict=True)), gain)


SCALINGS: dict[str, Callable[[Stretch], Turning]] = {
    "none": none,
    "linear": linear,
    "ntk": ntk,
    "llama3": llama3,
    "yarn": yarn,
}


# The same in an architecture's source code: a function of θ and the factor, and what it says. TURNED is r.

Written = tuple[str, str]
PLAIN: Written = (
    '''def frequencies(theta: float) -> list[float]:
    """says"""
    return [theta ** (-2 * i / TURNED) for i in range(TURNED // 2)]''',
    "Radians that every pair turns from one position to the next: θ^(−2i/r)",
)


def _linear_written(how: Stretch) -> Written:
    says = "Position interpolation: every pair slower by the factor\nChen et al. 2023, arXiv:2306.15595, §2.3"
    return (
        '''def linear(theta: float, factor: float) -> list[float]:
    """says"""
    return [frequency / factor for frequency in frequencies(theta)]''',
        says,
    )


def _ntk_written(how: Stretch) -> Written:
    says = (
        "NTK-aware: the slowest pair slows by the factor and the fastest not at all\nbloc97, 2023; YaRN, "
        "arXiv:2309.00071, §3.1"
    )
    slowest = "(TURNED - 2)" if how.turned > 2 else "1"
    return (
        f'''def ntk(theta: float, factor: float) -> list[float]:
    """says"""
    plain = enumerate(frequencies(theta))
    return [frequency * factor ** (-2 * i / {slowest}) for i, frequency in plain]''',
        says,
    )


def _llama3_written(how: Stretch) -> Written:
    says = (
        "Pairs that turn HIGH times or more within ORIGINAL stay, those of LOW or fewer slow by the factor; between "
        "them, in proportion\nLLaMA 3.1: its code, meta-llama/llama-models; arXiv:2407.21783"
    )
    kept = "min(max((turns - LOW) / (HIGH - LOW), 0), 1)" if how.high > how.low else "float(turns > LOW)"
    return (
        f'''def llama3(theta: float, factor: float) -> list[float]:
    """says"""
    stretched = []
    for frequency in frequencies(theta):
        turns = ORIGINAL * frequency / (2 * math.pi)
        slowed = 1 - {kept}
        stretched.append(frequency * (slowed / factor + 1 - slowed))
    return stretched''',
        says,
    )


def _yarn_written(how: Stretch) -> Written:
    says = (
        "Pairs that turn FAST times or more within ORIGINAL stay, those of SLOW or fewer slow by the factor; between "
        "them, in proportion to the pair's number\nPeng et al. 2023, arXiv:2309.00071, §3.2 and §3.4"
    )
    ends = "math.floor(pair(FAST)), math.ceil(pair(SLOW))" if how.truncate else "pair(FAST), pair(SLOW)"
    return (
        f'''def yarn(theta: float, factor: float) -> list[float]:
    """says"""

    def pair(turns: float) -> float:
        """The number of the pair, not a whole one, that turns so often."""
        rounds = ORIGINAL / (2 * math.pi * turns)
        return TURNED * math.log(rounds) / (2 * math.log(theta))

    first, last = {ends}
    first, last = max(first, 0), min(last, TURNED - 1)
    stretched = []
    for i, frequency in enumerate(frequencies(theta)):
        slowed = min(max((i - first) / (last - first or 0.001), 0), 1)
        stretched.append(frequency * (slowed / factor + 1 - slowed))
    return stretched''',
        says,
    )


WRITTEN: dict[str, Callable[[Stretch], Written]] = {
    "none": lambda how: ("", ""),
    "linear": _linear_written,
    "ntk": _ntk_written,
    "llama3": _llama3_written,
    "yarn": _yarn_written,
}


def _blend(frequency: float, slowed: float, factor: float) -> float:
    """`frequency`, of which the share `slowed` is divided by the factor."""
    return frequency * (slowed / factor + 1 - slowed)


def _within(low: float, value: float, high: float) -> float:
    return min(max(value, low), high)
