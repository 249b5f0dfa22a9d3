"""All that the programme is made of, as it is at one moment, and what follows from it: pure.

The service takes a moment on its event loop and has it worked out in a thread, while turns and questions come in.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping

from scheduler.asrun import AsRun, day_turned_at
from scheduler.calendar import resolve
from scheduler.day import explain_day, plan_day
from scheduler.instants import day_begins
from scheduler.plan import PlannedDay, Planner, Turns
from scheduler.programme import compile_calendar, compile_programmes
from scheduler.timetable import Timetable
from scheduler.tracks import Library
from wire.programme import Calendar, MusicSet, Programme
from wire.requests import DayAnswer


@dataclasses.dataclass(frozen=True)
class Compiled:
    """What should be on the broker, until `next_change` if nothing else happens; `alert` is for staff."""

    programmes: Mapping[str, Programme]
    calendar: Calendar
    alert: str | None
    next_change: dt.datetime


@dataclasses.dataclass(frozen=True)
class Moment:
    """The inputs: `begun` are the sets that have begun, as published, `media` the address of the tracks."""

    timetable: Timetable
    library: Library
    turns: Turns
    played: AsRun
    begun: Mapping[str, MusicSet]
    media: str
    now: dt.datetime

    @property
    def today(self) -> dt.date:
        """The school's local date."""
        return self.now.astimezone(self.timetable.timezone).date()

    def compile(self) -> Compiled:
        """Every zone's programme and the calendar."""
        programmes = compile_programmes(
            self.timetable,
            self.library,
            self.turns,
            self.played,
            from_date=self.today,
            media=self.media,
            made_at=self.now,
            begun=self.begun,
        )
        calendar = compile_calendar(self.timetable, from_date=self.today, made_at=self.now)
        alert = resolve(self.timetable, self.today).alert or _silent_slot(programmes.values())
        return Compiled(programmes, calendar, alert, self._next_change())

    def explain(self, date: dt.date) -> DayAnswer:
        """One date of the same plan, with its rule."""
        return explain_day(self.timetable, self.plan(date))

    def plan(self, date: dt.date) -> PlannedDay:
        """The plan of one date."""
        planner = Planner(self.timetable, self.library, self.turns, self.played, begun=self.begun)
        return plan_day(planner, date, self.today)

    def _next_change(self) -> dt.datetime:
        """When the programme changes though nothing else does: the next midnight or the next 03:00."""
        timezone = self.timetable.timezone
        midnight = day_begins(self.today + dt.timedelta(days=1), timezone)
        return min(at for at in (day_turned_at(self.today, timezone), midnight) if at > self.now)


def _silent_slot(programmes: Iterable[Programme]) -> str | None:
    """The first slot to come that has nothing to play, in a sentence for staff."""
    empty = [music for programme in programmes for music in programme.sets if not music.tracks and music.stream is None]
    if not empty:
        return None
    first = min(empty, key=lambda music: music.start_at)
    return f"{first.slot} on {first.date} is silent: its playlist has no approved music"
