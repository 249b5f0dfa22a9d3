"""The Dojo ledger: what is earned stays, what is spent was there."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from office.database import Database
from office.errors import LedgerError, Overdrawn
from office.ledger import FIRST_REASONS, balance_of, enter, newest_entries
from office.models import LedgerEntry
from tests.office.schools import at, pupil_ids


def give(database: Database, pupil: str, points: int, clock: str = "10:00") -> None:
    with database.write() as session:
        enter(session, pupil, points, reason="Being kind", picture="💛", at=at(clock), by="s-okoro")


def test_a_pupil_without_entries_has_nothing(school: Database) -> None:
    with school.read() as session:
        assert balance_of(session, pupil_ids(school)["Wren"]).balance == 0


def test_spending_lowers_the_balance_and_never_what_was_earned(school: Database) -> None:
    wren = pupil_ids(school)["Wren"]
    give(school, wren, 3, "10:00")
    give(school, wren, 2, "11:00")
    give(school, wren, -4, "12:00")
    with school.read() as session:
        has = balance_of(session, wren)
        assert (has.balance, has.earned) == (1, 5)
        assert [entry.points for entry in newest_entries(session, wren)] == [-4, 2, 3]
        assert newest_entries(session, wren, limit=1)[0].at == at("12:00")


def test_more_than_the_balance_is_refused_and_enters_nothing(school: Database) -> None:
    wren = pupil_ids(school)["Wren"]
    give(school, wren, 3)
    with pytest.raises(Overdrawn, match="4 points"):
        give(school, wren, -4)
    with school.read() as session:
        assert balance_of(session, wren).balance == 3
        assert session.scalar(select(func.count(LedgerEntry.id))) == 1


def test_an_entry_of_nothing_is_refused(school: Database) -> None:
    with pytest.raises(LedgerError, match="0 points"):
        give(school, pupil_ids(school)["Wren"], 0)


def test_the_database_itself_refuses_a_balance_below_zero(school: Database) -> None:
    wren = pupil_ids(school)["Wren"]
    give(school, wren, 3)
    with pytest.raises(IntegrityError), school.write() as session:
        session.execute(text("update accounts set balance = -1"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(st.integers(-5, 5).filter(bool), max_size=12))
def test_the_balance_is_always_the_sum_of_the_entries(school: Database, entries: list[int]) -> None:
    wren = pupil_ids(school)["Wren"]
    for points in entries:
        try:
            give(school, wren, points)
        except Overdrawn:
            continue
    with school.read() as session:
        has = balance_of(session, wren)
        total = session.scalar(select(func.coalesce(func.sum(LedgerEntry.points), 0)))
        earned = session.scalar(select(func.coalesce(func.sum(LedgerEntry.points), 0)).where(LedgerEntry.points > 0))
        assert (has.balance, has.earned) == (total, earned)
        assert has.balance >= 0


def test_the_first_reasons_are_kind_and_none_is_attendance() -> None:
    assert len(FIRST_REASONS) == 8
    for reason_id, words, picture, points in FIRST_REASONS:
        assert 1 <= points <= 3
        assert len(picture) == 1
        assert unicodedata.east_asian_width(picture) == "W"
        assert not any(
            word in f"{reason_id} {words}".lower() for word in ("attend", "late", "absent", "time", "every day")
        )
