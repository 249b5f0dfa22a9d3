"""What is planned to sound on each day, in the timetable's terms: sets with their tracks and the reason for each.

Pure: a set depends on the timetable, the library, its own turn, the sets that begin before it on the day, and the
as-run log as it was at 03:00. So nothing that comes in later moves what has begun: a turn counts only when its last
pick was made before the set begins, and sets that have begun can be handed in as they were published. `programme`
says the plan on the wire, `day` says it to people.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from scheduler.asrun import AsRun
from scheduler.calendar import ResolvedDay, resolve_ahead
from scheduler.filling import Heard, PlacedTrack, SlotToFill, fill
from scheduler.instants import instant_at
from scheduler.timetable import BellAt, DayShape, Slot, Timetable
from scheduler.tracks import Library, LibraryTrack
from wire.programme import MusicSet, Programme, Turn

Turns: TypeAlias = Mapping[tuple[dt.date, str], Turn]
"""The turns by date and slot."""

ABOUT_TO_BEGIN = dt.timedelta(seconds=1)
"""A set that begins so soon is as good as begun: a change could not reach every speaker in time."""


@dataclasses.dataclass(frozen=True)
class PlannedSet:
    """The music of one slot on one date; `dj` is None without a pick, or without consent to the name."""

    slot: Slot
    date: dt.date
    start_at: dt.datetime
    end_at: dt.datetime
    tracks: tuple[PlacedTrack, ...]
    dj: str | None = None
    stream: str | None = None

    @property
    def key(self) -> str:
        """The set's name on the wire: `2026-11-23/break`."""
        return f"{self.date.isoformat()}/{self.slot.name}"


@dataclasses.dataclass(frozen=True)
class PlannedBell:
    """A bell on one date; `sound` None when the library lacks the file."""

    bell: BellAt
    at: dt.datetime
    sound: LibraryTrack | None


@dataclasses.dataclass(frozen=True)
class PlannedDay:
    """One date: which day it is, and what sounds, in order of time."""

    resolved: ResolvedDay
    sets: tuple[PlannedSet, ...] = ()
    bells: tuple[PlannedBell, ...] = ()


def begun_sets(published: Iterable[Programme], now: dt.datetime) -> dict[str, MusicSet]:
    """The sets of published programmes that have begun, by key.

    Those that are over are among them: the day goes on from what was heard, whatever has changed since.
    """
    return {
        music.key: music
        for programme in published
        for music in programme.sets
        if music.start_at <= now + ABOUT_TO_BEGIN
    }


def playlist_tracks(timetable: Timetable, library: Library, name: str) -> tuple[LibraryTrack, ...]:
    """The approved tracks of a playlist, of a stream those to fall back on."""
    playlist = timetable.playlists[name]
    if playlist.stream is not None:
        return playlist_tracks(timetable, library, playlist.fallback) if playlist.fallback else ()
    if playlist.folder is not None:
        return library.in_folder(playlist.folder)
    named = (library.by_path(path) for path in playlist.tracks)
    return tuple(track for track in named if track is not None and track.approved)


