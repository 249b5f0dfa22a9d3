"""A moment of the school: when its programme changes by itself, and what staff are told of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from scheduler.asrun import AsRun
from scheduler.moment import Moment
from scheduler.reading import parse_timetable
from scheduler.tracks import Library, LibraryTrack
from tests.scheduler.schools import SCHEDULE

TUNE = LibraryTrack(id="a" * 64, path="music/a.ogg", title="A", artist="", duration_s=90.0, approved=True)


def moment(now: str, library: Library | None = None, schedule: str = SCHEDULE) -> Moment:
    timetable = parse_timetable(schedule.encode(), file="schedule.yaml", folder=Path("/school")).timetable
    assert timetable is not None
    return Moment(
        timetable=timetable,
        library=library or Library.of([TUNE]),
        turns={},
        played=AsRun(),
        begun={},
        media="http://127.0.0.1:8484/media",
        now=dt.datetime.fromisoformat(now),
    )


@pytest.mark.parametrize(
    ("now", "next_change"),
    [
        ("2026-11-24T00:00:00+00:00", "2026-11-24T03:00:00+00:00"),
        ("2026-11-24T02:59:59+00:00", "2026-11-24T03:00:00+00:00"),
        ("2026-11-24T03:00:00+00:00", "2026-11-25T00:00:00+00:00"),
        ("2026-06-30T23:30:00+00:00", "2026-07-01T02:00:00+00:00"),
        ("2026-03-28T12:00:00+00:00", "2026-03-29T00:00:00+00:00"),
        ("2026-03-29T00:30:00+00:00", "2026-03-29T02:00:00+00:00"),
        ("2026-10-24T23:30:00+00:00", "2026-10-25T03:00:00+00:00"),
        ("2026-10-25T12:00:00+00:00", "2026-10-26T00:00:00+00:00"),
    ],
)
def test_the_programme_changes_by_itself_at_midnight_and_at_three_of_the_schools_clock(
    now: str, next_change: str
) -> None:
    assert moment(now).compile().next_change == dt.datetime.fromisoformat(next_change)


def test_today_is_the_schools_date() -> None:
    assert moment("2026-06-30T23:30:00+00:00").today == dt.date(2026, 7, 1)


def test_a_slot_with_nothing_to_play_is_told_by_its_name_and_date() -> None:
    refused = Library.of([dataclasses.replace(TUNE, approved=False)])
    assert moment("2026-11-24T09:00:00+00:00").compile().alert is None
    said = moment("2026-11-24T09:00:00+00:00", refused).compile().alert
    assert said == "break on 2026-11-24 is silent: its playlist has no approved music"


def test_days_that_cannot_be_known_are_told_first() -> None:
    alert = moment("2026-11-24T09:00:00+00:00", schedule=SCHEDULE.replace("bank_holidays: none\n", "")).compile().alert
    assert alert is not None
    assert "bank holidays are not known" in alert


def test_a_day_is_explained_from_the_same_plan() -> None:
    here = moment("2026-11-24T09:00:00+00:00")
    published = here.compile().programmes["playground"].sets
    day = here.explain(dt.date(2026, 11, 25))
    expected = [music.model_dump(mode="json") for music in published if music.date == dt.date(2026, 11, 25)]
    assert list(day.zones["playground"]) == expected
