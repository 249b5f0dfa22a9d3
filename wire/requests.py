"""What can be asked of the scheduler and of the office: the envelope, each request's body and answer, and who may.

A request travels on `ask/<service>/<who>`, its answer on the topic that it names in `answer_to`. The same id
asked twice
has one effect and the same answer.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, StringConstraints

from wire.values import Id, Instant, Message, Seconds, ShortText, TrackId, Volume, WireModel


class Role(StrEnum):
    """What a user of the broker is."""

    KIOSK = "kiosk"
    SPEAKER = "speaker"
    SCHEDULER = "scheduler"
    OFFICE = "office"
    STAFF = "staff"


class Service(StrEnum):
    """Who can be asked."""

    SCHEDULER = "scheduler"
    OFFICE = "office"


RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Ask(Message):
    """A request's envelope."""

    id: RequestId
    do: Id
    answer_to: ShortText
    valid_until: Instant
    session: Annotated[str, StringConstraints(max_length=2_000)] | None = None
    body: dict[str, Any] = Field(default_factory=dict)


class Answer(Message):
    """An answer's envelope: `ok` with a body, or `refused` with a code and a `message` for people in the body."""

    id: RequestId
    ok: bool
    refused: Id | None = None
    body: dict[str, Any] = Field(default_factory=dict)


AskBody = TypeVar("AskBody", bound=WireModel)
AnswerBody = TypeVar("AnswerBody", bound=WireModel)


@dataclasses.dataclass(frozen=True)
class Verb(Generic[AskBody, AnswerBody]):
    """One thing that can be asked: of whom, with which body, answered by what, by users of which roles."""

    service: Service
    do: str
    asks: type[AskBody]
    answers: type[AnswerBody]
    roles: frozenset[Role]
    valid_s: float = 10.0


class Nothing(WireModel):
    """A body without fields."""


# --- the scheduler ---


class ClockAsk(WireModel):
    """`sent` is the asker's own clock in Unix seconds; it comes back as it was."""

    sent: float


class ClockAnswer(WireModel):
    """School time in Unix seconds when the request was received and when it was answered."""

    sent: float
    received: float
    answered: float


class TracksAsk(WireModel):
    """A page of the approved tracks; pages count from 0."""

    page: Annotated[int, Field(ge=0, le=10_000)] = 0


class ApprovedTrack(WireModel):
    """A track that may be picked; `picture` is one emoji that stands for it."""

    id: TrackId
    title: ShortText
    artist: ShortText = ""
    duration_s: Seconds
    picture: ShortText = "🎵"


class TracksAnswer(WireModel):
    """One page of the approved tracks, ordered by title, and how many pages there are."""

    page: int
    pages: int
    tracks: tuple[ApprovedTrack, ...]


class DayAsk(WireModel):
    """Which date to explain, in local time."""

    date: dt.date


class DayAnswer(WireModel):
    """The day as `unmissable day --json` prints it."""

    date: dt.date
    day: ShortText
    rule: ShortText
    zones: dict[Id, tuple[dict[str, Any], ...]]


class PlayedRecord(WireModel):
    """One track as it was played by one speaker: an as-run record; `why` is why it ended."""

    zone: Id
    speaker: Id
    set: ShortText
    track: TrackId
    title: ShortText = ""
    artist: ShortText = ""
    started_at: Instant
    ended_at: Instant
    from_s: Seconds = 0.0
    why: Literal["ended", "cut", "missing", "stopped"] = "ended"


class PlayedAsk(WireModel):
    """As-run records from a speaker's spool."""

    records: Annotated[tuple[PlayedRecord, ...], Field(max_length=200)]


class PlayedAnswer(WireModel):
    """How many of the records are now kept."""

    kept: int


class HoldAsk(WireModel):
    """Mute zones, or give them another volume, until an instant; neither ends a hold that is in force."""

    zones: Annotated[tuple[Id, ...], Field(min_length=1, max_length=60)]
    mute: bool = False
    volume: Volume | None = None
    until: Instant | None = None


class HoldAnswer(WireModel):
    """The zones that are held now, and until when; None where the hold was ended."""

    zones: tuple[Id, ...]
    until: Instant | None = None


class CallAsk(WireModel):
    """Have a sound of the timetable's `calls` heard in zones, now or at an instant soon."""

    call: Id
    zones: Annotated[tuple[Id, ...], Field(min_length=1, max_length=60)]
    at: Instant | None = None


class CallAnswer(WireModel):
    """The instant at which the call begins to sound, and where."""

    at: Instant
    zones: tuple[Id, ...]


# --- the office ---


class RosterAsk(WireModel):
    """The pupils of one class."""

    classroom: Id


class RosterPupil(WireModel):
    """What a kiosk may know of a pupil; `card_hashes` are `wire.cards.card_hash` of the pupil's cards."""

    id: Id
    first_name: ShortText
    picture: ShortText
    card_hashes: tuple[Hash, ...] = ()
    language: ShortText = "en"


