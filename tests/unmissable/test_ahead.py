"""The line on what is ahead: the slot that is on, the next one, or why there is none."""

from __future__ import annotations

import datetime as dt

from unmissable.ahead import ahead
from wire.programme import Calendar, CalendarDay, CalendarSlot, RegisterTimes

SUNDAY = dt.date(2026, 10, 25)
"""The day on which the clocks go back in London."""
MONDAY = SUNDAY + dt.timedelta(days=1)


def at(date: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(hour, minute), dt.UTC)


def calendar() -> Calendar:
    """A closed Sunday, and a Monday with a break from 10:30 to 10:45."""
    register = RegisterTimes(start=at(MONDAY, 9), close=at(MONDAY, 9, 30), end=at(MONDAY, 12))
    slot = CalendarSlot(
        slot="break", start_at=at(MONDAY, 10, 30), end_at=at(MONDAY, 10, 45), zones=("playground", "classrooms")
    )
    return Calendar(
        made_at=at(SUNDAY, 0),
        timezone="Europe/London",
        days=(
            CalendarDay(date=SUNDAY, day="closed", rule="week sunday"),
            CalendarDay(date=MONDAY, day="normal", rule="week monday", am=register, slots=(slot,)),
        ),
    )


def test_on_a_closed_day_it_names_the_next_music_and_the_rule() -> None:
    assert ahead(calendar(), at(SUNDAY, 0)) == (
        "next music: break in playground and classrooms, Monday 26 October 10:30; today is closed (week sunday)"
    )


def test_before_a_slot_it_names_it_in_the_schools_own_time() -> None:
    before_the_change = calendar().model_copy(update={"timezone": "Etc/GMT-1"})
    said = ahead(before_the_change, at(MONDAY, 10))
    assert said == "next music: break in playground and classrooms, Monday 26 October 11:30"


def test_within_a_slot_it_names_its_end() -> None:
    assert ahead(calendar(), at(MONDAY, 10, 30)) == "music now: break in playground and classrooms until 10:45"


def test_when_nothing_comes_it_says_so() -> None:
    assert ahead(calendar(), at(MONDAY, 10, 45)) == "no music in the next 2 days"
