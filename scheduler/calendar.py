"""Which day of the timetable applies to a date, and by which rule: a pure function of the timetable and the date.

In this order, the first that matches: a change made at the desk for that date, `dates`, `closed`, a bank holiday,
outside term or in half-term, `week`. What is not known is silent: without terms, or without a word about bank
holidays, a day that `dates` does not name has no music, and carries an alert that says why.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping

from scheduler.bank_holidays import bank_holiday
from scheduler.timetable import CLOSED, WEEKDAYS, DayShape, Term, Timetable

LOOK_AHEAD_DAYS = 21
"""No programme reaches further; the longest holidays are bridged by silence."""
SCHOOL_DAYS_AHEAD = 5


@dataclasses.dataclass(frozen=True)
class ResolvedDay:
    """The day of a date: `shape` None is a day without school, `alert` is for staff when a guess would be needed."""

    date: dt.date
    day: str
    rule: str
    shape: DayShape | None = None
    alert: str | None = None


def resolve(timetable: Timetable, date: dt.date, desk: DayShape | None = None) -> ResolvedDay:
    """The day of a date; `desk` is the shape that staff made at the desk for this date alone."""
    if desk is not None:
        return ResolvedDay(date, desk.name, f"changed at the desk for {date.isoformat()}", desk)
    if date in timetable.dates:
        return _named(timetable, date, timetable.dates[date], f"dates {date.isoformat()}")
    for closure in timetable.closed:
        if closure.date == date:
            return ResolvedDay(date, CLOSED, f"closed {date.isoformat()}: {closure.why}")
    if timetable.bank_holidays is None:
        reason = "bank holidays are not known: bank_holidays is missing"
        return ResolvedDay(date, CLOSED, reason, alert=reason)
    holiday = bank_holiday(date, timetable.bank_holidays)
    if holiday is not None:
        return ResolvedDay(date, CLOSED, f"bank holiday: {holiday}")
    return _by_term(timetable, date)


def term_of(timetable: Timetable, date: dt.date) -> Term | None:
    """The term that a date is in, its half-term and its closures included."""
    return next((term for term in timetable.terms if date in term.span), None)


def resolve_ahead(
    timetable: Timetable, from_date: dt.date, desk: Mapping[dt.date, DayShape] | None = None
) -> tuple[ResolvedDay, ...]:
    """Every day from `from_date` that a programme covers: up to the sixth school day, at most 21 days."""
    return tuple(_covered(timetable, from_date, desk or {}))


def _covered(timetable: Timetable, from_date: dt.date, desk: Mapping[dt.date, DayShape]) -> Iterator[ResolvedDay]:
    school_days = 0
    for ahead in range(LOOK_AHEAD_DAYS):
        date = from_date + dt.timedelta(days=ahead)
        day = resolve(timetable, date, desk.get(date))
        school_days += day.shape is not None
        if school_days > SCHOOL_DAYS_AHEAD:
            return
        yield day


def _by_term(timetable: Timetable, date: dt.date) -> ResolvedDay:
    """The day of a date that nothing more particular names."""
    if not timetable.terms:
        reason = "terms are not known: terms is missing or empty"
        return ResolvedDay(date, CLOSED, reason, alert=reason)
    term = term_of(timetable, date)
    if term is None:
        return ResolvedDay(date, CLOSED, "outside term")
    if term.half_term is not None and date in term.half_term:
        return ResolvedDay(date, CLOSED, f"half-term of {term.name}")
    return _named(timetable, date, timetable.week[date.weekday()], f"week {WEEKDAYS[date.weekday()]}")


def _named(timetable: Timetable, date: dt.date, day: str, rule: str) -> ResolvedDay:
    return ResolvedDay(date, day, rule, None if day == CLOSED else timetable.days[day])
