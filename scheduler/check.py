"""What `unmissable check` says: the problems of the timetable, and warnings about a sound one that would disappoint.

A problem keeps the file from being used; a warning does not. Both are one line each.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from scheduler.call_sounds import not_callable
from scheduler.plan import playlist_tracks
from scheduler.reading import Problem, Reading
from scheduler.timetable import BankHolidays, DayShape, Timetable
from scheduler.tracks import Library


@dataclasses.dataclass(frozen=True)
class Check:
    """The outcome: no problems is a timetable that can be used."""

    file: str
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the timetable can be used."""
        return not self.problems

    def lines(self) -> tuple[str, ...]:
        """All of it, a line each, problems first, the verdict last."""
        warnings = tuple(f"{self.file}: warning: {warning}" for warning in self.warnings)
        if not self.ok:
            count = len(self.problems)
            verdict = f"{self.file}: {count} {'problem' if count == 1 else 'problems'}; not used until it is right"
        else:
            verdict = f"{self.file}: ok"
        return (*(str(problem) for problem in self.problems), *warnings, verdict)


def check_timetable(path: Path, reading: Reading, library: Library | None, today: dt.date) -> Check:
    """What there is to say of a timetable that was read; `library` None when the music was never scanned."""
    if reading.timetable is None:
        return Check(str(path), reading.problems)
    return Check(str(path), (), tuple(_warnings(reading.timetable, library, today)))


def _warnings(timetable: Timetable, library: Library | None, today: dt.date) -> Iterator[str]:
    yield from _year_warnings(timetable, today)
    yield from _file_warnings(timetable)
    yield from _too_loud_warnings(timetable)
    if library is None:
        yield "the music was not scanned yet; `unmissable music scan` does it"
        return
    yield from _playlist_warnings(timetable, library)
    for shape in timetable.days.values():
        yield from _length_warnings(timetable, library, shape)


def _year_warnings(timetable: Timetable, today: dt.date) -> Iterator[str]:
    if timetable.bank_holidays is None:
        countries = ", ".join(BankHolidays)
        yield f"bank_holidays is missing, so every day not named in dates is silent; write one of {countries}"
    if not timetable.terms:
        yield "terms is missing, so every day not named in dates is silent; write the school's terms"
    elif timetable.terms[-1].span.last < today:
        yield f"the last term ended on {timetable.terms[-1].span.last}, so it is silent now; write the next terms"
    closures = {closure.date for closure in timetable.closed}
    for date, day in timetable.dates.items():
        if date in closures:
            yield f"{date} stands in dates and in closed; dates wins, so it is {day}"
    used = {*timetable.week, *timetable.dates.values()}
    if not any(day in timetable.days for day in used):
        yield "no weekday and no date has a day, so it is always silent; write one in week"


def _file_warnings(timetable: Timetable) -> Iterator[str]:
    """Folders and files that are named and not there."""
    for playlist in timetable.playlists.values():
        if playlist.folder is not None and not (timetable.folder / playlist.folder).is_dir():
            yield f"playlist {playlist.name}: there is no folder {playlist.folder}"
        for track in playlist.tracks:
            if not (timetable.folder / track).is_file():
                yield f"playlist {playlist.name}: there is no file {track}"
    for sound in _bell_sounds(timetable):
        if not (timetable.folder / sound).is_file():
            yield f"bell sound {sound}: there is no such file, so its bells are silent"
    for call in timetable.calls.values():
        if not (timetable.folder / call.sound).is_file():
            yield f"call {call.name}: there is no file {call.sound}, so it cannot be called"


def _too_loud_warnings(timetable: Timetable) -> Iterator[str]:
    """Calls that are written louder than a zone allows, where they are as loud as its limit."""
    for call in timetable.calls.values():
        for zone in timetable.zones.values():
            if call.volume is not None and call.volume > zone.limit:
                yield f"call {call.name}: the volume {call.volume} is {zone.limit} in {zone.name}, as that is its limit"


def _playlist_warnings(timetable: Timetable, library: Library) -> Iterator[str]:
    """Music, bells and calls that would be silent."""
    for playlist in timetable.playlists.values():
        for path in playlist.tracks:
            track = library.by_path(path)
            if track is None and (timetable.folder / path).is_file():
                yield f"playlist {playlist.name}: {path} was not scanned or cannot be played"
            elif track is not None and not track.approved:
                yield f"playlist {playlist.name}: {path} is not approved, so it is left out"
    for sound in _bell_sounds(timetable):
        if library.by_path(sound) is None and (timetable.folder / sound).is_file():
            yield f"bell sound {sound} was not scanned or cannot be played, so its bells are silent"
    for call in timetable.calls.values():
        if (timetable.folder / call.sound).is_file() and (why := not_callable(library, call)):
            yield f"call {call.name}: {why}"


def _bell_sounds(timetable: Timetable) -> tuple[str, ...]:
    """The files of all bells, each once."""
    return tuple(dict.fromkeys(bell.sound for shape in timetable.days.values() for bell in shape.bells))


def _length_warnings(timetable: Timetable, library: Library, shape: DayShape) -> Iterator[str]:
    """Playlists that repeat within a day, or have nothing to play."""
    needed_s: dict[str, float] = {}
    for slot in shape.slots:
        begin = dt.datetime.combine(dt.date.min, slot.from_time)
        length = dt.datetime.combine(dt.date.min, slot.to_time) - begin
        needed_s[slot.playlist] = needed_s.get(slot.playlist, 0.0) + length.total_seconds()
    for name, need_s in needed_s.items():
        once = {track.id: track.duration_s for track in playlist_tracks(timetable, library, name)}
        have_s = sum(once.values())
        if not once:
            yield f"day {shape.name}: playlist {name} has no approved track, so its slots are silent"
        elif have_s < need_s:
            yield (
                f"day {shape.name}: playlist {name} holds {_minutes(have_s)} of approved music for slots of "
                f"{_minutes(need_s)}, so tracks repeat"
            )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
