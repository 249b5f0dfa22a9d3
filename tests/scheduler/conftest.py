"""Music for the scheduler's tests, made once in a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.scheduler.music import make_music, make_tune


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
