"""Taps: one row for a pupil, date and session, with the pupil's own instant, by the school's own date."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from office.database import Database
from office.days import remember_calendar, term_of, timezone, zone_of
from office.errors import OfficeError
from office.models import SchoolDay, Tap
from office.taps import TapOutcome, pupils_in, record_tap
from tests.office.schools import MONDAY, at, calendar, pupil_ids, school_day


def tap(database: Database, instant: dt.datetime, name: str = "Wren") -> TapOutcome:
    with database.write() as session:
        return record_tap(
            session,
            pupil_id=pupil_ids(database)[name],
            at=instant,
            means="card",
            kiosk="kiosk-oak",
            received_at=at("18:00"),
        )


@pytest.fixture
def monday(school: Database) -> Database:
    with school.write() as session:
        remember_calendar(session, calendar())
    return school


def test_each_session_has_its_own_row_and_a_second_tap_none(monday: Database) -> None:
    outcomes = [tap(monday, at(clock)) for clock in ("08:50", "08:51", "11:59", "13:02", "15:00", "16:00", "17:00")]
    assert [(outcome.session, outcome.again) for outcome in outcomes] == [
        ("am", False),
        ("am", True),
        ("am", True),
        ("pm", False),
        ("pm", True),
        ("none", False),
        ("none", True),
    ]
    with monday.read() as session:
        rows = session.scalars(select(Tap).order_by(Tap.at)).all()
        assert [(row.session, row.at, row.received_at) for row in rows] == [
            ("am", at("08:50"), at("18:00")),
            ("pm", at("13:02"), at("18:00")),
            ("none", at("16:00"), at("18:00")),
        ]


def test_a_tap_after_school_does_not_make_a_pupil_in(monday: Database) -> None:
    tap(monday, at("16:00"))
    tap(monday, at("13:00"), "Moss")
    with monday.read() as session:
        assert pupils_in(session, MONDAY) == {pupil_ids(monday)["Moss"]}


def test_the_date_is_the_schools_not_utcs(school: Database) -> None:
    summer = dt.date(2026, 7, 1)
    outcome = tap(school, dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC))
    assert outcome.date == summer


def test_a_tap_of_a_day_that_is_past_falls_by_that_days_registers(monday: Database) -> None:
    tuesday = MONDAY + dt.timedelta(days=1)
    with monday.write() as session:
        remember_calendar(session, calendar(school_day(tuesday)))  # Monday is no longer told
        assert session.get(SchoolDay, MONDAY) is not None
    assert tap(monday, at("12:00:00")).session == "am"


def test_a_day_that_is_told_anew_replaces_what_was_told(monday: Database) -> None:
    with monday.write() as session:
        remember_calendar(session, calendar(school_day().model_copy(update={"am": None, "pm": None})))
    assert tap(monday, at("08:50")).session == "none"


def test_a_calendar_in_an_unknown_time_zone_is_named_and_changes_nothing(monday: Database) -> None:
    strange = calendar().model_copy(update={"timezone": "Middle/Earth"})
    with pytest.raises(OfficeError, match=r"Middle/Earth.*Europe/London"):
        zone_of(strange)
    with pytest.raises(OfficeError), monday.write() as session:
        remember_calendar(session, strange)
    with monday.read() as session:
        assert timezone(session).key == "Europe/London"


@pytest.mark.parametrize(
    ("date", "term"),
    [
        (dt.date(2026, 9, 2), "2026 autumn"),
        (dt.date(2027, 1, 4), "2027 spring"),
        (dt.date(2027, 4, 12), "2027 summer"),
        (dt.date(2027, 8, 31), "2027 summer"),
    ],
)
def test_a_date_without_a_told_term_is_in_a_third_of_the_year(date: dt.date, term: str) -> None:
    assert term_of(date, None) == term
    assert term_of(date, school_day(date, term="")) == term
    assert term_of(date, school_day(date, term="Autumn 2026")) == "Autumn 2026"
