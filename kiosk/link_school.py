"""The school over the wire: the roster, the tracks and what plays are heard and kept on disk; taps go by the outbox."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import importlib.metadata
import logging
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

from kiosk.errors import Away, Closed
from kiosk.kept_file import KeptFile
from kiosk.music_now import music_now
from kiosk.outbox import Outbox
from kiosk.presence import Presence
from kiosk.school import Arrival, By, MusicNews, MusicNow, News, OwnThings, RosterNews
from kiosk.settings import KioskSettings
from kiosk.tap_sender import TapSender
from wire.asking import Asker
from wire.cards import card_hash
from wire.clock import HeardClock, follow, steady_s
from wire.errors import NoAnswer, PayloadError, Refused, WireError
from wire.link import Heard, Link
from wire.programme import Calendar, Programme
from wire.requests import (
    OPEN,
    PICK,
    POINTS,
    ROSTER,
    TRACKS,
    TURN,
    AnswerBody,
    ApprovedTrack,
    AskBody,
    Nothing,
    OpenAsk,
    PickAsk,
    RosterAnswer,
    RosterAsk,
    RosterPupil,
    TracksAnswer,
    TracksAsk,
    TurnOffer,
    Verb,
)
from wire.states import KioskState, ProgramState, SpeakerState
from wire.topics import Topics

_log = logging.getLogger(__name__)

REFRESH_S = 30.0
TRACKS_S = 300.0
"""How often the roster and the tracks are asked for again while nothing tells that they changed."""
RETRY_S = 3.0
WAIT_S = 4.0


def _version() -> str:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("unmissable")
    return ""


class LinkSchool:
    """One kiosk's school, over the link; it works from its disk when the network is gone."""

    def __init__(self, settings: KioskSettings) -> None:
        self._settings = settings
        self._topic = Topics(settings.site).kiosk(settings.user)
        gone = KioskState(online=False, classroom=settings.classroom, version=_version())
        self._link = Link(
            broker=settings.broker,
            credentials=settings.credentials,
            site=settings.site,
            client=settings.client,
            will=(self._topic, gone),
        )
        self._clock = HeardClock(settings.state / "clock.json")
        self._asker = Asker(self._link, self._clock.unix_s)
        self._handlers: list[Callable[[News], object]] = []
        self._kept_roster = KeptFile(settings.state / "roster.json", RosterAnswer)
        self._kept_tracks = KeptFile(settings.state / "tracks.json", TracksAnswer)
        self._roster = self._kept_roster.load()
        kept = self._kept_tracks.load()
        self._tracks = kept.tracks if kept else ()
        self._zone: dt.tzinfo | None = None
        self._calendar: Calendar | None = None
        self._programmes: dict[str, Programme] = {}
        self._speakers: dict[str, SpeakerState] = {}
        self._outbox = Outbox(settings.state / "outbox.sqlite")
        self._presence = Presence(self._outbox, self._clock, self.now)
        self._sender = TapSender(self._outbox, self._asker, self._clock, self._tell)
        self._ask_again = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._said_state: KioskState | None = None

    @property
    def roster(self) -> RosterAnswer | None:
        """The class, from the office or from the last time that it was heard."""
        return self._roster

    @property
    def tracks(self) -> tuple[ApprovedTrack, ...]:
        """The approved tracks, from the scheduler or from the last time that they were heard."""
        return self._tracks

    @property
    def connected(self) -> bool:
        """Whether the broker is there just now."""
        return self._link.connected

    @property
    def waiting(self) -> int:
        """How many taps wait to be answered."""
        return self._sender.waiting

    def on_news(self, handler: Callable[[News], object]) -> None:
        """Have a handler called, on the loop, with everything new."""
        self._handlers.append(handler)

    async def start(self) -> None:
        """Begin; returns at once, with or without a network."""
        topics = self._link.topics
        self._link.listen(topics.programme(), Programme, self._hear_programme)
        self._link.listen(topics.speaker(), SpeakerState, self._hear_speaker)
        self._link.listen(topics.calendar, Calendar, self._hear_calendar)
        self._link.listen(topics.program(), ProgramState, self._hear_program)
        self._link.on_connect(self._connected)
        self._say_state()
        await self._link.start()
        self._tasks = [
            asyncio.create_task(follow(self._clock, self._asker), name="clock"),
            asyncio.create_task(self._keep_asking(), name="roster and tracks"),
            asyncio.create_task(self._sender.run(), name="taps"),
        ]

    async def stop(self) -> None:
        """End in the reverse order, and leave the broker clean."""
        for task in reversed(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.stop()
        self._outbox.close()

    def now(self) -> dt.datetime:
        """The school's local time; before the calendar is heard, in the machine's zone."""
        return self._clock.now().astimezone(self._zone)

    def music(self) -> MusicNow:
        """What plays where just now."""
        return music_now(self._programmes, self._speakers, self._calendar, self._clock.now())

    def pupil_of_card(self, code: str) -> RosterPupil | None:
        """The pupil of the class with a card, if any."""
        if self._roster is None:
            return None
        hashed = card_hash(code, self._roster.salt)
        return next((pupil for pupil in self._roster.pupils if hashed in pupil.card_hashes), None)

    def was_in_today(self, pupil: str) -> bool:
        """Whether the pupil has tapped at this kiosk today."""
        return self._presence.today(pupil)

    def was_in_this_session(self, pupil: str) -> bool:
        """Whether the pupil has tapped at this kiosk in this half of the day."""
        return self._presence.this_session(pupil)

    def check_in(self, pupil: str, by: By) -> Arrival:
        """Put a tap on the disk, to be sent until it is answered; raises OutboxError when the disk refuses."""
        again = self._presence.this_session(pupil)
        self._outbox.put(str(uuid.uuid4()), pupil, by, self._clock.unix_s() if self._clock.known else None)
        self._presence.note(pupil)
        self._sender.wake()
        self._say_state()
        return Arrival(again)

    async def open(self, pupil: str, code: str) -> OwnThings:
        """Open a pupil's own things by a card; raises Away or Closed."""
        salt = self._roster.salt if self._roster else ""
        opened = await self._ask(OPEN, OpenAsk(pupil=pupil, card=card_hash(code, salt)))
        points = await self._ask(POINTS, Nothing(), opened.session)
        turns = await self._ask(TURN, Nothing(), opened.session)
        return OwnThings(opened.session, points, turns.offers)

    async def pick(self, session: str, offer: TurnOffer, picks: tuple[str, ...]) -> TurnOffer:
        """Replace a turn's picks; raises Away or Closed."""
        return await self._ask(PICK, PickAsk(date=offer.date, slot=offer.slot, picks=picks), session)

    async def _ask(self, verb: Verb[AskBody, AnswerBody], body: AskBody, session: str | None = None) -> AnswerBody:
        try:
            return await self._asker.ask(verb, body, session=session, wait_s=WAIT_S)
        except Refused as no:
            raise Closed(no.reason) from no
        except (NoAnswer, PayloadError) as wrong:
            raise Away(str(wrong)) from wrong

    def _tell(self, news: News) -> None:
        if isinstance(news, MusicNews):
            self._say_state()
        for handler in self._handlers:
            handler(news)

    def _say_state(self) -> None:
        state = KioskState(
            online=True, classroom=self._settings.classroom, outbox=self._sender.waiting, version=_version()
        )
        if state != self._said_state:
            self._said_state = state
            self._link.keep(self._topic, state)

    def _connected(self) -> None:
        self._ask_again.set()
        self._sender.wake()
        self._tell(MusicNews())

    def _hear_programme(self, heard: Heard[Programme]) -> None:
        if heard.message is None:
            self._programmes.pop(heard.tail[-1], None)
        else:
            self._programmes[heard.message.zone] = heard.message
        self._tell(MusicNews())

    def _hear_speaker(self, heard: Heard[SpeakerState]) -> None:
        if heard.message is None:
            self._speakers.pop(heard.tail[-1], None)
        else:
            self._speakers[heard.tail[-1]] = heard.message
        self._tell(MusicNews())

    def _hear_calendar(self, heard: Heard[Calendar]) -> None:
        self._calendar = heard.message
        if heard.message is not None:
            try:
                self._zone = ZoneInfo(heard.message.timezone)
            except (ValueError, OSError):
                _log.warning("the calendar's time zone is not known here")
        self._tell(MusicNews())

    def _hear_program(self, heard: Heard[ProgramState]) -> None:
        if heard.message is not None and heard.message.online:
            self._ask_again.set()

    async def _keep_asking(self) -> None:
        tracks_at_s = float("-inf")
        while True:
            everything = self._ask_again.is_set()
            self._ask_again.clear()
            fine = await self._hear_roster()
            if everything or steady_s() >= tracks_at_s:
                heard = await self._hear_tracks()
                tracks_at_s = steady_s() + (TRACKS_S if heard else 0.0)
                fine = heard and fine
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S if fine else RETRY_S):  # `wait_for` can lose a cancellation
                    await self._ask_again.wait()

    async def _hear_roster(self) -> bool:
        try:
            roster = await self._asker.ask(ROSTER, RosterAsk(classroom=self._settings.classroom), wait_s=WAIT_S)
        except WireError as wrong:
            _log.info("no roster: %s", wrong)
            return False
        if roster != self._roster:
            self._roster = roster
            self._kept_roster.save(roster)
            self._tell(RosterNews())
        return True

    async def _hear_tracks(self) -> bool:
        tracks: list[ApprovedTrack] = []
        page, pages = 0, 1
        try:
            while page < pages:
                answer = await self._asker.ask(TRACKS, TracksAsk(page=page), wait_s=WAIT_S)
                tracks += answer.tracks
                page, pages = page + 1, answer.pages
        except WireError as wrong:
            _log.info("no tracks: %s", wrong)
            return False
        if tuple(tracks) != self._tracks:
            self._tracks = tuple(tracks)
            self._kept_tracks.save(TracksAnswer(page=0, pages=1, tracks=self._tracks))
            self._tell(MusicNews())
        return True