class RosterAnswer(WireModel):
    """One class, in the order of its tiles, which never changes while the class is the same."""

    classroom: Id
    name: ShortText
    salt: ShortText
    pupils: tuple[RosterPupil, ...]


class TapAsk(WireModel):
    """A pupil touched a kiosk at an instant of school time."""

    pupil: Id
    at: Instant
    by: Literal["touch", "card"]


class TapAnswer(WireModel):
    """The tap is on disk; `again` is a second tap in the session, `dj_slot` today's slot in which the pupil is DJ."""

    pupil: Id
    session: Literal["am", "pm", "none"]
    again: bool
    dj_slot: Id | None = None


class OpenAsk(WireModel):
    """Open a pupil's own things at this kiosk by a card."""

    pupil: Id
    card: Hash


class OpenAnswer(WireModel):
    """A short session: its token goes into the envelope of what is asked next."""

    session: str
    until: Instant
    pupil: Id


class PointsEntry(WireModel):
    """One entry of the ledger; `points` is negative for what was spent."""

    points: int
    reason: ShortText
    picture: ShortText = "⭐"
    at: Instant


class PointsAnswer(WireModel):
    """The pupil's balance to spend, all ever earned, and the newest entries first."""

    balance: int
    earned: int
    entries: tuple[PointsEntry, ...] = ()


class TurnOffer(WireModel):
    """A School DJ turn of today that is this pupil's: `state` tells whether it can still be changed."""

    date: dt.date
    slot: Id
    start_at: Instant
    end_at: Instant
    locks_at: Instant
    zones: tuple[Id, ...]
    picks: tuple[TrackId, ...] = ()
    state: Literal["open", "locked"]


class TurnAnswer(WireModel):
    """Today's turns of the pupil; empty when there is none, or when the pupil is not in."""

    offers: tuple[TurnOffer, ...] = ()


class PickAsk(WireModel):
    """The whole list of picks for a turn, in order; it replaces the list before."""

    date: dt.date
    slot: Id
    picks: Annotated[tuple[TrackId, ...], Field(max_length=60)]


class SignInAsk(WireModel):
    """A member of staff by name and PIN."""

    name: Id
    pin: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class SignInAnswer(WireModel):
    """A signed token for the envelope, the person's role, and when the token ends."""

    session: str
    name: Id
    role: ShortText
    until: Instant


class AwardAsk(WireModel):
    """Points for pupils, for one reason of the school's published list."""

    pupils: Annotated[tuple[Id, ...], Field(min_length=1, max_length=60)]
    reason: Id


class AwardAnswer(WireModel):
    """How many points each pupil was given, and for what."""

    pupils: tuple[Id, ...]
    points: int
    reason: ShortText


_ALL = frozenset(Role)
_SCREENS = frozenset({Role.KIOSK, Role.STAFF})
_KIOSK = frozenset({Role.KIOSK})

CLOCK = Verb(Service.SCHEDULER, "clock", ClockAsk, ClockAnswer, _ALL, valid_s=2.0)
TRACKS = Verb(Service.SCHEDULER, "tracks", TracksAsk, TracksAnswer, _SCREENS)
DAY = Verb(Service.SCHEDULER, "day", DayAsk, DayAnswer, _SCREENS)
HOLD = Verb(Service.SCHEDULER, "hold", HoldAsk, HoldAnswer, frozenset({Role.STAFF}))
CALL = Verb(Service.SCHEDULER, "call", CallAsk, CallAnswer, frozenset({Role.STAFF}), valid_s=5.0)
PLAYED = Verb(Service.SCHEDULER, "played", PlayedAsk, PlayedAnswer, frozenset({Role.SPEAKER}), valid_s=60.0)

ROSTER = Verb(Service.OFFICE, "roster", RosterAsk, RosterAnswer, _KIOSK)
TAP = Verb(Service.OFFICE, "tap", TapAsk, TapAnswer, _KIOSK, valid_s=30 * 86_400.0)
OPEN = Verb(Service.OFFICE, "open", OpenAsk, OpenAnswer, _KIOSK)
POINTS = Verb(Service.OFFICE, "points", Nothing, PointsAnswer, _KIOSK)
TURN = Verb(Service.OFFICE, "turn", Nothing, TurnAnswer, _KIOSK)
PICK = Verb(Service.OFFICE, "pick", PickAsk, TurnOffer, _KIOSK)
SIGN_IN = Verb(Service.OFFICE, "sign-in", SignInAsk, SignInAnswer, frozenset({Role.STAFF}))
SIGN_OUT = Verb(Service.OFFICE, "sign-out", Nothing, Nothing, frozenset({Role.STAFF}))
AWARD = Verb(Service.OFFICE, "award", AwardAsk, AwardAnswer, frozenset({Role.STAFF}))
