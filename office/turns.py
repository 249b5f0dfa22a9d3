"""School DJ turns in the database: given by the rota to pupils who are in, picked by them, told to the school.

A turn is written down, and published, when its pupil is known to be in. Until then the slot waits: to the close of the
morning register, or to ten minutes before the picks close if that is earlier; then it moves on, without a word, to the
next pupil who is in, and the first still has the fewest turns. A turn that staff brought forward waits until the picks
close.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from office.database import audit
from office.days import day_on, local_date, term_of
from office.models import BroughtForward, DjTurn, Pupil
from office.pupils import active_pupil
from office.rota import Claim, claim, moves_on_at, rota
from office.taps import pupils_in
from wire.errors import Refused
from wire.programme import CalendarDay, CalendarSlot, Turn
from wire.requests import TurnOffer


def dj_slots(day: CalendarDay) -> tuple[CalendarSlot, ...]:
    """The day's slots that have a School DJ, in their order."""
    return tuple(sorted((slot for slot in day.slots if slot.dj_slot), key=lambda slot: slot.start_at))


def locks_at(slot: CalendarSlot) -> dt.datetime:
    """When the picks of a slot close."""
    return slot.locks_at or slot.start_at


def give_turns(session: Session, now: dt.datetime) -> None:
    """Give today's open slots to the pupils whose turn it is, as far as they are in; what is given stays given."""
    date = local_date(session, now)
    day = day_on(session, date)
    if day is None:
        return
    slots = dj_slots(day)
    _keep_up_with_moves(session, date, slots)
    _take_back(session, date, {slot.slot for slot in slots}, now)
    given = {turn.slot: turn.pupil_id for turn in _turns_on(session, date)}
    waiting = [slot for slot in slots if slot.slot not in given and now < locks_at(slot)]
    if not waiting:
        return
    present = pupils_in(session, date)
    busy = set(given.values())
    term = term_of(date, day)
    order = _order(session, term)
    forward = _brought_forward(session, date)
    for slot in waiting:
        found = _claim(slot, day, order, forward, present=present, busy=busy, now=now)
        if found is None:
            continue
        busy.add(found.pupil)
        if found.settled:
            session.add(
                DjTurn(
                    date=date,
                    slot=slot.slot,
                    pupil_id=found.pupil,
                    term=term,
                    start_at=slot.start_at,
                    picks=[],
                    at=now,
                )
            )
            session.execute(
                update(BroughtForward)
                .where(BroughtForward.pupil_id == found.pupil, BroughtForward.date <= date)
                .values(done=True)
            )


def offers(session: Session, pupil_id: str, now: dt.datetime) -> tuple[TurnOffer, ...]:
    """Today's turns of a pupil who is in."""
    date = local_date(session, now)
    day = day_on(session, date)
    if day is None or pupil_id not in pupils_in(session, date):
        return ()
    slots = {slot.slot: slot for slot in dj_slots(day)}
    mine = [turn for turn in _turns_on(session, date) if turn.pupil_id == pupil_id and turn.slot in slots]
    made = [_offer(turn, slots[turn.slot], now) for turn in mine]
    return tuple(sorted(made, key=lambda offer: offer.start_at))


def pick(
    session: Session, pupil_id: str, *, date: dt.date, slot: str, picks: Sequence[str], now: dt.datetime
) -> TurnOffer:
    """Replace the picks of a pupil's turn; raises Refused with a kind sentence when it is not theirs, or closed."""
    today = local_date(session, now)
    if pupil_id not in pupils_in(session, today):
        raise Refused("not-in", "Check in first, then choose your music.")
    day = day_on(session, today)
    place = next((one for one in dj_slots(day) if one.slot == slot), None) if day else None
    turn = session.get(DjTurn, (date, slot)) if date == today else None
    if place is None or turn is None or turn.pupil_id != pupil_id:
        raise Refused("not-your-turn", "This one is not your turn. Yours will come.")
    if now >= locks_at(place):
        raise Refused("locked", "The music for this one is on its way already.")
    turn.picks = list(dict.fromkeys(picks))
    turn.at = now
    return _offer(turn, place, now)


