"""What should sound: the programme of a zone, its sets, tracks and bells, and the calendar of the same days.

The scheduler makes these; speakers, screens and the office read them.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from wire.values import Decibels, Id, Instant, Message, Seconds, ShortText, TrackId, Volume, WireModel

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]{1,500}$")]


class Track(WireModel):
    """A track that can be played: `duration_s` is what it decodes to, `gain_db` makes it as loud as the others."""

    id: TrackId
    title: ShortText
    artist: ShortText = ""
    duration_s: Seconds
    gain_db: Decibels = 0.0


class SetTrack(Track):
    """A track in its place in a set: `at_s` counts from the set's `start_at`."""

    at_s: Seconds


class Stream(WireModel):
    """A live stream that is played in a set, with tracks to fall back on in the set's `tracks`."""

    url: HttpUrl


class MusicSet(WireModel):
    """The music of one slot on one date, the same in all zones of the slot."""

    slot: Id
    date: dt.date
    start_at: Instant
    end_at: Instant
    volume: Volume
    fade_in_s: Seconds = 0.0
    fade_out_s: Seconds = 0.0
    crossfade_s: Seconds = 0.0
    dj: ShortText | None = None
    stream: Stream | None = None
    tracks: tuple[SetTrack, ...] = ()

    @property
    def key(self) -> str:
        """The set's name in states and as-run records: `2026-11-23/break`."""
        return f"{self.date.isoformat()}/{self.slot}"


class Bell(WireModel):
    """A short sound at an instant; the music is ducked under it."""

    bell: Id
    at: Instant
    track: Track
    duck_db: Decibels = -18.0
    volume: Volume | None = None


class Call(Message):
    """An announcement or a bell by staff, now: it ducks the music. On `call/<zone>`, never retained.

    `track` is one of the programme's `calls`, so that every speaker has it; behind `valid_until` nobody begins it.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
    track: Track
    duck_db: Decibels = -18.0
    volume: Volume | None = None
    at: Instant
    valid_until: Instant


class Programme(Message):
    """Everything that should sound in a zone, until `valid_until`; retained on `programme/<zone>`.

    `calls` are the sounds that staff may call for, which speakers fetch ahead.
    """

    revision: ShortText
    zone: Id
    made_at: Instant
    valid_until: Instant
    media: HttpUrl
    limit: Volume = 100
    sets: tuple[MusicSet, ...] = ()
    bells: tuple[Bell, ...] = ()
    calls: Annotated[tuple[Track, ...], Field(max_length=100)] = ()


class RegisterTimes(WireModel):
    """One session's register: taps up to `start` are in time, up to `close` late, up to `end` after it closed."""

    start: Instant
    close: Instant
    end: Instant


class CalendarSlot(WireModel):
    """A slot as the office and the screens need it; `locks_at` is when the DJ's picks close."""

    slot: Id
    start_at: Instant
    end_at: Instant
    zones: tuple[Id, ...]
    dj_slot: bool = False
    locks_at: Instant | None = None


class CalendarDay(WireModel):
    """One date: which day shape applies and by which rule; `day` is `closed` when there is no school.

    `term` is the name of the term that the date is in, or empty when it is in none or not told.
    """

    date: dt.date
    day: ShortText
    rule: ShortText = ""
    term: ShortText = ""
    am: RegisterTimes | None = None
    pm: RegisterTimes | None = None
    slots: tuple[CalendarSlot, ...] = ()

    @property
    def open(self) -> bool:
        """Whether pupils are in school on this date."""
        return self.am is not None or self.pm is not None


class Calendar(Message):
    """The programme's days; retained on `calendar`."""

    made_at: Instant
    timezone: ShortText
    school: ShortText = ""
    days: Annotated[tuple[CalendarDay, ...], Field(max_length=60)] = ()


class Turn(Message):
    """A pupil's School DJ turn; retained on `turn/<date>/<slot>` until the date is over.

    `dj` is the first name, or null without the family's consent; `picks` are track ids in the pupil's order.
    """

    date: dt.date
    slot: Id
    pupil: Id
    dj: ShortText | None = None
    picture: ShortText | None = None
    picks: Annotated[tuple[TrackId, ...], Field(max_length=60)] = ()
    at: Instant
