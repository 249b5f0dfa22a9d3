"""The week that is rehearsed: its days, its timetable as staff write it, which hours are lived, what goes wrong when.

Pure. The dates are fixed ones, so that a run can be repeated: the week of Monday 23 November 2026, with an INSET day.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from zoneinfo import ZoneInfo

from .pace import Stretch, merged

SITE = "soak"
TIMEZONE = ZoneInfo("Europe/London")
MONDAY = dt.date(2026, 11, 23)
ZONES = ("playground", "classrooms")
BELL_S = 4.0
_NIGHT = ((dt.time(23, 59, 20), 80.0), (dt.time(2, 59, 30), 60.0))
"""Midnight and 03:00 are lived through: the programme turns its days then."""


class Kind(StrEnum):
    """What kind of school day it is."""

    NORMAL = "normal"
    TROUBLE = "trouble"
    CLOSED = "closed"
    WET = "wet"


class Killed(StrEnum):
    """What is ended by kill -9."""

    SPEAKER = "speaker"
    BROKER = "broker"
    SCHEDULER = "scheduler"


WEEK = (Kind.NORMAL, Kind.TROUBLE, Kind.CLOSED, Kind.WET, Kind.NORMAL)
"""The DJ has the first and the wet day; on the day of trouble everything is killed once, in mid-slot."""


@dataclasses.dataclass(frozen=True)
class SlotHours:
    """A slot: when, which tracks, and the words of the timetable that say the rest of it."""

    name: str
    from_time: dt.time
    to_time: dt.time
    zones: tuple[str, ...]
    more: str = ""


@dataclasses.dataclass(frozen=True)
class Hours:
    """A day's slots and its one bell; how long before and behind them time is lived, in seconds; the music's lengths.

    `wet` names slots that move to another zone when it rains.
    """

    slots: tuple[SlotHours, ...]
    bell_at: dt.time
    lead_s: float
    tail_s: float
    tracks: int
    track_s: tuple[float, float]
    wet: tuple[tuple[str, str], ...] = ()


_FADES = {
    "drop-off": "fade_in: 3, fade_out: 8",
    "break": "dj: true, fade_in: 0, fade_out: 4",
    "lunch": "dj: true, crossfade: 3, fade_in: 2, fade_out: 6",
    "pick-up": "fade_in: 2, fade_out: 8",
}


def _hours(*times: tuple[str, dt.time, dt.time]) -> Hours:
    """A day of four slots: the playground's, and at lunch the classrooms' too; a wet break is indoors."""
    return Hours(
        slots=tuple(
            SlotHours(name, from_time, to_time, ZONES if name == "lunch" else ZONES[:1], _FADES[name])
            for name, from_time, to_time in times
        ),
        bell_at=dt.time(10, 29, 30),
        lead_s=120.0,
        tail_s=60.0,
        tracks=24,
        track_s=(90.0, 200.0),
        wet=(("break", "classrooms"),),
    )


WHOLE = _hours(
    ("drop-off", dt.time(8, 35), dt.time(8, 55)),
    ("break", dt.time(10, 30), dt.time(10, 45)),
    ("lunch", dt.time(12), dt.time(13)),
    ("pick-up", dt.time(15, 10), dt.time(15, 30)),
)
"""A school's usual hours: nearly two hours of music."""
HALF = _hours(
    ("drop-off", dt.time(8, 45), dt.time(8, 55)),
    ("break", dt.time(10, 30), dt.time(10, 45)),
    ("lunch", dt.time(12), dt.time(12, 20)),
    ("pick-up", dt.time(15, 15), dt.time(15, 25)),
)
"""The same slots in half the time."""
SHORT = Hours(
    slots=(
        SlotHours("break", dt.time(10, 30), dt.time(10, 30, 30), ZONES[:1], "fade_in: 1, fade_out: 2"),
        SlotHours(
            "lunch", dt.time(10, 31), dt.time(10, 32, 12), ZONES, "dj: true, crossfade: 2, fade_in: 0, fade_out: 2"
        ),
    ),
    bell_at=dt.time(10, 30, 40),
    lead_s=24.0,
    tail_s=18.0,
    tracks=5,
    track_s=(12.0, 20.0),
)
"""A minute and a half of music, for a test."""


@dataclasses.dataclass(frozen=True)
class Day:
    """One date of the week."""

    date: dt.date
    kind: Kind

    def at_s(self, time: dt.time) -> float:
        """A local time of the day in Unix seconds."""
        return dt.datetime.combine(self.date, time, TIMEZONE).timestamp()


@dataclasses.dataclass(frozen=True)
class Span:
    """When a zone should sound, in Unix seconds: a slot's music or a bell."""

    name: str
    from_s: float
    to_s: float


