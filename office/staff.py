"""Members of staff: adding one, and signing in by name and PIN, slowed after wrong ones.

A PIN is kept as an argon2 hash. Checking one takes a good part of a core for a moment, so it is done outside of any
transaction: `expected`, then `matches`, then `note_right` or `note_wrong`.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import re
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import delete
from sqlalchemy.orm import Session

from office.database import Database, audit
from office.errors import StaffError
from office.models import EndedSession, StaffMember
from wire.errors import Refused

FREE_TRIES = 3
LONGEST_WAIT = dt.timedelta(minutes=5)
_HASHER = PasswordHasher()
_NAME = re.compile(r"[a-z0-9-]{1,32}")
_WRONG = "That name and PIN do not belong together."


class StaffRole(StrEnum):
    """What a member of staff may do."""

    TEACHER = "teacher"
    SITE = "site"
    ATTENDANCE = "attendance"
    HEAD = "head"
    ADMIN = "admin"


def add_staff(database: Database, name: str, role: str, pin: str) -> None:
    """Add a member of staff, or give one who is there a new role and PIN; raises StaffError."""
    if not _NAME.fullmatch(name):
        raise StaffError(f"name {name!r}: should be 1 to 32 of a-z, 0-9 and -, such as s-okoro")
    if role not in list(StaffRole):
        raise StaffError(f"role {role!r}: should be one of {', '.join(StaffRole)}")
    check_pin(pin)
    hashed = _HASHER.hash(pin)
    with database.write() as session:
        session.merge(StaffMember(name=name, role=role, pin_hash=hashed, active=True, failures=0, wait_until=None))
        audit(session, at=dt.datetime.now(dt.UTC), who="set-up", what="staff", about=f"{name} {role}")


def expected(session: Session, name: str, now: dt.datetime) -> str:
    """The hash that the PIN must match, also for a name that is nobody's; raises Refused while the name must wait."""
    member = session.get(StaffMember, name)
    if member is None or not member.active:
        return _nobody()
    if member.wait_until is not None and now < member.wait_until:
        wait_s = int((member.wait_until - now).total_seconds()) + 1
        raise Refused("wait", f"Too many wrong PINs. Try again in {wait_s} s.")
    return member.pin_hash


def matches(hashed: str, pin: str) -> bool:
    """Whether a PIN is the one that was hashed; takes a good part of a core for a moment."""
    try:
        _HASHER.verify(hashed, pin)
    except (Argon2Error, InvalidHashError):
        return False
    return hashed != _nobody()


def note_wrong(session: Session, name: str, now: dt.datetime) -> Refused:
    """Count a wrong PIN and let the name wait from the third on, longer each time; what to refuse with."""
    member = session.get(StaffMember, name)
    if member is not None:
        member.failures += 1
        if member.failures >= FREE_TRIES:
            wait = dt.timedelta(seconds=5 * 2 ** min(member.failures - FREE_TRIES, 10))
            member.wait_until = now + min(wait, LONGEST_WAIT)
        audit(session, at=now, who=name, what="wrong PIN", about=f"{member.failures} in a row")
    return Refused("wrong", _WRONG)


def note_right(session: Session, name: str, now: dt.datetime) -> StaffRole:
    """Forget the wrong PINs; the role that the member of staff signs in with."""
    member = session.get_one(StaffMember, name)
    member.failures = 0
    member.wait_until = None
    audit(session, at=now, who=name, what="signed in", about=member.role)
    return StaffRole(member.role)


def role_of(session: Session, name: str) -> StaffRole | None:
    """The role that a member of staff has now; None for one who is not, or no longer, on the staff."""
    member = session.get(StaffMember, name)
    return StaffRole(member.role) if member is not None and member.active else None


def forget_ended_sessions(session: Session, now: dt.datetime) -> None:
    """Delete the notes of signed-out sessions that are over anyway."""
    session.execute(delete(EndedSession).where(EndedSession.until < now))


@functools.cache
def _nobody() -> str:
    """A hash that no PIN matches, so that an unknown name takes as long as a known one."""
    return _HASHER.hash("no member of staff")


def check_pin(pin: str) -> None:
    """Raise StaffError for a PIN that is too short, too long or too easy."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(pin)}
    if not 4 <= len(pin) <= 64:
        raise StaffError(f"PIN: {len(pin)} characters, should be 4 to 64")
    if len(steps) == 1 and steps <= {-1, 0, 1}:
        raise StaffError("PIN: all the same or counting up or down, should be harder to guess")
