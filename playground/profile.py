"""What a visitor may ask for on this machine: `local`, `public-cpu` or `zerogpu`. Knows numbers, no model or page."""

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict, Unpack, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt, ValidationError

from models.text import Refusal, Text

Name = Literal["local", "public-cpu", "zerogpu"]

MEMORY_SHARE = 0.8  # of the machine's memory, for all runs that go on at a time; the server and the page need the rest
MOST_RUNS = 8  # at a time, however many cores there are

MiB, GiB = 2**20, 2**30


class Profile(BaseModel):
    """The caps of one deployment. A cap of None does not bind. Times are in seconds, sizes in bytes.

    Every cap is settable: `PLAYGROUND_MAX_TOKENS=500000`, `PLAYGROUND_MAX_SECONDS=none`; docs/deploy.md has the table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    parameters: PositiveInt | None = Field(default=None, description="parameters of one variant")
    tokens: PositiveInt | None = Field(default=None, description="training tokens of one run")
    seconds: PositiveInt | None = Field(default=None, description="training time of one run, in seconds")
    memory_bytes: PositiveInt | None = Field(default=None, description="predicted memory of one run")
    upload_bytes: PositiveInt = Field(default=100 * MiB, description="an uploaded or pasted text")
    visitors: PositiveInt = Field(default=8, description="visitors with a run queued or going on at the same time")
    jobs: PositiveInt = Field(default=64, description="exports and measurements queued or going on at the same time")
    variants: PositiveInt = Field(default=24, description="variants of one experiment")
    seeds: PositiveInt = Field(default=100, description="seeds of one experiment")
    runs: PositiveInt | None = Field(default=None, description="runs of one experiment, variants times seeds")
    threads: PositiveInt | None = Field(default=None, description="processor threads of one run")
    grace_seconds: NonNegativeFloat | None = Field(default=None, description="seconds that a run goes on unwatched")
    save_seconds: PositiveFloat = Field(default=10, description="seconds between savings of a run, at least")
    history_days: PositiveInt | None = Field(default=None, description="days that an ended experiment is kept")
    history_bytes: PositiveInt | None = Field(default=None, description="bytes of all ended experiments together")
    keep: bool = Field(default=True, description="whether a run may go on with the page closed")

    def check(self, **asked: Unpack["Asked"]) -> None:
        """Refuse the first of the amounts asked for that is above its cap; the sentence names both numbers.

        Raises:
            Refusal: in English and Chinese, with the fields to change.
        """
        for name, amount in asked.items():
            cap = getattr(self, name)
            if cap is not None and cast(float, amount) > cap:
                sentence, write, fields = REFUSALS[name]
                raise Refusal(sentence.format(asked=write(amount), cap=write(cap)), *fields)


class Asked(TypedDict, total=False):
    """What `Profile.check` compares with the caps of the same names."""

    parameters: int
    tokens: int
    seconds: float
    memory_bytes: int
    upload_bytes: int
    visitors: int
    jobs: int
    variants: int
    seeds: int
    runs: int
    threads: int


def _count(amount: float) -> str:
    return f"{amount:,.0f}"


def _seconds(amount: float) -> str:
    return f"{amount:,g} s"


def _size(amount: float) -> str:
    exponent = min(int(math.log(max(amount, 1), 1024)), 3)
    return f"{amount / 1024**exponent:,.4g} {('B', 'KiB', 'MiB', 'GiB')[exponent]}"


SHAPE = ("shape.layers", "shape.width", "shape.vocabulary")

REFUSALS = {
    "parameters": (
        Text(
            "This variant has {asked} parameters; this server trains at most {cap}. Make it narrower or shallower.",
            "该变体有 {asked} 个参数，超过本服务器的上限 {cap}。请减小宽度或层数。",
        ),
        _count,
        SHAPE,
    ),
    "tokens": (
        Text(
            "A run of {asked} tokens was asked for; this server trains on at most {cap}.",
            "请求训练 {asked} 个词元，超过本服务器的上限 {cap}。",
        ),
        _count,
        ("recipe.tokens",),
    ),
    "seconds": (
        Text(
            "A run of {asked} was asked for; this server trains for at most {cap}.",
            "请求训练 {asked}，超过本服务器的上限 {cap}。",
        ),
        _seconds,
        ("recipe.seconds",),
    ),
    "memory_bytes": (
        Text(
            "Training this needs about {asked} of memory; {cap} can be used here. "
            "Make the model, the batch or the context smaller.",
            "训练预计需要约 {asked} 内存，而这里可用的只有 {cap}。请减小模型、批大小或上下文长度。",
        ),
        _size,
        (*SHAPE, "shape.context", "recipe.batch"),
    ),
    "upload_bytes": (
        Text(
            "The text is {asked} long; at most {cap} can be uploaded here.",
            "文本大小为 {asked}，超过这里的上传上限 {cap}。",
        ),
        _size,
        ("recipe.data",),
    ),
    "visitors": (
        Text(
            "Too many visitors are training at the moment ({cap} at a time). Please try again in a minute.",
            "当前正在训练的访客过多（最多同时 {cap} 位），请稍后再试。",
        ),
        _count,
        (),
    ),
    "jobs": (
        Text(
            "Too many exports and measurements are waiting ({cap} at most). Please try again in a minute.",
            "当前等待的导出和测量任务过多（最多 {cap} 个），请稍后再试。",
        ),
        _count,
        (),
    ),
    "variants": (
        Text(
            "{asked} variants were asked for; an experiment here has at most {cap}.",
            "请求了 {asked} 个变体，而这里一次实验最多 {cap} 个。",
        ),
        _count,
        (),
    ),
    "seeds": (
        Text(
            "{asked} seeds were asked for; an experiment here has at most {cap}.",
            "请求了 {asked} 个随机种子，而这里一次实验最多 {cap} 个。",
        ),
        _count,
        ("seeds",),
    ),
    "runs": (
        Text(
            "This makes {asked} runs, variants times seeds; an experiment here has at most {cap}. Take fewer seeds.",
            "这需要 {asked} 次训练（变体数乘种子数），而这里一次实验最多 {cap} 次。请减少种子数。",
        ),
        _count,
        ("seeds",),
    ),
    "threads": (
        Text(
            "A run with {asked} threads was asked for; here one takes at most {cap}.",
            "请求单次训练使用 {asked} 个线程，超过这里的上限 {cap}。",
        ),
        _count,
        ("recipe.threads",),
    ),
}

PROFILES: dict[Name, Profile] = {
    "local": Profile(name="local"),
    # Two shared cores: the default experiment with room to spare, and nobody can hold a worker for long.
    "public-cpu": Profile(
        name="public-cpu",
        parameters=5_000_000,
        tokens=2_000_000,
        seconds=120,
        upload_bytes=5 * MiB,
        visitors=8,
        variants=24,
        seeds=5,
        runs=48,
        threads=2,
        grace_seconds=30,
        history_days=30,
        history_bytes=5 * GiB,
        keep=False,
    ),
    # One call asks for ten seconds more (`playground.zerogpu`); Spaces charges 1.5 times that to the daily quota.
    "zerogpu": Profile(
        name="zerogpu",
        parameters=30_000_000,
        tokens=20_000_000,
        seconds=15,
        upload_bytes=5 * MiB,
        visitors=16,
        variants=4,
        seeds=5,
        runs=20,
        threads=2,
        grace_seconds=30,
        history_days=30,
        history_bytes=5 * GiB,
        keep=False,
    ),
}


def current(environment: Mapping[str, str] = os.environ) -> Profile:
    """The profile of this process: the one that `PLAYGROUND_PROFILE` names, else the one that the machine suggests.

    Caps set in the environment win; the memory of one run is bounded by the machine's unless that is set too.

    Raises:
        Refusal: an unknown profile, or a cap that is no number.
    """
    name = environment.get("PLAYGROUND_PROFILE") or _suggested(environment)
    if name not in PROFILES:
        known = ", ".join(get_args(Name))
        raise Refusal(UNKNOWN_PROFILE.format(name=repr(name), known=known), "PLAYGROUND_PROFILE")
    base = PROFILES[cast(Name, name)]
    memory = int(MEMORY_SHARE * machine_memory() / runs_at_a_time())
    return _read(base.model_copy(update={"memory_bytes": memory}), environment)


def runs_at_a_time() -> int:
    """One for every core that this process may use, within reason."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MOST_RUNS)


