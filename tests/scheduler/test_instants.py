"""Wall time to instants, on ordinary days and on the nights when the clocks of Europe/London change."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.instants import day_begins, instant_at, wall_clock

LONDON = ZoneInfo("Europe/London")


def at(date: str, time: str) -> str:
    return instant_at(dt.date.fromisoformat(date), dt.time.fromisoformat(time), LONDON).isoformat()


@pytest.mark.parametrize(
    ("date", "time", "instant"),
    [
        ("2026-11-23", "10:30", "2026-11-23T10:30:00+00:00"),
        ("2026-06-15", "10:30", "2026-06-15T09:30:00+00:00"),
        ("2026-06-15", "00:15", "2026-06-14T23:15:00+00:00"),
        # Spring: 01:00 to 02:00 does not exist.
        ("2026-03-29", "00:59:59", "2026-03-29T00:59:59+00:00"),
        ("2026-03-29", "01:00", "2026-03-29T01:00:00+00:00"),
        ("2026-03-29", "01:30", "2026-03-29T01:00:00+00:00"),
        ("2026-03-29", "02:00", "2026-03-29T01:00:00+00:00"),
        ("2026-03-29", "10:30", "2026-03-29T09:30:00+00:00"),
        # Autumn: 01:00 to 02:00 comes twice, the first counts.
        ("2026-10-25", "00:59:59", "2026-10-24T23:59:59+00:00"),
        ("2026-10-25", "01:00", "2026-10-25T00:00:00+00:00"),
        ("2026-10-25", "01:30", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25", "02:00", "2026-10-25T02:00:00+00:00"),
        ("2026-10-25", "10:30", "2026-10-25T10:30:00+00:00"),
    ],
)
def test_each_wall_time_is_one_instant(date: str, time: str, instant: str) -> None:
    assert at(date, time) == instant


def test_a_day_is_23_or_25_hours_long_when_the_clocks_change() -> None:
    def hours(date: dt.date) -> float:
        return (day_begins(date + dt.timedelta(days=1), LONDON) - day_begins(date, LONDON)) / dt.timedelta(hours=1)

    assert [hours(dt.date(2026, 3, 29)), hours(dt.date(2026, 10, 25)), hours(dt.date(2026, 6, 1))] == [23, 25, 24]


def test_a_day_may_begin_after_midnight() -> None:
    santiago = ZoneInfo("America/Santiago")
    begins = day_begins(dt.date(2026, 9, 6), santiago)
    assert wall_clock(begins, santiago) == "01:00:00"


@settings(deadline=None)
@given(
    date=st.dates(dt.date(2020, 1, 1), dt.date(2037, 12, 31)),
    times=st.lists(st.times().map(lambda time: time.replace(microsecond=0)), min_size=2, max_size=2).map(sorted),
    zone=st.sampled_from(["Europe/London", "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_a_later_wall_time_is_never_an_earlier_instant(date: dt.date, times: list[dt.time], zone: str) -> None:
    first, second = (instant_at(date, time, ZoneInfo(zone)) for time in times)
    assert first <= second
    assert first.astimezone(ZoneInfo(zone)).date() == date


@settings(deadline=None)
@given(date=st.dates(dt.date(2020, 1, 1), dt.date(2037, 12, 31)), hour=st.integers(3, 23))
def test_in_school_hours_the_clock_shows_what_the_timetable_says(date: dt.date, hour: int) -> None:
    assert wall_clock(instant_at(date, dt.time(hour, 35), LONDON), LONDON) == f"{hour:02}:35:00"
