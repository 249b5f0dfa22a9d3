"""The school's days as the calendar told them, remembered, because a tap may arrive weeks after it was made."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from office.errors import OfficeError
from office.models import SchoolDay, Setting
from wire.programme import Calendar, CalendarDay

TIMEZONE = "timezone"
FIRST_TIMEZONE = "Europe/London"
"""Used until a calendar has told another."""


def zone_of(calendar: Calendar) -> ZoneInfo:
    """The calendar's time zone; raises OfficeError when this machine knows none of that name."""
    try:
        return ZoneInfo(calendar.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OfficeError(f"calendar: time zone {calendar.timezone!r}, should be such as Europe/London") from None


def remember_calendar(session: Session, calendar: Calendar) -> None:
    """Keep every day that the calendar tells, in place of what was told of it before."""
    zone_of(calendar)
    session.merge(Setting(name=TIMEZONE, value=calendar.timezone))
    for day in calendar.days:
        session.merge(SchoolDay(date=day.date, timezone=calendar.timezone, day=day.model_dump(mode="json")))


def timezone(session: Session) -> ZoneInfo:
    """The school's time zone."""
    setting = session.get(Setting, TIMEZONE)
    return ZoneInfo(setting.value if setting else FIRST_TIMEZONE)


def local_date(session: Session, at: dt.datetime) -> dt.date:
    """The date in school at an instant."""
    return at.astimezone(timezone(session)).date()


def day_on(session: Session, date: dt.date) -> CalendarDay | None:
    """What the calendar last told of a date; None when it never told."""
    row = session.get(SchoolDay, date)
    return CalendarDay.model_validate(row.day) if row else None


def term_of(date: dt.date, day: CalendarDay | None) -> str:
    """The term a date is in: as the calendar says, else a third of the English school year."""
    if day is not None and day.term:
        return day.term
    third = "autumn" if date.month >= 9 else "spring" if date.month <= 3 else "summer"
    return f"{date.year} {third}"
