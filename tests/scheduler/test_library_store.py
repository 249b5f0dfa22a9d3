"""The library's database: what goes in comes out, and what cannot be used is one clear error."""

from __future__ import annotations

import functools
import sqlite3
from pathlib import Path

import pytest

from scheduler.errors import LibraryError
from scheduler.library_store import FileRow, LibraryStore, Verdict

ROW = FileRow("music/Ü.ogg", 10, 1_795_000_000_123_456_789, "a" * 64, "Ü", "Ä", 61.25, -3.5, True)


def test_a_row_comes_back_as_it_was_put(tmp_path: Path) -> None:
    LibraryStore(tmp_path / "library.sqlite").put(ROW)
    assert LibraryStore(tmp_path / "library.sqlite").files() == {ROW.path: ROW}


def test_only_what_is_approved_now_is_approved_in_the_library(tmp_path: Path) -> None:
    store = LibraryStore(tmp_path / "library.sqlite")
    store.put(ROW)
    for verdict, count in ((None, 0), (Verdict.APPROVED, 1), (Verdict.REFUSED, 0)):
        if verdict is not None:
            store.judge([ROW.id], verdict, "s.okoro", 0.0)
        assert len(store.library(tmp_path).approved) == count
        assert len(store.library(tmp_path).tracks) == 1


def test_looking_at_a_library_that_is_not_there_makes_none(tmp_path: Path) -> None:
    store = LibraryStore(tmp_path / "state" / "library.sqlite")
    assert store.library(tmp_path).tracks == ()
    assert not (tmp_path / "state").exists()


def test_the_stamp_changes_with_every_write_and_not_with_a_read(tmp_path: Path) -> None:
    store = LibraryStore(tmp_path / "library.sqlite")
    stamps = [store.stamp]
    store.put(ROW)
    stamps.append(store.stamp)
    store.judge([ROW.id], Verdict.APPROVED, "s.okoro", 0.0)
    stamps.append(store.stamp)
    store.files()
    assert store.stamp == stamps[-1]
    assert len(set(stamps)) == 3


def test_a_database_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite").write_text("this is not a database, and it is long enough to be looked at" * 10)
    said = r"library\.sqlite: the music library cannot be used: .*; move the file away and scan again"
    with pytest.raises(LibraryError, match=said):
        LibraryStore(tmp_path / "library.sqlite").files()


def test_a_library_that_may_not_be_written_is_not_to_be_moved_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "library.sqlite"
    LibraryStore(file).put(ROW)
    read_only = functools.partial(sqlite3.connect, f"file:{file}?mode=ro", uri=True)
    monkeypatch.setattr(sqlite3, "connect", lambda _file, timeout: read_only(timeout=timeout))
    with pytest.raises(LibraryError, match=r"readonly database; run this as the user that the school runs as$"):
        LibraryStore(file).put(ROW)


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite"
    LibraryStore(file).put(ROW)
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(LibraryError, match="newer version"):
        LibraryStore(file).files()
