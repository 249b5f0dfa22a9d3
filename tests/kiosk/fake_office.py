"""A small office and a small scheduler in one, which answer over the wire as the real ones do."""

from __future__ import annotations

import datetime as dt

from tests.brokers import ENROLMENT
from tests.kiosk.fake_school import FakeSchool, tracks
from wire.asking import Answerer, Request
from wire.clock import KeptClock
from wire.errors import Refused
from wire.link import Link
from wire.requests import (
    CLOCK,
    OPEN,
    PICK,
    POINTS,
    ROSTER,
    TAP,
    TRACKS,
    TURN,
    ClockAnswer,
    ClockAsk,
    Nothing,
    OpenAnswer,
    OpenAsk,
    PickAsk,
    PointsAnswer,
    RosterAnswer,
    RosterAsk,
    Service,
    TapAnswer,
    TapAsk,
    TracksAnswer,
    TracksAsk,
    TurnAnswer,
    TurnOffer,
)

PAGE = 5


class FakeOffice:
    """Answers as the office: pupil p1 is School DJ at break. A list of taps and of picks tells what it heard."""

    def __init__(self, link: Link) -> None:
        self.school = FakeSchool()
        self.taps: list[tuple[str, TapAsk]] = []
        self.picks: list[tuple[str, ...]] = []
        self.refuse_taps: str | None = None
        self.refused = 0
        self.closed = False
        self._clock = KeptClock()
        answerer = Answerer(link, Service.OFFICE, ENROLMENT.role_of, self._clock.unix_s)
        answerer.on(ROSTER, self._roster)
        answerer.on(TAP, self._tap)
        answerer.on(OPEN, self._open)
        answerer.on(POINTS, self._points)
        answerer.on(TURN, self._turn)
        answerer.on(PICK, self._pick)

    def _roster(self, request: Request[RosterAsk]) -> RosterAnswer:
        roster = self.school.roster
        if roster is None or request.body.classroom != roster.classroom:
            raise Refused("unknown", "not a class")
        return roster

    def _tap(self, request: Request[TapAsk]) -> TapAnswer:
        if self.refuse_taps:
            self.refused += 1
            raise Refused(self.refuse_taps)
        again = any(tap.pupil == request.body.pupil for _, tap in self.taps)
        self.taps.append((request.id, request.body))
        slot = self.school.djs.get(request.body.pupil)
        return TapAnswer(pupil=request.body.pupil, session="am", again=again, dj_slot=slot)

    def _open(self, request: Request[OpenAsk]) -> OpenAnswer:
        pupils = {one.id: one for one in self.school.roster.pupils} if self.school.roster else {}
        pupil = pupils.get(request.body.pupil)
        if pupil is None or request.body.card not in pupil.card_hashes:
            raise Refused("card")
        until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
        return OpenAnswer(session=f"open-{pupil.id}", until=until, pupil=pupil.id)

    def _pupil(self, session: str | None) -> str:
        if session is None or self.closed:
            raise Refused("closed")
        return session.removeprefix("open-")

    def _points(self, request: Request[Nothing]) -> PointsAnswer:
        self._pupil(request.session)
        return self.school.points

    def _turn(self, request: Request[Nothing]) -> TurnAnswer:
        return TurnAnswer(offers=self.school.offers.get(self._pupil(request.session), ()))

    def _pick(self, request: Request[PickAsk]) -> TurnOffer:
        (offer,) = self.school.offers[self._pupil(request.session)]
        self.picks.append(request.body.picks)
        changed = offer.model_copy(update={"picks": request.body.picks})
        self.school.offers = {**self.school.offers, "p1": (changed,)}
        return changed


class FakeScheduler:
    """Answers as the scheduler: school time, and the approved tracks in small pages."""

    def __init__(self, link: Link, clock: KeptClock | None = None) -> None:
        self.tracks = tracks()
        self._clock = clock or KeptClock()
        answerer = Answerer(link, Service.SCHEDULER, ENROLMENT.role_of, self._clock.unix_s)
        answerer.on(CLOCK, self._tell_time, repeatable=True)
        answerer.on(TRACKS, self._page, repeatable=True)

    def _tell_time(self, request: Request[ClockAsk]) -> ClockAnswer:
        now = self._clock.unix_s()
        return ClockAnswer(sent=request.body.sent, received=now, answered=now)

    def _page(self, request: Request[TracksAsk]) -> TracksAnswer:
        page = request.body.page
        pages = max(1, -(-len(self.tracks) // PAGE))
        return TracksAnswer(page=page, pages=pages, tracks=self.tracks[page * PAGE : (page + 1) * PAGE])
