"""Which day applies to a date, and why."""

from __future__ import annotations

import datetime as dt

import pytest

from scheduler.bank_holidays import bank_holiday
from scheduler.calendar import resolve, resolve_ahead, term_of
from scheduler.timetable import BankHolidays, DayShape
from tests.scheduler.timetables import SCHEDULE, timetable

TERMS = SCHEDULE[SCHEDULE.index("terms:") : SCHEDULE.index("closed:")]


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("on", "day", "rule"),
    [
        ("2026-11-23", "normal", "week monday"),
        ("2026-09-02", "normal", "week wednesday"),
        ("2026-09-01", "closed", "outside term"),
        ("2026-11-21", "closed", "week saturday"),
        ("2026-11-27", "closed", "closed 2026-11-27: INSET"),
        ("2026-10-23", "normal", "week friday"),
        ("2026-10-26", "closed", "half-term of Autumn 2026"),
        ("2026-10-30", "closed", "half-term of Autumn 2026"),
        ("2026-11-02", "normal", "week monday"),
        ("2026-08-31", "closed", "bank holiday: Late Summer Bank Holiday"),
        ("2026-05-04", "closed", "bank holiday: May Day"),
        ("2026-12-17", "normal", "week thursday"),
        ("2026-12-18", "early-finish", "dates 2026-12-18"),
        ("2026-12-21", "closed", "outside term"),
        ("2026-12-25", "closed", "bank holiday: Christmas Day"),
        ("2026-03-30", "closed", "outside term"),
        ("2030-01-07", "closed", "outside term"),
    ],
)
def test_the_first_rule_that_matches_wins(on: str, day: str, rule: str) -> None:
    resolved = resolve(timetable(), date(on))
    assert (resolved.day, resolved.rule) == (day, rule)
    assert (resolved.shape is None) == (day == "closed")
    assert resolved.alert is None


@pytest.mark.parametrize("on", ["2026-11-27", "2026-08-31", "2026-10-28", "2026-12-25", "2026-11-21", "2026-08-03"])
def test_a_day_named_in_dates_wins_over_every_closure(on: str) -> None:
    school = timetable(SCHEDULE.replace("dates: {", f"dates: {{{on}: wet, "))
    resolved = resolve(school, date(on))
    assert (resolved.day, resolved.rule) == ("wet", f"dates {on}")
    assert resolved.shape == school.days["wet"]


def test_dates_may_close_a_day() -> None:
    school = timetable(SCHEDULE.replace("dates: {", "dates: {2026-11-24: closed, "))
    assert resolve(school, date("2026-11-24")).shape is None


def test_a_change_at_the_desk_wins_over_all() -> None:
    snow = DayShape("snow")
    resolved = resolve(timetable(), date("2026-12-18"), desk=snow)
    assert (resolved.day, resolved.rule, resolved.shape) == ("snow", "changed at the desk for 2026-12-18", snow)


@pytest.mark.parametrize(
    ("removed", "alert"),
    [
        ("bank_holidays: england\n", "bank holidays are not known: bank_holidays is missing"),
        (TERMS, "terms are not known: terms is missing or empty"),
    ],
)
def test_what_is_not_known_is_silent_with_an_alert_but_for_days_named_in_dates(removed: str, alert: str) -> None:
    school = timetable(SCHEDULE.replace(removed, ""))
    resolved = resolve(school, date("2026-11-23"))
    assert (resolved.shape, resolved.alert) == (None, alert)
    assert resolve(school, date("2026-12-18")).day == "early-finish"


def test_a_school_may_keep_no_bank_holidays() -> None:
    school = timetable(SCHEDULE.replace("bank_holidays: england", "bank_holidays: none"))
    assert resolve(school, date("2026-05-04")).day == "normal"


@pytest.mark.parametrize(
    ("country", "on", "name"),
    [
        (BankHolidays.ENGLAND, "2026-08-31", "Late Summer Bank Holiday"),
        (BankHolidays.WALES, "2026-08-31", "Late Summer Bank Holiday"),
        (BankHolidays.NORTHERN_IRELAND, "2026-08-31", "Late Summer Bank Holiday"),
        (BankHolidays.SCOTLAND, "2026-08-31", None),
        (BankHolidays.SCOTLAND, "2026-08-03", "Summer Bank Holiday"),
        (BankHolidays.ENGLAND, "2026-08-03", None),
        (BankHolidays.NORTHERN_IRELAND, "2026-03-17", "Saint Patrick's Day"),
        (BankHolidays.ENGLAND, "2026-12-28", "Boxing Day (observed)"),
        (BankHolidays.NONE, "2026-12-25", None),
    ],
)
def test_each_country_has_its_own_bank_holidays(country: BankHolidays, on: str, name: str | None) -> None:
    assert bank_holiday(date(on), country) == name


def ahead(on: str) -> tuple[str, str, int]:
    """The first and the last day covered, and how many of them are school days."""
    days = resolve_ahead(timetable(), date(on))
    return str(days[0].date), str(days[-1].date), sum(day.shape is not None for day in days)


@pytest.mark.parametrize(
    ("on", "last", "school_days"),
    [
        ("2026-11-09", "2026-11-15", 5),
        ("2026-11-11", "2026-11-17", 5),
        ("2026-11-23", "2026-11-30", 5),  # INSET on the Friday: Monday instead
        ("2026-10-21", "2026-11-03", 5),  # over half-term
        ("2026-12-17", "2027-01-06", 2),  # the last two days of term, then 21 days at the most
        ("2026-12-19", "2027-01-08", 0),
        ("2026-08-20", "2026-09-08", 5),
        ("2026-08-01", "2026-08-21", 0),
    ],
)
def test_five_school_days_are_covered_and_at_most_21_days(on: str, last: str, school_days: int) -> None:
    assert ahead(on) == (on, last, school_days)


def test_a_date_knows_its_term_in_half_term_too() -> None:
    names = [term.name if (term := term_of(timetable(), date(on))) else None for on in ("2026-10-28", "2026-08-03")]
    assert names == ["Autumn 2026", None]
