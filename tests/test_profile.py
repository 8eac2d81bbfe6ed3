"""The caps of a deployment: chosen by the machine, set by the environment, refused in both languages."""

from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError
from source import ROOT

from models.text import Refusal
from playground import profile
from playground.profile import PROFILES, REFUSALS, Asked, Name, Profile


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "local"),
        ({"SYSTEM": "spaces"}, "public-cpu"),
        ({"SPACE_ID": "anna/playground"}, "public-cpu"),
        ({"SPACE_ID": "anna/playground", "SPACES_ZERO_GPU": "true"}, "zerogpu"),
        ({"SPACE_ID": "anna/playground", "SPACES_ZERO_GPU": ""}, "public-cpu"),
        ({"SPACES_ZERO_GPU": "true", "PLAYGROUND_PROFILE": "local"}, "local"),
    ],
)
def test_the_machine_suggests_a_profile(environment: dict[str, str], name: Name) -> None:
    assert profile.current(environment).name == name


def test_every_profile_is_one_of_the_names() -> None:
    assert tuple(PROFILES) == get_args(Name)
    assert all(base.name == name for name, base in PROFILES.items())


def test_an_unknown_profile_is_named_with_the_known_ones() -> None:
    with pytest.raises(Refusal, match="'cloud'; it can be one of local, public-cpu, zerogpu"):
        profile.current({"PLAYGROUND_PROFILE": "cloud"})


def test_a_profile_does_not_change() -> None:
    with pytest.raises(ValidationError):
        setattr(PROFILES["local"], "tokens", 1)  # noqa: B010 (the type checker would refuse the plain form)


SETTABLE = sorted(Profile.model_fields.keys() - {"name", "keep"})


@pytest.mark.parametrize("field", SETTABLE)
def test_every_cap_is_settable(field: str) -> None:
    assert getattr(profile.current({profile.variable(field): "17"}), field) == 17


def test_what_the_environment_does_not_set_stays() -> None:
    read = profile.current({"PLAYGROUND_PROFILE": "zerogpu", "PLAYGROUND_MAX_TOKENS": "17"})
    assert read == PROFILES["zerogpu"].model_copy(update={"tokens": 17, "memory_bytes": read.memory_bytes})


def test_a_cap_can_be_taken_away_where_there_may_be_none() -> None:
    assert profile.current({"PLAYGROUND_PROFILE": "zerogpu", "PLAYGROUND_MAX_SECONDS": "none"}).seconds is None
    assert profile.current({"PLAYGROUND_KEEP": "no"}).keep is False
    with pytest.raises(Refusal, match="PLAYGROUND_MAX_VISITORS"):
        profile.current({"PLAYGROUND_MAX_VISITORS": "none"})


@pytest.mark.parametrize("text", ["0", "-3", "many", "nan", "inf", "1.5", "１７x"])
def test_a_cap_that_is_no_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refusal, match="PLAYGROUND_MAX_TOKENS is '") as refusal:
        profile.current({"PLAYGROUND_MAX_TOKENS": text})
    assert refusal.value.fields == ("PLAYGROUND_MAX_TOKENS",) and text in refusal.value.text.zh


def capped(amount: int) -> Profile:
    return Profile(name="local", **{field: amount for field in REFUSALS})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("field", sorted(Asked.__annotations__))
def test_a_cap_binds_just_above_itself(field: str) -> None:
    caps = capped(100)
    caps.check(**{field: 100})
    with pytest.raises(Refusal) as refusal:
        caps.check(**{field: 101})
    for sentence in refusal.value.text:
        assert "100" in sentence and "{" not in sentence


def test_everything_that_can_be_asked_has_a_cap_and_a_sentence() -> None:
    assert REFUSALS.keys() == Asked.__annotations__.keys() <= Profile.model_fields.keys()


def test_no_cap_refuses_nothing() -> None:
    Profile(name="local").check(parameters=10**12, tokens=10**12, seconds=1e9, memory_bytes=10**15)


def test_the_first_excess_is_the_one_told() -> None:
    with pytest.raises(Refusal, match="2,000,001 tokens .* at most 2,000,000") as refusal:
        PROFILES["public-cpu"].check(parameters=10, tokens=2_000_001, seconds=1000)
    assert refusal.value.fields == ("recipe.tokens",)


def test_a_size_is_told_in_the_unit_that_people_use() -> None:
    with pytest.raises(Refusal, match=r"7\.5 MiB long; at most 5 MiB"):
        PROFILES["public-cpu"].check(upload_bytes=int(7.5 * 2**20))


def test_all_runs_at_a_time_have_a_share_of_the_machine() -> None:
    whole, cap = profile.machine_memory(), profile.current({}).memory_bytes
    assert cap is not None and cap * profile.runs_at_a_time() <= 0.8 * whole < (cap + 1) * profile.runs_at_a_time()
    in_use = int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    assert in_use < whole < 2**50


@pytest.mark.parametrize("file", ["memory.max", "memory/memory.limit_in_bytes"])
def test_the_limit_of_a_container_counts(tmp_path: Path, file: str) -> None:
    limit = tmp_path / "sys/fs/cgroup" / file
    limit.parent.mkdir(parents=True)
    limit.write_text(f"{64 * 2**20}\n")
    assert profile.machine_memory(tmp_path) == 64 * 2**20
    limit.write_text("max\n")
    assert profile.machine_memory(tmp_path) == profile.machine_memory(tmp_path / "none")


def test_the_settings_table_is_complete() -> None:
    table = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    for field in Profile.model_fields.keys() - {"name"}:
        rows = [line for line in table.splitlines() if line.startswith(f"| `{profile.variable(field)}`")]
        assert len(rows) == 1, profile.variable(field)
        cells = [cell.strip() for cell in rows[0].split("|")[2:6]]
        defaults = [shown(field, getattr(base, field)) for base in PROFILES.values()]
        assert cells == [Profile.model_fields[field].description, *defaults]


def shown(field: str, value: float | bool | None) -> str:
    """A default as the table has it."""
    if field == "memory_bytes":
        return "a run's share of 80 %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return f"{value // 2**20} MiB" if field == "upload_bytes" else f"{value:,g}" if value < 1000 else f"{value:,}"
