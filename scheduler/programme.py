"""The plan as it goes on the wire: a programme for each zone, and the calendar of the same days.

Pure. A programme covers the next 5 school days, at most 21 days, and fewer where it would not fit into a message. Its
revision is made from its content: the same content is the same revision, whenever and wherever it was made.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence

from scheduler.asrun import AsRun
from scheduler.calendar import SCHOOL_DAYS_AHEAD, ResolvedDay, resolve_ahead, term_of
from scheduler.call_sounds import call_tracks
from scheduler.instants import day_begins, instant_at
from scheduler.plan import PlannedBell, PlannedDay, PlannedSet, Planner, Turns
from scheduler.timetable import DayShape, RegisterHours, Slot, Timetable, Zone
from scheduler.tracks import Library, LibraryTrack
from wire.programme import (
    Bell,
    Calendar,
    CalendarDay,
    CalendarSlot,
    MusicSet,
    Programme,
    RegisterTimes,
    SetTrack,
    Stream,
    Track,
)
from wire.values import MAX_PAYLOAD_BYTES

_log = logging.getLogger(__name__)

_LONGEST_TEXT = 300
_CLIPPED_TEXT = 40


def compile_programmes(
    timetable: Timetable,
    library: Library,
    turns: Turns,
    played: AsRun,
    *,
    from_date: dt.date,
    media: str,
    made_at: dt.datetime,
    desk: Mapping[dt.date, DayShape] | None = None,
    begun: Mapping[str, MusicSet] | None = None,
) -> dict[str, Programme]:
    """Every zone's programme from a local date on.

    `played` is the as-run log as of 03:00 of that date, `media` the address of the tracks, `desk` day shapes made
    at the desk for one date, `begun` the sets that have begun, as published (`plan.begun_sets`): those keep their
    tracks.
    """
    days = Planner(timetable, library, turns, played, desk or {}, begun or {}).plan(from_date)
    calls = tuple(_call(track) for track in call_tracks(timetable, library))
    return {
        zone.name: _ZoneProgramme(timetable, zone, media, made_at, calls).fitting(days)
        for zone in timetable.zones.values()
    }


def compile_calendar(
    timetable: Timetable,
    *,
    from_date: dt.date,
    made_at: dt.datetime,
    desk: Mapping[dt.date, DayShape] | None = None,
) -> Calendar:
    """The days of the programmes as the office and the screens need them."""
    days = tuple(_calendar_day(timetable, day) for day in resolve_ahead(timetable, from_date, desk))
    return Calendar(made_at=made_at, timezone=timetable.timezone.key, school=timetable.school, days=days)


def music_set(zone: Zone, planned: PlannedSet, longest_text: int = _LONGEST_TEXT) -> MusicSet:
    """A planned set as it is on the wire for one of its zones: never above the zone's limit."""
    slot = planned.slot
    return MusicSet(
        slot=slot.name,
        date=planned.date,
        start_at=planned.start_at,
        end_at=planned.end_at,
        volume=zone_volume(zone, slot.volume),
        fade_in_s=slot.fade_in_s,
        fade_out_s=slot.fade_out_s,
        crossfade_s=slot.crossfade_s,
        dj=planned.dj,
        stream=Stream(url=planned.stream) if planned.stream is not None else None,
        tracks=tuple(
            SetTrack(at_s=placed.at_s, **_track(placed.track, longest_text).model_dump()) for placed in planned.tracks
        ),
    )


@dataclasses.dataclass(frozen=True)
class _ZoneProgramme:
    """Makes one zone's programme of planned days."""

    timetable: Timetable
    zone: Zone
    media: str
    made_at: dt.datetime
    calls: tuple[Track, ...]

    def fitting(self, days: Sequence[PlannedDay]) -> Programme:
        """The programme of as many days as fit into a message; of a day that does not fit, as many sets as do."""
        for school_days in range(SCHOOL_DAYS_AHEAD, 0, -1):
            programme = self._programme(_first_school_days(days, school_days))
            if _fits(programme):
                return programme
        first = _first_school_days(days, 1)
        clipped = self._programme(first, longest_text=_CLIPPED_TEXT)
        sets = clipped.sets
        while sets and not _fits(clipped.model_copy(update={"sets": sets})):
            sets = sets[:-1]
        _log.warning(
            "%s: %s is too long for a message, %d sets kept", self.zone.name, first[0].resolved.date, len(sets)
        )
        return _with_revision(clipped.model_copy(update={"sets": sets}), first[0].resolved.date)

    def _programme(self, days: Sequence[PlannedDay], longest_text: int = _LONGEST_TEXT) -> Programme:
        programme = Programme(
            revision="",
            zone=self.zone.name,
            made_at=self.made_at,
            valid_until=day_begins(days[-1].resolved.date + dt.timedelta(days=1), self.timetable.timezone),
            media=self.media,
            limit=self.zone.limit,
            sets=tuple(
                music_set(self.zone, planned, longest_text)
                for day in days
                for planned in day.sets
                if self.zone.name in planned.slot.zones
            ),
            bells=tuple(
                bell
                for day in days
                for planned in day.bells
                if self.zone.name in planned.bell.zones
                for bell in _bell(self.zone, planned, longest_text)
            ),
            calls=self.calls,
        )
        return _with_revision(programme, days[0].resolved.date)