def turns_to_publish(session: Session, now: dt.datetime) -> tuple[Turn, ...]:
    """Today's turns as the school may know them: the first name only with the family's consent."""
    rows = session.execute(
        select(DjTurn, Pupil)
        .join(Pupil, DjTurn.pupil_id == Pupil.id)
        .where(DjTurn.date == local_date(session, now))
        .order_by(DjTurn.slot)
    )
    return tuple(
        Turn(
            date=turn.date,
            slot=turn.slot,
            pupil=pupil.id,
            dj=pupil.called if pupil.dj_name_consent else None,
            picture=pupil.picture,
            picks=tuple(turn.picks),
            at=turn.at,
        )
        for turn, pupil in rows
    )


def bring_forward(session: Session, pupil_id: str, *, date: dt.date, slot: str, by: str, now: dt.datetime) -> None:
    """Keep a slot for a pupil, with no reason asked; raises Refused for one not on the roll or a slot that is given."""
    if active_pupil(session, pupil_id) is None:
        raise Refused("unknown", f"{pupil_id}: not a pupil on the roll")
    given = session.get(DjTurn, (date, slot))
    if given is not None and given.pupil_id != pupil_id:
        raise Refused("taken", f"{date} {slot}: given to another pupil already")
    if given is None:
        session.merge(BroughtForward(date=date, slot=slot, pupil_id=pupil_id, at=now, asked_by=by, done=False))
        audit(session, at=now, who=by, what="turn brought forward", about=f"{pupil_id} {date} {slot}")
        session.flush()
        give_turns(session, now)


def _turns_on(session: Session, date: dt.date) -> Sequence[DjTurn]:
    session.flush()
    return session.scalars(select(DjTurn).where(DjTurn.date == date)).all()


def _keep_up_with_moves(session: Session, date: dt.date, slots: Sequence[CalendarSlot]) -> None:
    """Note the new start of a slot that was moved: a turn counts as had only once its slot has begun."""
    starts = {slot.slot: slot.start_at for slot in slots}
    for turn in _turns_on(session, date):
        turn.start_at = starts.get(turn.slot, turn.start_at)
    session.flush()


def _take_back(session: Session, date: dt.date, slots: set[str], now: dt.datetime) -> None:
    """Take back turns that cannot be: of slots that were cancelled, or pupils who left, before they began."""
    gone = select(Pupil.id).where(Pupil.left_on.is_not(None))
    session.execute(
        delete(DjTurn).where(
            DjTurn.date == date, DjTurn.start_at > now, DjTurn.slot.not_in(slots) | DjTurn.pupil_id.in_(gone)
        )
    )


def _order(session: Session, term: str) -> tuple[str, ...]:
    pupils = session.scalars(select(Pupil.id).where(Pupil.left_on.is_(None))).all()
    taken = session.scalars(
        select(DjTurn.pupil_id).where(DjTurn.term == term).order_by(DjTurn.date, DjTurn.start_at, DjTurn.slot)
    ).all()
    return rota(pupils, taken, seed=term)


def _brought_forward(session: Session, date: dt.date) -> Sequence[BroughtForward]:
    wanted = (
        select(BroughtForward)
        .join(Pupil, BroughtForward.pupil_id == Pupil.id)
        .where(BroughtForward.done.is_(False), BroughtForward.date <= date, Pupil.left_on.is_(None))
        .order_by(BroughtForward.date, BroughtForward.at)
    )
    return session.scalars(wanted).all()


def _claim(
    slot: CalendarSlot,
    day: CalendarDay,
    order: tuple[str, ...],
    forward: Sequence[BroughtForward],
    *,
    present: frozenset[str],
    busy: set[str],
    now: dt.datetime,
) -> Claim | None:
    here = next((one.pupil_id for one in forward if one.date == day.date and one.slot == slot.slot), None)
    still_open = {one.slot for one in dj_slots(day) if now < locks_at(one) and one.slot != slot.slot}
    others = {one.pupil_id for one in forward if one.date == day.date and one.slot in still_open}
    kept = [one.pupil_id for one in forward if one.date < day.date or one.slot not in still_open]
    first = ([here] if here else []) + kept
    whole = list(dict.fromkeys([*first, *order]))
    return claim(
        whole,
        present=present,
        busy=busy | (others - {here}),
        waits=now < moves_on_at(day.am.close if day.am else None, locks_at(slot)),
        holds_for=here,
    )


def _offer(turn: DjTurn, slot: CalendarSlot, now: dt.datetime) -> TurnOffer:
    return TurnOffer(
        date=turn.date,
        slot=turn.slot,
        start_at=slot.start_at,
        end_at=slot.end_at,
        locks_at=locks_at(slot),
        zones=slot.zones,
        picks=tuple(turn.picks),
        state="open" if now < locks_at(slot) else "locked",
    )
