"""The school's timetable as values: zones, playlists, day shapes, terms and closures, as staff wrote them.

Nothing here reads files, knows the date or decides anything: `reading` makes a timetable from `schedule.yaml`,
`calendar` finds the day of a date, `programme` makes sound of it. Times of day are the school's wall time.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

CLOSED = "closed"
"""The name of a day without school; no day shape may take it, `week` and `dates` may name it."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of `datetime.date.weekday()`."""

DJ_LOCK_S = 300.0
"""So long before a slot its School DJ's picks close, where the file names no other time."""


class BankHolidays(StrEnum):
    """Whose bank holidays the school keeps; NONE is for a school that keeps none, or lists its own under `closed`."""

    ENGLAND = "england"
    WALES = "wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"
    NONE = "none"


@dataclasses.dataclass(frozen=True)
class Zone:
    """A part of the school that sounds as one: `volume` where a slot names none, `limit` is never passed."""

    name: str
    volume: int
    limit: int = 100


@dataclasses.dataclass(frozen=True)
class Playlist:
    """Where a slot's music comes from: a folder, a list of tracks, or a stream with another playlist to fall back on.

    Exactly one of `folder`, `tracks` and `stream` is given. Paths are as written: relative to the timetable's folder,
    or absolute.
    """

    name: str
    folder: str | None = None
    tracks: tuple[str, ...] = ()
    stream: str | None = None
    fallback: str | None = None


@dataclasses.dataclass(frozen=True)
class Slot:
    """A span of a day with music; `volume` None means each zone's own, `dj` that a School DJ may pick for it."""

    name: str
    from_time: dt.time
    to_time: dt.time
    zones: tuple[str, ...]
    playlist: str
    volume: int | None = None
    fade_in_s: float = 2.0
    fade_out_s: float = 5.0
    crossfade_s: float = 0.0
    dj: bool = False


@dataclasses.dataclass(frozen=True)
class BellAt:
    """A short sound at a time of day; `sound` is a path like a track's, `duck_db` what the music falls by under it."""

    name: str
    at_time: dt.time
    zones: tuple[str, ...]
    sound: str
    volume: int | None = None
    duck_db: float = -18.0


@dataclasses.dataclass(frozen=True)
class CallSound:
    """A sound that staff may have heard at once, in any zone; `volume` None means each zone's own, as for a bell."""

    name: str
    sound: str
    volume: int | None = None
    duck_db: float = -18.0


@dataclasses.dataclass(frozen=True)
class DayShape:
    """One kind of day, with `like`, `change`, `drop` and `add` already worked out; slots and bells in order of time."""

    name: str
    slots: tuple[Slot, ...] = ()
    bells: tuple[BellAt, ...] = ()


@dataclasses.dataclass(frozen=True)
class DateSpan:
    """Dates from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    def __contains__(self, date: object) -> bool:
        return isinstance(date, dt.date) and self.first <= date <= self.last


@dataclasses.dataclass(frozen=True)
class Term:
    """A term with its half-term holiday, if it has one."""

    name: str
    span: DateSpan
    half_term: DateSpan | None = None


@dataclasses.dataclass(frozen=True)
class Closure:
    """A date in term without pupils: an INSET day, say; `why` is for people."""

    date: dt.date
    why: str


@dataclasses.dataclass(frozen=True)
class RegisterHours:
    """One session's register: taps up to `start` are in time, up to `close` late, and `end` ends the session."""

    start: dt.time
    close: dt.time
    end: dt.time


@dataclasses.dataclass(frozen=True)
class Registers:
    """Both sessions' registers."""

    am: RegisterHours = RegisterHours(dt.time(8, 55), dt.time(9, 15), dt.time(12, 0))
    pm: RegisterHours = RegisterHours(dt.time(13, 0), dt.time(13, 15), dt.time(15, 15))


@dataclasses.dataclass(frozen=True)
class Timetable:
    """The whole of `schedule.yaml`, checked.

    `folder` is what relative paths start from; `week` has seven day names, Monday first; `bank_holidays` None means
    that the file does not say, which keeps the school silent rather than guessing.
    """

    site: str
    school: str
    timezone: ZoneInfo
    folder: Path
    zones: Mapping[str, Zone]
    playlists: Mapping[str, Playlist]
    days: Mapping[str, DayShape]
    week: tuple[str, ...] = (CLOSED,) * 7
    terms: tuple[Term, ...] = ()
    closed: tuple[Closure, ...] = ()
    bank_holidays: BankHolidays | None = None
    dates: Mapping[dt.date, str] = dataclasses.field(default_factory=dict)
    registers: Registers = Registers()
    dj_lock_s: float = DJ_LOCK_S
    calls: Mapping[str, CallSound] = dataclasses.field(default_factory=dict)

    @property
    def sounds(self) -> tuple[str, ...]:
        """The files of all bells and calls, as written, each once."""
        bells = [bell.sound for shape in self.days.values() for bell in shape.bells]
        return tuple(dict.fromkeys([*bells, *(call.sound for call in self.calls.values())]))