def _first_school_days(days: Sequence[PlannedDay], count: int) -> Sequence[PlannedDay]:
    """The days before school day `count + 1`, the silent ones behind the last school day among them."""
    school_days = 0
    for index, day in enumerate(days):
        school_days += day.resolved.shape is not None
        if school_days > count:
            return days[:index]
    return days


def _fits(programme: Programme) -> bool:
    return len(programme.model_dump_json().encode()) <= MAX_PAYLOAD_BYTES


def _with_revision(programme: Programme, from_date: dt.date) -> Programme:
    """The programme named by its first date and its content, but for when it was made."""
    content = programme.model_dump_json(exclude={"revision", "made_at"}).encode()
    revision = f"{from_date.isoformat()}-{hashlib.sha256(content).hexdigest()[:16]}"
    return programme.model_copy(update={"revision": revision})


def _bell(zone: Zone, planned: PlannedBell, longest_text: int) -> Iterator[Bell]:
    """A bell as it is on the wire, none when its sound is missing."""
    if planned.sound is not None:
        yield Bell(
            bell=planned.bell.name,
            at=planned.at,
            track=_track(planned.sound, longest_text),
            duck_db=planned.bell.duck_db,
            volume=zone_volume(zone, planned.bell.volume),
        )


def _track(track: LibraryTrack, longest_text: int) -> Track:
    return Track(
        id=track.id,
        title=track.title[:longest_text],
        artist=track.artist[:longest_text],
        duration_s=round(track.duration_s, 6),
        gain_db=round(track.gain_db, 2),
    )


def _call(track: LibraryTrack) -> Track:
    """A call's sound as it is on the wire: short, so that a hundred of them always fit beside the music."""
    return _track(dataclasses.replace(track, artist=""), _CLIPPED_TEXT)


def zone_volume(zone: Zone, volume: int | None) -> int:
    """A volume as a zone may have it: its own where none is named, and never above its limit."""
    return min(zone.volume if volume is None else volume, zone.limit)


def _calendar_day(timetable: Timetable, resolved: ResolvedDay) -> CalendarDay:
    term = term_of(timetable, resolved.date)
    bare_day = CalendarDay(
        date=resolved.date, day=resolved.day, rule=resolved.rule[:300], term=term.name if term is not None else ""
    )
    if resolved.shape is None:
        return bare_day
    registers = timetable.registers
    slots = sorted(resolved.shape.slots, key=lambda slot: (slot.from_time, slot.name))
    return bare_day.model_copy(
        update={
            "am": _register(timetable, resolved.date, registers.am),
            "pm": _register(timetable, resolved.date, registers.pm),
            "slots": tuple(_calendar_slot(timetable, resolved.date, slot) for slot in slots),
        }
    )


def _register(timetable: Timetable, date: dt.date, hours: RegisterHours) -> RegisterTimes:
    return RegisterTimes(
        start=instant_at(date, hours.start, timetable.timezone),
        close=instant_at(date, hours.close, timetable.timezone),
        end=instant_at(date, hours.end, timetable.timezone),
    )


def _calendar_slot(timetable: Timetable, date: dt.date, slot: Slot) -> CalendarSlot:
    start_at = instant_at(date, slot.from_time, timetable.timezone)
    return CalendarSlot(
        slot=slot.name,
        start_at=start_at,
        end_at=instant_at(date, slot.to_time, timetable.timezone),
        zones=slot.zones,
        dj_slot=slot.dj,
        locks_at=start_at - dt.timedelta(seconds=timetable.dj_lock_s) if slot.dj else None,
    )
