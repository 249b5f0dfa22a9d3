"""Music for the scheduler's tests, made once in a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scheduler.approvals import approve_all
from scheduler.library_scan import scan
from scheduler.library_store import LibraryStore
from tests.scheduler.music import make_music, make_tune
from tests.scheduler.schools import SCHEDULE, School
from wire.mosquitto import PrivateBroker


@pytest.fixture(scope="session")
def music_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file of `music.GOOD` and `music.BAD`; a test that changes anything takes a copy."""
    folder = tmp_path_factory.mktemp("music")
    make_music(folder)
    return folder


@pytest.fixture(scope="session")
def three_tunes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three plain Ogg files, for copying."""
    folder = tmp_path_factory.mktemp("tunes")
    for number, name in enumerate(("one", "two", "three")):
        make_tune(folder / f"{name}.ogg", tone_hz=330 + 110 * number, options=("-metadata", f"title=Tune {name}"))
    return folder


@pytest.fixture
def tunes(three_tunes: Path, tmp_path: Path) -> Path:
    """A config folder of its own whose `music` holds three tunes."""
    shutil.copytree(three_tunes, tmp_path / "config" / "music")
    return tmp_path / "config"


@pytest.fixture(scope="session")
def scanned_tunes(three_tunes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config folder whose three tunes are scanned and approved, for copying."""
    config = tmp_path_factory.mktemp("scanned") / "config"
    shutil.copytree(three_tunes, config / "music")
    store = LibraryStore(config / "state" / "library.sqlite")
    scan(store, config, ["music"])
    approve_all(store, "s.okoro", 0.0)
    return config


@pytest.fixture
def school(scanned_tunes: Path, tmp_path: Path, broker: PrivateBroker, enrolment_file: Path) -> School:
    """A school with three approved tunes and a broker, its scheduler not yet running."""
    config = tmp_path / "config"
    shutil.copytree(scanned_tunes, config)
    (config / "schedule.yaml").write_text(SCHEDULE)
    return School(config, broker, enrolment_file)
