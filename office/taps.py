"""Taps: evidence that a pupil touched a kiosk at an instant, one row for each pupil, date and session; never a mark."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from office import attendance
from office.days import day_on, timezone
from office.models import Tap

VALID_FOR = dt.timedelta(days=30)
"""A tap that arrives later than this is not taken: by then its session is settled."""
AHEAD = dt.timedelta(minutes=5)
"""How far a kiosk's clock may be ahead of school time."""


@dataclass(frozen=True)
class TapOutcome:
    """Where a tap fell, and whether the pupil had tapped in that session before."""

    date: dt.date
    session: attendance.Session
    again: bool


def record_tap(
    session: Session,
    *,
    pupil_id: str,
    at: dt.datetime,
    means: Literal["touch", "card"],
    kiosk: str,
    received_at: dt.datetime,
) -> TapOutcome:
    """Write a tap down with its own instant, unless the pupil has one in that session already."""
    zone = timezone(session)
    date = at.astimezone(zone).date()
    day = day_on(session, date)
    falls_in = attendance.session_of(at, day) if day else attendance.session_by_default(at, zone)
    row = Tap(pupil_id=pupil_id, date=date, session=falls_in, at=at, received_at=received_at, means=means, kiosk=kiosk)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return TapOutcome(date, falls_in, again=True)
    return TapOutcome(date, falls_in, again=False)


def pupils_in(session: Session, date: dt.date) -> frozenset[str]:
    """The pupils who tapped in the morning's or the afternoon's session of a date."""
    found = select(Tap.pupil_id).where(Tap.date == date, Tap.session.in_(("am", "pm")))
    return frozenset(session.scalars(found))