def variable(field: str) -> str:
    """The environment variable that sets a field of the profile: `tokens` -> `PLAYGROUND_MAX_TOKENS`."""
    return f"PLAYGROUND_{'' if field in ('keep', 'grace_seconds', 'save_seconds') else 'MAX_'}{field.upper()}"


UNKNOWN_PROFILE = Text(
    "PLAYGROUND_PROFILE is {name}; it can be one of {known}.", "PLAYGROUND_PROFILE 的值是 {name}，只能取 {known} 之一。"
)
BAD_CAP = Text(
    "{variable} is {value}; a cap is a positive whole number (or none, where there may be no cap), "
    "PLAYGROUND_KEEP is yes or no.",
    "{variable} 的值是 {value}。上限应为正整数；允许不设上限的项可写 none；PLAYGROUND_KEEP 取 yes 或 no。",
)


def _suggested(environment: Mapping[str, str]) -> str:
    # The names that Spaces sets; the package `spaces` reads the first the same way.
    if environment.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true"):
        return "zerogpu"
    return "public-cpu" if environment.get("SPACE_ID") or environment.get("SYSTEM") == "spaces" else "local"


def _read(base: Profile, environment: Mapping[str, str]) -> Profile:
    values = base.model_dump()
    for field in values.keys() - {"name"}:
        text = environment.get(variable(field), "").strip()
        if not text:
            continue
        values[field] = None if text.lower() == "none" else text
        try:
            Profile.model_validate(values)
        except ValidationError as error:
            raise Refusal(BAD_CAP.format(variable=variable(field), value=repr(text)), variable(field)) from error
    return Profile.model_validate(values)


def machine_memory(root: Path = Path("/")) -> int:
    """Bytes of memory that this process may use: the machine's, or less where a container's limit is lower."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    # cgroup v2, then v1; a container sees its own group at the root.
    for file in ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"):
        path = root / file
        if path.is_file() and (text := path.read_text().strip()).isdigit():
            limits.append(int(text))
    return min(limits)
