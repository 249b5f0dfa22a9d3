"""What a speaker refuses to believe."""

from __future__ import annotations

import datetime as dt

import pytest

from devices.sense import nonsense_of, nonsense_of_call
from tests.devices.conftest import NOON, programme_of
from wire.programme import Bell, Call, MusicSet, Programme, SetTrack, Track

CHIME = Track(id="c" * 64, title="chime", duration_s=2.0)
HOUR = dt.timedelta(hours=1)


def a_set(start_at: dt.datetime, end_at: dt.datetime, *at_s: float) -> MusicSet:
    tracks = tuple(SetTrack(id="a" * 64, title="Tune", duration_s=60.0, at_s=one) for one in at_s)
    return MusicSet(slot="lunch", date=NOON.date(), start_at=start_at, end_at=end_at, volume=70, tracks=tracks)


@pytest.mark.parametrize(
    ("programme", "why"),
    [
        (programme_of(a_set(NOON, NOON - HOUR)), "set 2026-11-23/lunch ends before it begins"),
        (programme_of(a_set(NOON, NOON + 15 * HOUR)), "set 2026-11-23/lunch is 15 hours long"),
        (
            programme_of(a_set(NOON.replace(year=2126), NOON.replace(year=2126) + HOUR)),
            "set 2026-11-23/lunch is at 2126",
        ),
        (programme_of(a_set(NOON, NOON + HOUR, 60.0, 0.0)), "the tracks of set 2026-11-23/lunch are not in order"),
        (programme_of(valid_until=NOON.replace(year=9999)), "it would be valid from 2026-11-23 to 9999"),
        (programme_of(bells=(Bell(bell="end", at=NOON.replace(year=1), track=CHIME),)), "bell end is at 1-11-23"),
        (programme_of(*[a_set(NOON, NOON + HOUR)] * 2_001), "2001 sets and 0 bells"),
        (programme_of(*[a_set(NOON, NOON + HOUR, *[0.0] * 500)] * 41), "more than 20000 tracks"),
    ],
)
def test_a_programme_that_cannot_be_meant_has_a_reason(programme: Programme, why: str) -> None:
    assert str(nonsense_of(programme)).startswith(why)


def test_a_school_day_makes_sense() -> None:
    assert nonsense_of(programme_of(a_set(NOON, NOON + HOUR, 0.0, 60.0), bells=())) is None


@pytest.mark.parametrize(
    ("at_s", "valid_s", "duration_s", "why"),
    [
        (1.0, 10.0, 2.0, None),
        (-3.0, 7.0, 2.0, None),
        (-20.0, -10.0, 2.0, "it came too late"),
        (7200.0, 7210.0, 2.0, "it is too far ahead"),
        (0.0, 86_400.0, 2.0, "it is too far ahead"),
        (1.0, 10.0, 3600.0, "it is 3600 s long"),
    ],
)
def test_a_call_is_obeyed_only_about_now(at_s: float, valid_s: float, duration_s: float, why: str | None) -> None:
    track = CHIME.model_copy(update={"duration_s": duration_s})
    at, until = (NOON + dt.timedelta(seconds=seconds) for seconds in (at_s, valid_s))
    assert nonsense_of_call(Call(id="1", track=track, at=at, valid_until=until), NOON) == why
