"""Opening the database: its settings, its migrations, and what its constraints refuse."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from office.database import Database, card_salt
from office.errors import DatabaseError
from office.ledger import FIRST_REASONS, balance_of, enter, published_reasons
from office.models import Base, LedgerEntry, Pupil, Reason, Tap
from office.taps import record_tap
from tests.office.schools import MONDAY, at, pupil_ids


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": Base.metadata})
        assert compare_metadata(context, Base.metadata) == []


def test_sqlite_loses_nothing_that_was_answered_and_checks_what_points_where(database: Database) -> None:
    with database.read() as session:
        connection = session.connection()
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    first = Database.open(tmp_path)
    with first.write() as session:
        salt = card_salt(session)
        session.execute(delete(Reason).where(Reason.id != "kindness"))
    first.close()
    again = Database.open(tmp_path)
    with again.read() as session:
        assert card_salt(session) == salt
        assert [reason.id for reason in published_reasons(session)] == ["kindness"]
    again.close()


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    Database.open(tmp_path / "new" / "state").close()
    assert (tmp_path / "new" / "state" / "office.sqlite").stat().st_mode & 0o077 == 0


def test_two_programs_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    opened: list[Database] = []
    threads = [threading.Thread(target=lambda: opened.append(Database.open(tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20.0)
    assert len(opened) == 4
    with opened[0].read() as session:
        assert session.scalar(select(func.count(Reason.id))) == len(FIRST_REASONS)
    for database in opened:
        database.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "office.sqlite").write_text("this is a shopping list, " * 100, encoding="utf-8")
    with pytest.raises(DatabaseError, match=r"office\.sqlite.*should be a database of this program"):
        Database.open(tmp_path)


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Database.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "office.sqlite") as direct:
        direct.execute("update alembic_version set version_num = '9999'")
    direct.close()
    with pytest.raises(DatabaseError, match="newer version"):
        Database.open(tmp_path)


@pytest.mark.parametrize("url", ["nonsense", "oracle-of-delphi://x", "postgresql+psycopg://nobody@127.0.0.1:1/x"])
def test_a_wrong_database_url_says_what_would_be_right(tmp_path: Path, url: str) -> None:
    with pytest.raises(DatabaseError, match=r"postgresql|driver"):
        Database.open(tmp_path, url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    with pytest.raises(DatabaseError, match="state"):
        Database.open(tmp_path / "state")


def test_a_session_takes_one_row_and_only_the_three_that_there_are(school: Database) -> None:
    pupil = pupil_ids(school)["Wren"]

    def tap(session: str, by: str = "touch") -> Tap:
        return Tap(
            pupil_id=pupil,
            date=MONDAY,
            session=session,
            at=at("08:40"),
            received_at=at("08:40"),
            means=by,
            kiosk="kiosk-oak",
        )

    with school.write() as session:
        session.add(tap("am"))
    for wrong in (tap("am"), tap("night"), tap("pm", by="telepathy")):
        with pytest.raises(IntegrityError), school.write() as session:
            session.add(wrong)


def test_a_tap_is_never_changed(school: Database) -> None:
    with school.write() as session:
        record_tap(
            session,
            pupil_id=pupil_ids(school)["Wren"],
            at=at("08:40"),
            means="touch",
            kiosk="kiosk-oak",
            received_at=at("08:40"),
        )
    with pytest.raises(IntegrityError, match="never changed"), school.write() as session:
        session.execute(update(Tap).values(session="pm"))


def test_the_tables_can_be_made_on_postgresql_too() -> None:
    dialect = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its constructor untyped
    made = [str(CreateTable(table).compile(dialect=dialect)) for table in Base.metadata.sorted_tables]
    assert sum("TIMESTAMP WITH TIME ZONE" in statement for statement in made) >= 5


def test_the_ledger_can_only_grow(school: Database) -> None:
    pupil = pupil_ids(school)["Wren"]
    with school.write() as session:
        enter(session, pupil, 3, reason="Being kind", picture="💛", at=at("10:00"), by="s-okoro")
    with pytest.raises(IntegrityError, match="append only"), school.write() as session:
        session.execute(update(LedgerEntry).values(points=300))
    now_ish = {"now": "2999-01-01 00:00:00.000000"}
    with school.engine.begin() as connection:
        connection.execute(
            text(
                "insert into ledger_entries (pupil_id, points, reason, picture, at, given_by) "
                "values (:pupil, 1, 'x', 'x', :now, 'x')"
            ),
            {"pupil": pupil, **now_ish},
        )
    with pytest.raises(IntegrityError, match="append only"), school.write() as session:
        session.execute(delete(LedgerEntry))


def test_the_detail_of_points_may_be_deleted_after_twelve_months(school: Database) -> None:
    wren = pupil_ids(school)["Wren"]
    with school.write() as session:
        for year in (2020, 2999):
            enter(session, wren, 3, reason="Being kind", picture="💛", at=at("10:00").replace(year=year), by="s-okoro")
    with school.write() as session:
        session.execute(delete(LedgerEntry).where(LedgerEntry.at < at("00:00").replace(year=2021)))
    with school.read() as session:
        assert session.scalar(select(func.count(LedgerEntry.id))) == 1
        assert balance_of(session, wren).balance == 6


def test_no_error_message_holds_what_a_statement_held(school: Database) -> None:
    with pytest.raises(IntegrityError) as wrong, school.write() as session:
        session.add(
            Pupil(
                id="p-newnewne",
                upn="X100000000001",
                first_name="Thistledown",
                last_name="Marrowby",
                date_of_birth=MONDAY,
                classroom_id="oak",
                picture="🐢",
                joined_on=MONDAY,
            )
        )
    assert "pupils.upn" in str(wrong.value)
    assert "Thistledown" not in str(wrong.value)
