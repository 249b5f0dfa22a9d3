"""The scan over real files: the good ones are in, each bad one is named with a reason, nothing is read twice."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from scheduler.errors import FfmpegMissing
from scheduler.library_scan import ScanReport, content_id, scan
from scheduler.library_store import LibraryStore
from tests.scheduler.music import BAD, GOOD, cut


@pytest.fixture(scope="module")
def scanned(music_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[LibraryStore, ScanReport]:
    store = LibraryStore(tmp_path_factory.mktemp("state") / "library.sqlite")
    return store, scan(store, music_folder.parent, [music_folder.name])


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_in_with_its_title_and_artist(
    name: str, scanned: tuple[LibraryStore, ScanReport], music_folder: Path
) -> None:
    store, report = scanned
    path = f"{music_folder.name}/{name}"
    assert path in report.added, [str(bad) for bad in report.bad]
    row = store.files()[path]
    assert (row.title, row.artist) == GOOD[name]
    assert row.id == content_id(music_folder / name)
    assert row.duration_s == pytest.approx(0.2 if name == "blip.wav" else 3.0, abs=0.06)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_its_reason_and_stays_out(
    name: str, scanned: tuple[LibraryStore, ScanReport], music_folder: Path
) -> None:
    store, report = scanned
    reasons = {bad.path: bad.reason for bad in report.bad}
    assert BAD[name] in reasons[f"{music_folder.name}/{name}"]
    assert store.library(music_folder.parent).by_path(f"{music_folder.name}/{name}") is None


def test_nothing_else_is_found(scanned: tuple[LibraryStore, ScanReport]) -> None:
    _, report = scanned
    assert len(report.added) == len(GOOD)
    assert len(report.bad) == len(BAD)


def test_files_of_one_sound_get_nearly_one_gain_and_silence_none(
    scanned: tuple[LibraryStore, ScanReport], music_folder: Path
) -> None:
    store, _ = scanned
    gains = {Path(path).name: row.gain_db for path, row in store.files().items()}
    ordinary = [gain for name, gain in gains.items() if name.startswith("ordinary.")]
    assert max(ordinary) - min(ordinary) < 1.5
    assert gains["silence.flac"] == 0.0
    assert -20 < gains["blip.wav"] < 12


def read_again(done: int, total: int, path: str) -> None:
    pytest.fail(f"{path} was read again")


def test_nothing_is_read_again_that_did_not_change(tunes: Path) -> None:
    store = LibraryStore(tunes / "state" / "library.sqlite")
    seen: list[tuple[int, int]] = []
    first = scan(store, tunes, ["music"], progress=lambda done, total, _: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert first.added == ("music/one.ogg", "music/three.ogg", "music/two.ogg")
    again = scan(store, tunes, ["music"], progress=read_again)
    assert again == ScanReport(unchanged=first.added)


def test_changed_added_and_removed_files_are_told_apart(tunes: Path) -> None:
    store = LibraryStore(tunes / "state" / "library.sqlite")
    scan(store, tunes, ["music"])
    shutil.copy(tunes / "music/one.ogg", tunes / "music/two.ogg")
    os.utime(tunes / "music/two.ogg", (1, 1))
    shutil.copy(tunes / "music/one.ogg", tunes / "music/new.ogg")
    (tunes / "music/three.ogg").unlink()
    report = scan(store, tunes, ["music"])
    assert report == ScanReport(
        added=("music/new.ogg",), changed=("music/two.ogg",), unchanged=("music/one.ogg",), removed=("music/three.ogg",)
    )
    assert {row.id for row in store.files().values()} == {content_id(tunes / "music/one.ogg")}


def test_a_good_file_that_turns_bad_leaves_the_library_and_one_that_is_mended_comes_back(tunes: Path) -> None:
    store = LibraryStore(tunes / "state" / "library.sqlite")
    scan(store, tunes, ["music"])
    whole = (tunes / "music/one.ogg").read_bytes()
    cut(tunes / "music/one.ogg", tunes / "music/one.ogg")
    report = scan(store, tunes, ["music"])
    assert [bad.path for bad in report.bad] == ["music/one.ogg"]
    assert store.library(tunes).by_path("music/one.ogg") is None
    assert scan(store, tunes, ["music"]).bad == report.bad, "a bad file is named by every scan"
    (tunes / "music/one.ogg").write_bytes(whole)
    assert scan(store, tunes, ["music"]).changed == ("music/one.ogg",)


def test_a_single_file_elsewhere_is_known_by_its_whole_path(tunes: Path, three_tunes: Path) -> None:
    store = LibraryStore(tunes / "state" / "library.sqlite")
    outside = (three_tunes / "one.ogg").as_posix()
    report = scan(store, tunes, [outside, "music/two.ogg", (tunes / "music/three.ogg").as_posix()])
    assert report.added == (outside, "music/three.ogg", "music/two.ogg")


def test_music_from_elsewhere_stays_in_the_library_is_looked_at_again_and_leaves_when_it_is_gone(
    tunes: Path, three_tunes: Path, tmp_path: Path
) -> None:
    store = LibraryStore(tunes / "state" / "library.sqlite")
    other = shutil.copytree(three_tunes, tmp_path / "other")
    assert len(scan(store, tunes, [other.as_posix()]).added) == 3
    assert len(scan(store, tunes, ["music"]).added) == 3
    (other / "one.ogg").unlink()
    shutil.copy(other / "two.ogg", other / "three.ogg")
    os.utime(other / "three.ogg", (1, 1))
    report = scan(store, tunes, ["music"])
    assert report.removed == (f"{other.as_posix()}/one.ogg",)
    assert report.changed == (f"{other.as_posix()}/three.ogg",)
    assert len(report.unchanged) == 4
    forgetting = scan(store, tunes, ["music"], forget_others=True)
    assert forgetting.removed == (f"{other.as_posix()}/three.ogg", f"{other.as_posix()}/two.ogg")
    assert len(store.files()) == 3


def test_a_file_and_a_folder_that_are_not_there_are_named(tunes: Path) -> None:
    report = scan(LibraryStore(tunes / "state" / "library.sqlite"), tunes, ["musik", "music/four.ogg"])
    assert [str(bad) for bad in report.bad] == [
        "music/four.ogg: there is no such file",
        "musik: there is no such file",
    ]


def test_a_link_out_of_the_folder_is_followed_and_a_loop_of_links_ends(tunes: Path, three_tunes: Path) -> None:
    (tunes / "music/linked").symlink_to(three_tunes)
    (tunes / "music/loop").symlink_to(tunes / "music")
    report = scan(LibraryStore(tunes / "state" / "library.sqlite"), tunes, ["music"])
    assert len(report.added) == 6


def test_a_name_that_is_not_utf_8_is_named_readably(tunes: Path) -> None:
    shutil.copy(os.fsencode(tunes / "music/one.ogg"), os.fsencode(tunes / "music") + b"/caf\xe9.ogg")
    report = scan(LibraryStore(tunes / "state" / "library.sqlite"), tunes, ["music"])
    assert [str(bad) for bad in report.bad] == [r"music/caf\udce9.ogg: its name is not UTF-8: rename it"]


def test_without_ffmpeg_one_clear_error_and_the_library_as_it_was(
    tunes: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = LibraryStore(tunes / "state" / "library.sqlite")
    scan(store, tunes, ["music"])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FfmpegMissing, match="sudo apt-get install ffmpeg"):
        scan(store, tunes, ["music"])
    assert len(store.files()) == 3


def test_an_interrupted_scan_keeps_what_it_read(tunes: Path) -> None:
    store = LibraryStore(tunes / "state" / "library.sqlite")

    def stop(done: int, total: int, path: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(store, tunes, ["music"], progress=stop)
    assert len(store.files()) == 1
    assert len(scan(store, tunes, ["music"]).added) == 2
