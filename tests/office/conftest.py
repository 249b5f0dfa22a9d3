"""Fixtures of the office's tests: a database of its own, empty or with five pupils."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from office.database import Database
from tests.office.running import running
from tests.office.schools import load_roll

__all__ = ["database", "running", "school"]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty office."""
    opened = Database.open(tmp_path / "state")
    yield opened
    opened.close()


@pytest.fixture
def school(database: Database, tmp_path: Path) -> Database:
    """An office with five pupils in two classes."""
    load_roll(database, tmp_path)
    return database
