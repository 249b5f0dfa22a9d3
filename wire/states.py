"""What each program says of itself, retained and with a will, and what staff hold over a zone or the school."""

from __future__ import annotations

from pydantic import Field

from wire.values import Id, Instant, Message, Seconds, ShortText, TrackId, Volume, WireModel


class Playing(WireModel):
    """What a speaker plays: `position_s` of the track at the instant `at`; a live stream has a title and no track."""

    set: ShortText
    track: TrackId | None
    title: ShortText = ""
    position_s: Seconds
    at: Instant

    @property
    def called(self) -> str:
        """What people call it."""
        return self.title or (self.track or "live radio")[:10]


class Cache(WireModel):
    """How many of the programme's tracks a speaker holds ready to play, and how many it still lacks."""

    ready: int = 0
    missing: int = 0


class SpeakerState(Message):
    """A speaker of itself, on `speaker/<id>`; `fault` is a sentence that staff understand, or null."""

    online: bool
    zone: Id
    playing: Playing | None = None
    volume: Volume | None = None
    revision: ShortText | None = None
    cache: Cache = Cache()
    clock_offset_ms: float | None = None
    start_error_ms: float | None = None
    output: ShortText = ""
    silent: bool = False
    fault: ShortText | None = None
    version: ShortText = ""


class KioskState(Message):
    """A kiosk of itself, on `kiosk/<id>`: its class (`class` on the wire), and how many taps wait to be answered."""

    online: bool
    classroom: Id = Field(alias="class")
    outbox: int = 0
    version: ShortText = ""


class ProgramState(Message):
    """The scheduler or the office of itself, on `program/<name>`."""

    online: bool
    version: ShortText = ""
    error: ShortText | None = None


class Silence(Message):
    """The whole school silent, or no longer; the newest `at` wins. Retained on `silence`."""

    on: bool
    reason: ShortText = ""
    by: ShortText
    at: Instant


class Hold(Message):
    """A mute or another volume for one zone, until an instant. Retained on `hold/<zone>`."""

    mute: bool = False
    volume: Volume | None = None
    at: Instant
    until: Instant
    by: ShortText
