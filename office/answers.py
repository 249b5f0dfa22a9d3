"""What the office answers: each method is one verb of the wire, judged and done in one transaction.

Called on the database's thread; `now` is school time. A kiosk may ask only for pupils of its own classes.
"""

from __future__ import annotations

import datetime as dt
import hmac
from typing import Any

from sqlalchemy.orm import Session

from office import ledger, staff, tokens
from office.answered import earlier_answer, keep_answer
from office.database import Database, audit
from office.errors import LedgerError
from office.models import EndedSession, Pupil
from office.opening import Openings
from office.pupils import active_pupil, roster
from office.staff import StaffRole
from office.taps import AHEAD, VALID_FOR, record_tap
from office.turns import give_turns, offers, pick
from wire.asking import Request
from wire.enrolment import Enrolment
from wire.errors import Refused
from wire.requests import (
    AWARD,
    PICK,
    TAP,
    AwardAnswer,
    AwardAsk,
    Nothing,
    OpenAnswer,
    OpenAsk,
    PickAsk,
    PointsAnswer,
    PointsEntry,
    RosterAnswer,
    RosterAsk,
    SignInAnswer,
    SignInAsk,
    TapAnswer,
    TapAsk,
    TurnAnswer,
    TurnOffer,
)

AWARDING = frozenset({StaffRole.TEACHER, StaffRole.ATTENDANCE, StaffRole.HEAD, StaffRole.ADMIN})