@dataclasses.dataclass(frozen=True)
class Planner:
    """All that a plan is made of: `desk` are shapes made at the desk for a date, `begun` sets to leave as they are."""

    timetable: Timetable
    library: Library
    turns: Turns = dataclasses.field(default_factory=dict)
    played: AsRun = dataclasses.field(default_factory=AsRun)
    desk: Mapping[dt.date, DayShape] = dataclasses.field(default_factory=dict)
    begun: Mapping[str, MusicSet] = dataclasses.field(default_factory=dict)

    def plan(self, from_date: dt.date) -> tuple[PlannedDay, ...]:
        """The days from `from_date` that a programme covers; what earlier ones plan counts as played in later ones."""
        timezone = self.timetable.timezone
        dates = {track: at.astimezone(timezone).date() for track, at in self.played.last_played.items()}
        days = []
        for resolved in resolve_ahead(self.timetable, from_date, self.desk):
            day = self._day(resolved, dates)
            dates.update((placed.track.id, resolved.date) for planned in day.sets for placed in planned.tracks)
            days.append(day)
        return tuple(days)

    def _day(self, resolved: ResolvedDay, dates: Mapping[str, dt.date]) -> PlannedDay:
        if resolved.shape is None:
            return PlannedDay(resolved)
        today: list[str] = []
        sets = []
        for slot, start_at, end_at in self._spans(resolved.date, resolved.shape):
            planned = self._set(slot, resolved.date, start_at, end_at, Heard(dates, today))
            today.extend(placed.track.id for placed in planned.tracks)
            sets.append(planned)
        return PlannedDay(resolved, tuple(sets), tuple(self._bells(resolved.date, resolved.shape)))

    def _spans(self, date: dt.date, shape: DayShape) -> Iterator[tuple[Slot, dt.datetime, dt.datetime]]:
        """Each slot with its instants, in order; a slot that the spring change swallows is left out."""
        for slot in sorted(shape.slots, key=lambda slot: (slot.from_time, slot.name)):
            start_at = instant_at(date, slot.from_time, self.timetable.timezone)
            end_at = instant_at(date, slot.to_time, self.timetable.timezone)
            if start_at < end_at:
                yield slot, start_at, end_at

    def _set(self, slot: Slot, date: dt.date, start_at: dt.datetime, end_at: dt.datetime, heard: Heard) -> PlannedSet:
        playlist = self.timetable.playlists[slot.playlist]
        turn = self._turn(slot, date, start_at)
        picks = self._picks(turn)
        # Picks are tracks and a stream is not, so a DJ's set on a stream goes on with what the stream falls back on.
        stream = None if picks else playlist.stream
        dj = turn.dj if turn is not None and picks else None
        planned = PlannedSet(slot, date, start_at, end_at, (), dj, stream)
        begun = self.begun.get(planned.key)
        if begun is not None and (begun.start_at, begun.end_at) == (start_at, end_at):
            tracks = self._as_published(begun, picks)
            if tracks is not None:
                slot = dataclasses.replace(slot, crossfade_s=begun.crossfade_s)
                stream = begun.stream.url if begun.stream is not None else None
                return dataclasses.replace(planned, slot=slot, tracks=tracks, dj=begun.dj, stream=stream)
        length_s = (end_at - start_at).total_seconds()
        tracks = fill(
            SlotToFill(date, slot.name, length_s, slot.crossfade_s),
            picks=picks,
            playlist=playlist_tracks(self.timetable, self.library, slot.playlist),
            heard=heard,
        )
        return dataclasses.replace(planned, tracks=tracks)

    def _turn(self, slot: Slot, date: dt.date, start_at: dt.datetime) -> Turn | None:
        """The turn that counts for a set: of a DJ slot, and not touched after the set began."""
        turn = self.turns.get((date, slot.name)) if slot.dj else None
        return turn if turn is not None and turn.at <= start_at else None

    def _picks(self, turn: Turn | None) -> list[LibraryTrack]:
        """A turn's picks that are in the library and approved."""
        picks = (self.library.by_id(pick) for pick in turn.picks) if turn is not None else ()
        return [track for track in picks if track is not None and track.approved]

    def _as_published(self, begun: MusicSet, picks: list[LibraryTrack]) -> tuple[PlacedTrack, ...] | None:
        """The tracks of a set that has begun, or None when one of them may not be played any more."""
        picked = {track.id for track in picks}
        placed = []
        for published in begun.tracks:
            track = self.library.by_id(published.id)
            if track is None or not track.approved:
                return None
            placed.append(PlacedTrack(track, published.at_s, track.id in picked))
        return tuple(placed) or None

    def _bells(self, date: dt.date, shape: DayShape) -> Iterator[PlannedBell]:
        for bell in sorted(shape.bells, key=lambda bell: (bell.at_time, bell.name)):
            at = instant_at(date, bell.at_time, self.timetable.timezone)
            yield PlannedBell(bell, at, self.library.named_sound(bell.sound))
