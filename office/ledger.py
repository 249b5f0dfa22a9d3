"""The Dojo ledger: points given and spent, append only, each with a reason that a child can read.

The balance stands beside the entries and changes in the same transaction; the database refuses one below zero.
None of the reasons is attendance: that would punish illness.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from office.errors import LedgerError, Overdrawn
from office.models import Account, LedgerEntry, Reason

NEWEST = 20
"""How many entries a pupil is shown."""

FIRST_REASONS: tuple[tuple[str, str, str, int], ...] = (
    ("kindness", "Being kind", "💛", 2),
    ("helping", "Helping somebody", "🤝", 2),
    ("welcome", "Making somebody feel welcome", "🌻", 3),
    ("courage", "Having a go at something hard", "🦁", 2),
    ("never-gave-up", "Not giving up", "🐢", 2),
    ("teamwork", "Working well together", "🐝", 1),
    ("curious", "Asking a good question", "🔭", 1),
    ("taking-care", "Taking care of our school", "🌱", 1),
)
"""The reasons a new school starts with: id, text, picture, points."""


@dataclass(frozen=True)
class Balance:
    """What a pupil can spend, and all ever earned."""

    balance: int
    earned: int


@dataclass(frozen=True)
class AwardReason:
    """One of the published reasons."""

    id: str
    text: str
    picture: str
    points: int


def seed_reasons(session: Session) -> None:
    """Give a new school its first reasons; a school that has any keeps its own."""
    if session.scalar(select(Reason.id).limit(1)) is not None:
        return
    for place, (reason_id, text, picture, points) in enumerate(FIRST_REASONS):
        session.add(Reason(id=reason_id, text=text, picture=picture, points=points, place=place))


def published_reasons(session: Session) -> tuple[AwardReason, ...]:
    """The reasons that points can be given for, in the school's order."""
    found = session.scalars(select(Reason).where(Reason.active).order_by(Reason.place, Reason.id))
    return tuple(AwardReason(reason.id, reason.text, reason.picture, reason.points) for reason in found)


def enter(session: Session, pupil_id: str, points: int, *, reason: str, picture: str, at: dt.datetime, by: str) -> None:
    """Append one entry and move the balance with it; raises Overdrawn, and LedgerError for an entry of 0 points."""
    if points == 0:
        raise LedgerError(f"pupil {pupil_id}: an entry of 0 points, should be more or less than 0")
    if session.get(Account, pupil_id) is None:
        session.add(Account(pupil_id=pupil_id, balance=0, earned=0))
        session.flush()
    try:
        with session.begin_nested():
            session.execute(
                update(Account)
                .where(Account.pupil_id == pupil_id)
                .values(balance=Account.balance + points, earned=Account.earned + max(points, 0))
            )
    except IntegrityError:
        raise Overdrawn(f"pupil {pupil_id}: {-points} points, more than the balance holds") from None
    session.add(LedgerEntry(pupil_id=pupil_id, points=points, reason=reason, picture=picture, at=at, given_by=by))


def award(session: Session, pupil_ids: Sequence[str], reason_id: str, *, at: dt.datetime, by: str) -> AwardReason:
    """Give each pupil the points of a published reason; raises LedgerError for any other."""
    reason = session.get(Reason, reason_id)
    if reason is None or not reason.active:
        raise LedgerError(f"{reason_id}: not one of the school's reasons")
    for pupil_id in pupil_ids:
        enter(session, pupil_id, reason.points, reason=reason.text, picture=reason.picture, at=at, by=by)
    return AwardReason(reason.id, reason.text, reason.picture, reason.points)


def balance_of(session: Session, pupil_id: str) -> Balance:
    """What the pupil has; nothing yet is 0."""
    account = session.get(Account, pupil_id, populate_existing=True)
    return Balance(account.balance, account.earned) if account else Balance(0, 0)


def newest_entries(session: Session, pupil_id: str, limit: int = NEWEST) -> tuple[LedgerEntry, ...]:
    """The pupil's entries, the newest first."""
    found = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.pupil_id == pupil_id)
        .order_by(LedgerEntry.at.desc(), LedgerEntry.id.desc())
        .limit(limit)
    )
    return tuple(found)