class Answers:
    """The office's answers over one database."""

    def __init__(self, database: Database, enrolment: Enrolment, key: str) -> None:
        self.enrolment = enrolment
        self._database = database
        self._key = key
        self._openings = Openings()

    def roster(self, request: Request[RosterAsk], _now: dt.datetime) -> RosterAnswer:
        """One of the kiosk's classes."""
        self._check_class(request.who, request.body.classroom)
        with self._database.read() as session:
            found = roster(session, request.body.classroom)
        if found is None:
            raise Refused("unknown", f"{request.body.classroom}: not a class of this school's roll")
        return found

    def tap(self, request: Request[TapAsk], now: dt.datetime) -> TapAnswer:
        """A pupil touched the kiosk: written down once, with the pupil's own instant."""
        ask = request.body
        with self._database.write() as session:
            if (earlier := earlier_answer(session, TAP, request)) is not None:
                return earlier
            self._own_pupil(session, request.who, ask.pupil)
            if ask.at > now + AHEAD:
                raise Refused("clock", f"a tap of {ask.at}, but it is {now}: the kiosk's clock is ahead")
            if ask.at < now - VALID_FOR:
                raise Refused("expired", f"a tap of {ask.at} arrived too late")
            outcome = record_tap(
                session, pupil_id=ask.pupil, at=ask.at, means=ask.by, kiosk=request.who, received_at=now
            )
            give_turns(session, now)
            turns = offers(session, ask.pupil, now)
            answer = TapAnswer(
                pupil=ask.pupil,
                session=outcome.session,
                again=outcome.again,
                dj_slot=next((turn.slot for turn in turns if turn.state == "open"), None),
            )
            return keep_answer(session, TAP, request, answer, now)

    def open(self, request: Request[OpenAsk], now: dt.datetime) -> OpenAnswer:
        """Open a pupil's own things at the kiosk, by a card that is the pupil's."""
        with self._database.read() as session:
            pupil = self._own_pupil(session, request.who, request.body.pupil)
            if not any(hmac.compare_digest(card.card_hash, request.body.card) for card in pupil.cards):
                raise Refused("card", "That is not your card. Try again.")
        opening = self._openings.open(request.who, request.client, request.body.pupil, now)
        return OpenAnswer(session=opening.token, until=opening.until, pupil=opening.pupil_id)

    def points(self, request: Request[Nothing], now: dt.datetime) -> PointsAnswer:
        """The balance and the newest entries of the pupil whose things are open."""
        pupil_id = self._openings.pupil_at(request.who, request.session, now)
        with self._database.read() as session:
            has = ledger.balance_of(session, pupil_id)
            entries = ledger.newest_entries(session, pupil_id)
            return PointsAnswer(
                balance=has.balance,
                earned=has.earned,
                entries=tuple(
                    PointsEntry(points=entry.points, reason=entry.reason, picture=entry.picture, at=entry.at)
                    for entry in entries
                ),
            )

    def turn(self, request: Request[Nothing], now: dt.datetime) -> TurnAnswer:
        """Today's turns of the pupil whose things are open."""
        pupil_id = self._openings.pupil_at(request.who, request.session, now)
        with self._database.write() as session:
            give_turns(session, now)
            return TurnAnswer(offers=offers(session, pupil_id, now))

    def pick(self, request: Request[PickAsk], now: dt.datetime) -> TurnOffer:
        """Replace the picks of a turn; the earlier answer is given even when the pupil's things have closed since."""
        ask = request.body
        with self._database.write() as session:
            if (earlier := earlier_answer(session, PICK, request)) is not None:
                return earlier
            pupil_id = self._openings.pupil_at(request.who, request.session, now)
            offer = pick(session, pupil_id, date=ask.date, slot=ask.slot, picks=ask.picks, now=now)
            audit(session, at=now, who=request.who, what="pick", about=f"{pupil_id} {ask.date} {ask.slot}")
            return keep_answer(session, PICK, request, offer, now)

    def expected_pin(self, request: Request[SignInAsk], now: dt.datetime) -> str:
        """The first part of signing in: the hash that the PIN must match."""
        with self._database.read() as session:
            return staff.expected(session, request.body.name, now)

    def sign_in(self, request: Request[SignInAsk], now: dt.datetime, *, right: bool) -> SignInAnswer:
        """The last part of signing in, when the PIN was checked: a token, or a refusal that counts."""
        name = request.body.name
        with self._database.write() as session:
            refusal = None if right else staff.note_wrong(session, name, now)
            role = staff.note_right(session, name, now) if right else None
        if refusal is not None or role is None:
            raise refusal or Refused("wrong")
        token, signed = tokens.sign(self._key, name=name, role=role, who=request.who, now=now)
        return SignInAnswer(session=token, name=name, role=role, until=signed.until)

    def sign_out(self, request: Request[Nothing], now: dt.datetime) -> Nothing:
        """End a staff session before its time; one that is over already stays so."""
        signed = tokens.read(self._key, request.session or "", now)
        if signed is not None:
            with self._database.write() as session:
                session.merge(EndedSession(id=signed.id, until=signed.until))
        return Nothing()

    def award(self, request: Request[AwardAsk], now: dt.datetime) -> AwardAnswer:
        """Points for pupils, for one published reason; all of them or none."""
        ask = request.body
        with self._database.write() as session:
            if (earlier := earlier_answer(session, AWARD, request)) is not None:
                return earlier
            signed = self._signed_in(session, request, now)
            if signed.role not in AWARDING:
                raise Refused("role", f"{signed.role}: may not give points")
            pupils = tuple(dict.fromkeys(ask.pupils))
            for pupil_id in pupils:
                if active_pupil(session, pupil_id) is None:
                    raise Refused("unknown", f"{pupil_id}: not a pupil on the roll")
            try:
                reason = ledger.award(session, pupils, ask.reason, at=now, by=signed.name)
            except LedgerError as wrong:
                raise Refused("reason", str(wrong)) from None
            audit(session, at=now, who=signed.name, what="award", about=f"{reason.id} {' '.join(pupils)}")
            answer = AwardAnswer(pupils=pupils, points=reason.points, reason=reason.text)
            return keep_answer(session, AWARD, request, answer, now)

    def _signed_in(self, session: Session, request: Request[Any], now: dt.datetime) -> tokens.StaffSession:
        signed = tokens.read(self._key, request.session or "", now)
        if signed is None or signed.who != request.who or session.get(EndedSession, signed.id) is not None:
            raise Refused("closed", "Sign in again, please.")
        if staff.role_of(session, signed.name) != signed.role:  # left, or another role since
            raise Refused("closed", "Sign in again, please.")
        return signed

    def _check_class(self, who: str, classroom_id: str) -> None:
        kiosk = self.enrolment.get(who)
        if kiosk is None or classroom_id not in kiosk.classrooms:
            raise Refused("not-yours", f"{who}: not enrolled for this class")

    def _own_pupil(self, session: Session, who: str, pupil_id: str) -> Pupil:
        pupil = active_pupil(session, pupil_id)
        if pupil is None:
            raise Refused("unknown", f"{pupil_id}: not a pupil on the roll")
        self._check_class(who, pupil.classroom_id)
        return pupil