@dataclasses.dataclass(frozen=True)
class Story:
    """Some days with the same hours; `kills` names the slot in which each thing is killed on a day of trouble."""

    hours: Hours
    days: tuple[Day, ...]
    warm_up_s: float

    @classmethod
    def of(cls, hours: Hours, days: int, warm_up_s: float) -> Story:
        """The first days of the week; the first begins `warm_up_s` earlier in school time, for the programs' start."""
        kinds = WEEK[:days] if days > 1 else (Kind.TROUBLE,)
        return cls(hours, tuple(Day(MONDAY + dt.timedelta(days=n), kind) for n, kind in enumerate(kinds)), warm_up_s)

    def begins_s(self, day: Day) -> float:
        """From when on a day is lived."""
        return day.at_s(self.hours.slots[0].from_time) - self.hours.lead_s

    def ends_s(self, day: Day) -> float:
        """Until when: the last slot is over and its records are in."""
        return day.at_s(self.hours.slots[-1].to_time) + self.hours.tail_s

    def stretches(self) -> tuple[Stretch, ...]:
        """What is lived of the days; on a closed day only a minute around each slot's beginning."""
        found = [Stretch(self.begins_s(self.days[0]) - self.warm_up_s, self.begins_s(self.days[0]))]
        for number, day in enumerate(self.days):
            found += self._of_day(day)
            if number + 1 < len(self.days):
                found += self._night(day, self.days[number + 1])
        return merged(found)

    def _of_day(self, day: Day) -> Iterator[Stretch]:
        for slot in self.hours.slots:
            from_s, to_s = day.at_s(slot.from_time), day.at_s(slot.to_time)
            if day.kind is Kind.CLOSED:
                yield Stretch(from_s - 60, from_s + 60)
            else:
                yield Stretch(from_s - self.hours.lead_s, to_s + self.hours.tail_s)

    @staticmethod
    def _night(evening: Day, morning: Day) -> Iterator[Stretch]:
        for (time, length_s), day in zip(_NIGHT, (evening, morning), strict=True):
            yield Stretch(day.at_s(time), day.at_s(time) + length_s)

    @property
    def kill_slots(self) -> dict[Killed, SlotHours]:
        """In which slot each thing is killed on a day of trouble."""
        slots = self.hours.slots
        if len(slots) < len(Killed):
            return {Killed.SCHEDULER: slots[0], Killed.SPEAKER: slots[-1]}
        return dict(zip(Killed, slots, strict=False))

    def turn_slot(self, day: Day) -> SlotHours | None:
        """The slot that a School DJ has on a day, the last that may have one."""
        if day.kind not in (Kind.WET, Kind.TROUBLE) and day is not self.days[0]:
            return None
        return next((slot for slot in reversed(self.hours.slots) if "dj: true" in slot.more), None)

    def spans(self, day: Day, zone: str) -> tuple[Span, ...]:
        """What a zone should sound on a day, in order of time."""
        if day.kind is Kind.CLOSED:
            return ()
        moved = dict(self.hours.wet) if day.kind is Kind.WET else {}
        found = [
            Span(slot.name, day.at_s(slot.from_time), day.at_s(slot.to_time))
            for slot in self.hours.slots
            if zone in ((moved[slot.name],) if slot.name in moved else slot.zones)
        ]
        bell_s = day.at_s(self.hours.bell_at)
        return tuple(sorted([*found, Span("bell", bell_s, bell_s + BELL_S)], key=lambda span: span.from_s))

    def timetable(self) -> str:
        """The week as staff write it."""
        lines = [
            f"    - {{slot: {slot.name}, from: {slot.from_time}, to: {slot.to_time}, zones: [{', '.join(slot.zones)}], "
            f"playlist: all, {slot.more}}}"
            for slot in self.hours.slots
        ]
        dates = ", ".join(f"{day.date}: wet" for day in self.days if day.kind is Kind.WET)
        wet = ", ".join(f"{slot}: {{zones: [{zone}], volume: 35}}" for slot, zone in self.hours.wet)
        closed = ", ".join(f"{{date: {day.date}, why: INSET}}" for day in self.days if day.kind is Kind.CLOSED)
        return _TIMETABLE.format(
            site=SITE, zone=TIMEZONE.key, slots="\n".join(lines), bell_at=self.hours.bell_at, wet=wet,
            closed=closed, dates=dates,
        )  # fmt: skip


_TIMETABLE = """\
school: {{name: Soak School, site: {site}, timezone: {zone}}}
zones:
  playground: {{volume: 70, limit: 85}}
  classrooms: {{volume: 60, limit: 75}}
playlists:
  all: {{folder: music}}
days:
  normal:
{slots}
    - {{bell: start, at: {bell_at}, zones: [playground, classrooms], sound: bells/chime.flac}}
  wet:
    like: normal
    change: {{{wet}}}
week: {{monday: normal, tuesday: normal, wednesday: normal, thursday: normal, friday: normal}}
terms:
  - {{name: Autumn 2026, from: 2026-09-02, to: 2026-12-18}}
closed: [{closed}]
bank_holidays: england
dates: {{{dates}}}
"""


HOURS = {"whole": WHOLE, "half": HALF, "short": SHORT}
