"""The office's tables.

Three records stay apart: a tap is evidence, a mark is the statutory entry (not made here), a ledger entry is points.
Constraints hold what must always be true, so that no screen and no program has to be trusted with it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from office.columns import UtcInstant


class Base(DeclarativeBase):
    """The tables' common root; every constraint has a name, so that a migration can alter it on any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {dt.datetime: UtcInstant, dt.date: Date, dict[str, Any]: JSON}


class Setting(Base):
    """A value of the school's own, such as the salt of its card hashes."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Classroom(Base):
    """A class: its id on the wire and its name as the school writes it."""

    __tablename__ = "classrooms"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class Pupil(Base):
    """A pupil on the roll; `left_on` is set when a newer roll no longer has them."""

    __tablename__ = "pupils"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    upn: Mapped[str] = mapped_column(String(20), unique=True)
    first_name: Mapped[str] = mapped_column(String(100))
    preferred_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100))
    date_of_birth: Mapped[dt.date]
    classroom_id: Mapped[str] = mapped_column(ForeignKey("classrooms.id"), index=True)
    picture: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(40), default="en")
    dj_name_consent: Mapped[bool] = mapped_column(default=False)
    contact_name: Mapped[str] = mapped_column(String(200), default="")
    contact_phone: Mapped[str] = mapped_column(String(60), default="")
    joined_on: Mapped[dt.date]
    left_on: Mapped[dt.date | None]

    classroom: Mapped[Classroom] = relationship(lazy="joined")
    cards: Mapped[list[Card]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    groups: Mapped[list[Membership]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def called(self) -> str:
        """The first name that the pupil is called by."""
        return self.preferred_name or self.first_name


class Card(Base):
    """A pupil's card, as the salted hash of its code; the code itself is kept nowhere."""

    __tablename__ = "cards"
    card_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    pupil_id: Mapped[str] = mapped_column(ForeignKey("pupils.id"), index=True)


class Membership(Base):
    """A pupil in a group (Pupil Premium, say) from a date to a date, both included; null is open."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("pupil_id", "group_name", "from_date"),
        CheckConstraint("to_date IS NULL OR to_date >= from_date", name="dates"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[str] = mapped_column(ForeignKey("pupils.id"))
    group_name: Mapped[str] = mapped_column(String(60))
    from_date: Mapped[dt.date]
    to_date: Mapped[dt.date | None]


class SchoolDay(Base):
    """A day as the calendar last told it, kept because a tap may arrive days after it was made."""

    __tablename__ = "school_days"
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    timezone: Mapped[str] = mapped_column(String(60))
    day: Mapped[dict[str, Any]]


class Tap(Base):
    """A pupil touched a kiosk: one row for a pupil, date and session; evidence, never a mark, and never changed."""

    __tablename__ = "taps"
    __table_args__ = (
        UniqueConstraint("pupil_id", "date", "session"),
        CheckConstraint("session IN ('am', 'pm', 'none')", name="session"),
        CheckConstraint("means IN ('touch', 'card')", name="means"),
        Index("ix_taps_date", "date"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[str] = mapped_column(ForeignKey("pupils.id"))
    date: Mapped[dt.date]
    session: Mapped[str] = mapped_column(String(4))
    at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    means: Mapped[str] = mapped_column(String(8))
    kiosk: Mapped[str] = mapped_column(String(32))


class Reason(Base):
    """One of the school's published reasons for points."""

    __tablename__ = "reasons"
    __table_args__ = (CheckConstraint("points BETWEEN 1 AND 10", name="points"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
    picture: Mapped[str] = mapped_column(String(8))
    points: Mapped[int]
    place: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class Account(Base):
    """A pupil's points: what can be spent, never below zero, and all ever earned."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance"),
        CheckConstraint("earned >= balance", name="earned"),
    )
    pupil_id: Mapped[str] = mapped_column(ForeignKey("pupils.id"), primary_key=True)
    balance: Mapped[int] = mapped_column(default=0)
    earned: Mapped[int] = mapped_column(default=0)


class LedgerEntry(Base):
    """One change of a pupil's points; triggers refuse to change it, or to delete it within twelve months."""

    __tablename__ = "ledger_entries"
    __table_args__ = (CheckConstraint("points <> 0", name="points"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[str] = mapped_column(ForeignKey("pupils.id"), index=True)
    points: Mapped[int]
    reason: Mapped[str] = mapped_column(String(200))
    picture: Mapped[str] = mapped_column(String(8))
    at: Mapped[dt.datetime]
    given_by: Mapped[str] = mapped_column(String(32))


class DjTurn(Base):
    """A pupil is School DJ of a slot on a date; `picks` are track ids in the pupil's order."""

    __tablename__ = "dj_turns"
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(String(32), primary_key=True)
    pupil_id: Mapped[str] = mapped_column(ForeignKey("pupils.id"), index=True)
    term: Mapped[str] = mapped_column(String(100), index=True)
    start_at: Mapped[dt.datetime]
    picks: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[dt.datetime]


class BroughtForward(Base):
    """Staff brought a pupil's turn forward to a slot; it is kept until the pupil has had a turn."""

    __tablename__ = "brought_forward"
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(String(32), primary_key=True)
    pupil_id: Mapped[str] = mapped_column(ForeignKey("pupils.id"), index=True)
    at: Mapped[dt.datetime]
    asked_by: Mapped[str] = mapped_column(String(32))
    done: Mapped[bool] = mapped_column(default=False)


class StaffMember(Base):
    """A member of staff: the PIN only as an argon2 hash, and how often it was wrong in a row."""

    __tablename__ = "staff"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    pin_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    wait_until: Mapped[dt.datetime | None]


class EndedSession(Base):
    """A staff session that was signed out before its end."""

    __tablename__ = "ended_sessions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[dt.datetime]


class Answered(Base):
    """The answer to a request that changed something, so that the same request again has no second effect."""

    __tablename__ = "answered"
    who: Mapped[str] = mapped_column(String(32), primary_key=True)
    request_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    verb: Mapped[str] = mapped_column(String(32))
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(index=True)


class AuditEntry(Base):
    """Who changed what, and when; `about` holds ids and counts, never a name of a child."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(Text)
