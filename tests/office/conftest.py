"""Fixtures of the office's tests: a database of its own, empty or with five pupils."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from office.database import Database
from tests.office.running import running
from tests.office.schools import load_roll

__all__ = ["database", "made_once", "running", "school"]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the states `empty` and `school`, made once and copied for each test, which is faster."""
    folder = tmp_path_factory.mktemp("office")
    Database.open(folder / "empty").close()
    with_pupils = Database.open(folder / "school")
    load_roll(with_pupils, folder)
    with_pupils.close()
    return folder


@pytest.fixture
def database(tmp_path: Path, made_once: Path) -> Iterator[Database]:
    """An empty office."""
    shutil.copytree(made_once / "empty", tmp_path / "state")
    opened = Database.open(tmp_path / "state")
    yield opened
    opened.close()


@pytest.fixture
def school(tmp_path: Path, made_once: Path) -> Iterator[Database]:
    """An office with five pupils in two classes."""
    shutil.copytree(made_once / "school", tmp_path / "state")
    opened = Database.open(tmp_path / "state")
    yield opened
    opened.close()
