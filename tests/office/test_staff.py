"""Members of staff: PINs, signing in, and how wrong ones are slowed."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from office import staff
from office.database import Database
from office.errors import StaffError
from office.models import AuditEntry, StaffMember
from office.staff import LONGEST_WAIT, StaffRole, add_staff
from tests.office.schools import at
from wire.errors import Refused

PIN = "830164"


def attempt(database: Database, name: str, pin: str, now: dt.datetime) -> str:
    """What comes of a name and PIN: the role, or why it is refused."""
    try:
        with database.read() as session:
            hashed = staff.expected(session, name, now)
    except Refused as refused:
        return refused.reason
    right = staff.matches(hashed, pin)
    with database.write() as session:
        return staff.note_right(session, name, now) if right else staff.note_wrong(session, name, now).reason


def test_the_right_pin_gives_the_role_and_only_its_hash_is_kept(database: Database) -> None:
    add_staff(database, "s-okoro", "teacher", PIN)
    assert attempt(database, "s-okoro", PIN, at("08:00")) == StaffRole.TEACHER
    with database.read() as session:
        member = session.get_one(StaffMember, "s-okoro")
        assert member.pin_hash.startswith("$argon2id$")
        assert PIN not in " ".join(entry.about for entry in session.scalars(select(AuditEntry)))


def test_wrong_pins_make_a_name_wait_longer_each_time(database: Database) -> None:
    add_staff(database, "s-okoro", "teacher", PIN)
    now = at("08:00")
    assert [attempt(database, "s-okoro", "0000", now) for _ in range(4)] == ["wrong", "wrong", "wrong", "wait"]
    assert attempt(database, "s-okoro", PIN, now + dt.timedelta(seconds=4.9)) == "wait"
    now += dt.timedelta(seconds=5)
    assert attempt(database, "s-okoro", "0000", now) == "wrong"
    assert attempt(database, "s-okoro", PIN, now + dt.timedelta(seconds=9.9)) == "wait"
    now += dt.timedelta(seconds=10)
    assert attempt(database, "s-okoro", PIN, now) == "teacher"
    assert attempt(database, "s-okoro", "0000", now) == "wrong"
    assert attempt(database, "s-okoro", PIN, now) == "teacher"


def test_the_wait_has_an_end(database: Database) -> None:
    add_staff(database, "s-okoro", "teacher", PIN)
    with database.write() as session:
        for _ in range(40):
            staff.note_wrong(session, "s-okoro", at("08:00"))
    assert attempt(database, "s-okoro", PIN, at("08:00") + LONGEST_WAIT) == "teacher"


def test_a_name_that_is_nobodys_is_refused_like_a_wrong_pin(database: Database) -> None:
    assert attempt(database, "nobody", "no member of staff", at("08:00")) == "wrong"
    add_staff(database, "gone", "teacher", PIN)
    with database.write() as session:
        session.get_one(StaffMember, "gone").active = False
    assert attempt(database, "gone", PIN, at("08:00")) == "wrong"


def test_adding_a_member_again_gives_a_new_role_and_pin(database: Database) -> None:
    add_staff(database, "s-okoro", "teacher", PIN)
    add_staff(database, "s-okoro", "head", "long enough words")
    assert attempt(database, "s-okoro", PIN, at("08:00")) == "wrong"
    assert attempt(database, "s-okoro", "long enough words", at("08:00")) == "head"


@pytest.mark.parametrize(
    ("name", "role", "pin", "wrong"),
    [
        ("S. Okoro", "teacher", PIN, "a-z"),
        ("s-okoro", "wizard", PIN, "should be one of teacher, site, attendance, head, admin"),
        ("s-okoro", "teacher", "123", "4 to 64"),
        ("s-okoro", "teacher", "7777", "harder to guess"),
        ("s-okoro", "teacher", "3456", "harder to guess"),
        ("s-okoro", "teacher", "98765", "harder to guess"),
    ],
)
def test_a_bad_name_role_or_pin_says_what_would_be_right(
    database: Database, name: str, role: str, pin: str, wrong: str
) -> None:
    with pytest.raises(StaffError, match=wrong) as refused:
        add_staff(database, name, role, pin)
    assert pin not in str(refused.value)
