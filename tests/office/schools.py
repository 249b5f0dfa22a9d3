"""Invented pupils, a calendar for them, and offices to ask, for the office's tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from office.database import Database
from office.models import Pupil
from office.roll import RollReport, import_roll
from wire.programme import Calendar, CalendarDay, CalendarSlot, RegisterTimes

LONDON = ZoneInfo("Europe/London")
MONDAY = dt.date(2026, 11, 23)
HEADER = "upn,first_name,preferred_name,last_name,class,date_of_birth,card,language,dj_name_consent,groups"
ROWS = (
    "X100000000001,Bramble,,Otterby,Oak,2018-03-09,1001,English,yes,",
    "X100000000002,Clementine,Clem,Fernwick,Oak,2017-11-30,1002,Polish,no,pupil-premium 2026-09-02..2027-07-20",
    "X100000000003,Wren,,Applegarth,Oak,2018-01-02,1003,English,yes,",
    "X100000000004,Moss,,Quillfeather,Elm,2016-05-06,1004,Urdu,yes,eal",
    "X100000000005,Juniper,,Tumbledown,Elm,2016-09-10,1005,English,no,",
)


def upn(number: int) -> str:
    """The UPN of an invented pupil."""
    return f"X1{number:011d}"


def write_roll(folder: Path, rows: Sequence[str] = ROWS, header: str = HEADER, name: str = "roll.csv") -> Path:
    """A roll as a file."""
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def load_roll(database: Database, folder: Path, rows: Sequence[str] = ROWS) -> RollReport:
    """Import a roll of these rows."""
    return import_roll(database, write_roll(folder, rows), today=MONDAY)


def pupil_ids(database: Database) -> dict[str, str]:
    """Each pupil's wire id by the name the pupil is called by."""
    with database.read() as session:
        return {pupil.called: pupil.id for pupil in session.scalars(select(Pupil))}


def at(clock: str, date: dt.date = MONDAY) -> dt.datetime:
    """The instant of a local time in London."""
    return dt.datetime.combine(date, dt.time.fromisoformat(clock), LONDON)


def school_day(
    date: dt.date = MONDAY, slots: Sequence[CalendarSlot] | None = None, term: str = "Autumn"
) -> CalendarDay:
    """An ordinary day with DJ slots at break and lunch."""
    return CalendarDay(
        date=date,
        day="normal",
        term=term,
        am=RegisterTimes(start=at("08:55", date), close=at("09:15", date), end=at("12:00", date)),
        pm=RegisterTimes(start=at("13:00", date), close=at("13:15", date), end=at("15:15", date)),
        slots=tuple(slots) if slots is not None else (dj_slot("break", "10:30", date), dj_slot("lunch", "12:10", date)),
    )


def dj_slot(name: str, start: str, date: dt.date = MONDAY) -> CalendarSlot:
    """A slot of fifteen minutes whose picks close five minutes before."""
    start_at = at(start, date)
    return CalendarSlot(
        slot=name,
        start_at=start_at,
        end_at=start_at + dt.timedelta(minutes=15),
        zones=("playground",),
        dj_slot=True,
        locks_at=start_at - dt.timedelta(minutes=5),
    )


def calendar(*days: CalendarDay) -> Calendar:
    """A calendar of these days, or of an ordinary Monday."""
    return Calendar(made_at=at("05:00"), timezone="Europe/London", days=days or (school_day(),))
