"""The database: opening it, bringing it up to date, and transactions for reading and for writing.

SQLite is set up to lose nothing that was answered (WAL, `synchronous=FULL`) and to queue writers instead of failing
them (`BEGIN IMMEDIATE`); the driver's own transaction handling is off, as SQLAlchemy's page on SQLite advises. What a
statement held is in no error message, because it may be a child's name, and errors are logged.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from office.errors import DatabaseError
from office.ledger import seed_reasons
from office.models import AuditEntry, Setting

BUSY_S = 15.0
"""How long a writer waits for another program's transaction (a roll import, say)."""

SALT = "card-salt"
FILE_NAME = "office.sqlite"


class Database:
    """The office's database; `read` and `write` give a session in one transaction."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(sqlite_begin="IMMEDIATE")

    @classmethod
    def open(cls, state: Path, url: str | None = None) -> Database:
        """The database in the state folder, or at a URL, made or brought up to date; raises DatabaseError."""
        where = _parsed(url) if url else _file_url(state)
        try:
            database = cls(where)
        except (ImportError, NoSuchModuleError) as missing:
            raise DatabaseError(
                f"database {where.render_as_string()}: {missing}; its driver is not installed"
            ) from None
        try:
            database._prepare()
        except BaseException:
            database.close()
            raise
        return database

    def _prepare(self) -> None:
        where = self.url.render_as_string()
        try:
            with self._writing.begin() as connection:
                migrate(connection)
            with self.write() as session:
                seed_reasons(session)
                if session.get(Setting, SALT) is None:
                    session.add(Setting(name=SALT, value=secrets.token_hex(16)))
        except CommandError as wrong:
            raise DatabaseError(f"database {where}: made by a newer version of this program ({wrong})") from None
        except DBAPIError as wrong:
            raise DatabaseError(f"database {where}: {wrong.orig}; should be a database of this program") from None

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database throughout."""
        with Session(self.engine) as session, session.begin():
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """A session that holds the only write transaction, committed at the end, rolled back on an error."""
        with Session(self._writing) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def card_salt(session: Session) -> str:
    """The salt of this school's card hashes."""
    return session.get_one(Setting, SALT).value


def audit(session: Session, *, at: dt.datetime, who: str, what: str, about: str) -> None:
    """Note a change in the same transaction; `about` holds ids and counts only."""
    session.add(AuditEntry(at=at, who=who, what=what, about=about))


def migrate(connection: Connection) -> None:
    """Bring the schema up to date within the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise DatabaseError("database URL: should be such as postgresql+psycopg://USER@HOST/NAME") from None


def _file_url(state: Path) -> URL:
    path = state / FILE_NAME
    try:
        state.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # pupils' data: nobody else on the machine reads it
    except OSError as wrong:
        raise DatabaseError(f"database {path}: {wrong.strerror}; the folder must be writable") from None
    return URL.create("sqlite", database=str(path))


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_S, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")

    return engine
