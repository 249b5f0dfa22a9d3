"""The files in force: read when they change, the last good timetable kept, only what may be given out is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scheduler.approvals import refuse
from scheduler.library_scan import scan
from scheduler.library_store import LibraryStore
from scheduler.school_files import SchoolFiles
from tests.scheduler.music import make_tune
from tests.scheduler.schools import SCHEDULE

BELL = "    - {bell: end-of-break, at: 10:45, zones: [playground], sound: bells/chime.ogg}\n"


@pytest.fixture
def config(scanned_tunes: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(scanned_tunes, folder)
    (folder / "schedule.yaml").write_text(SCHEDULE)
    return folder


def looked(config: Path) -> SchoolFiles:
    files = SchoolFiles(config, config / "state")
    files.look()
    return files


def test_nothing_changed_after_a_look_until_a_file_does(config: Path) -> None:
    files = SchoolFiles(config, config / "state")
    assert files.changed()
    files.look()
    assert not files.changed()
    (config / "schedule.yaml").write_text(SCHEDULE + "\n")
    assert files.changed()
    files.look()
    assert not files.changed()
    refuse(LibraryStore(config / "state" / "library.sqlite"), config, ["music/one.ogg"], "s.okoro", 0.0)
    assert files.changed()
    files.look()
    assert len(files.library.approved) == 2


def test_a_file_of_the_same_size_that_took_the_place_of_another_is_noticed(config: Path) -> None:
    files = looked(config)
    beside = config / "schedule.new"
    beside.write_text(SCHEDULE.replace("volume: 70", "volume: 60"))
    beside.replace(config / "schedule.yaml")
    assert files.changed()


def test_a_relative_music_folder_of_the_last_good_timetable_is_still_the_configs(config: Path) -> None:
    good = looked(config).timetable
    (config / "schedule.yaml").write_text("not: [a timetable")
    again = looked(config)
    assert again.timetable == good
    assert again.timetable is not None
    assert again.timetable.folder == config
    assert again.error is not None


def test_approved_music_is_found_and_refused_music_is_not(config: Path) -> None:
    files = looked(config)
    track = files.library.approved[0]
    assert [found.file for found in files.media(track.id)] == [config / track.path]
    refuse(LibraryStore(config / "state" / "library.sqlite"), config, [track.path], "s.okoro", 0.0)
    files.look()
    assert files.media(track.id) == ()
    assert files.media("f" * 64) == ()


def test_the_sound_of_a_bell_may_be_fetched_without_an_approval_as_the_timetable_names_it(config: Path) -> None:
    make_tune(config / "bells/chime.ogg", duration_s=0.5)
    make_tune(config / "bells/other.ogg", duration_s=0.6)
    scan(LibraryStore(config / "state" / "library.sqlite"), config, ["music", "bells"])
    files = looked(config)
    chime, other = files.library.by_path("bells/chime.ogg"), files.library.by_path("bells/other.ogg")
    assert chime is not None
    assert other is not None
    assert files.media(chime.id) == ()
    (config / "schedule.yaml").write_text(SCHEDULE.replace("week:", BELL + "week:"))
    files.look()
    assert len(files.media(chime.id)) == 1
    assert files.media(other.id) == ()


def test_a_library_that_cannot_be_read_is_said_and_the_one_before_stays(config: Path) -> None:
    files = looked(config)
    (config / "state" / "library.sqlite").write_bytes(b"not a database " * 1000)
    files.look()
    assert files.error is not None
    assert "library.sqlite" in files.error
    assert len(files.library.approved) == 3


def test_a_library_that_is_gone_is_said_and_the_one_before_stays(config: Path) -> None:
    files = looked(config)
    for file in (config / "state").glob("library.sqlite*"):
        file.unlink()
    said = error_after_a_look(files)
    assert said is not None
    assert said.endswith("library.sqlite: the music library is gone; scan the music again")
    assert len(files.library.approved) == 3
    scan(LibraryStore(config / "state" / "library.sqlite"), config, ["music"])
    assert error_after_a_look(files) is None
    assert not files.library.approved, "what was approved is gone with the library"


def error_after_a_look(files: SchoolFiles) -> str | None:
    files.look()
    return files.error


def test_music_that_changed_or_went_since_the_scan_is_said_and_stays_in_the_library(config: Path) -> None:
    files = looked(config)
    assert error_after_a_look(files) is None
    (config / "music/two.ogg").unlink()
    (config / "music/one.ogg").write_bytes(b"something else")
    said = "music/one.ogg and 1 more: changed or gone since the music was scanned; scan it again"
    assert error_after_a_look(files) == said
    assert len(files.library.approved) == 3
    scan(LibraryStore(config / "state" / "library.sqlite"), config, ["music"])
    assert error_after_a_look(files) is None
