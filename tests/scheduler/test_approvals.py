"""Approvals: by content, outside the files, and never by the way for music that is marked explicit."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from scheduler.approvals import Outcome, Standing, approve, approve_all, music, refuse, refuse_all
from scheduler.library_scan import scan
from scheduler.library_store import LibraryStore
from tests.scheduler.music import make_tune

NOW_S = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC).timestamp()


@pytest.fixture(scope="module")
def scanned(three_tunes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config folder with three new tunes and one that is marked explicit, scanned, for copying."""
    config = tmp_path_factory.mktemp("waiting") / "config"
    shutil.copytree(three_tunes, config / "music")
    make_tune(config / "music/loud.ogg", duration_s=0.5, options=("-metadata", "ITUNESADVISORY=1"))
    assert len(scan(LibraryStore(config / "state" / "library.sqlite"), config, ["music"]).added) == 4
    return config


@pytest.fixture
def config(scanned: Path, tmp_path: Path) -> Path:
    return shutil.copytree(scanned, tmp_path / "config")


@pytest.fixture
def store(config: Path) -> LibraryStore:
    return LibraryStore(config / "state" / "library.sqlite")


def standings(store: LibraryStore) -> dict[str, Standing]:
    return {Path(item.file.path).stem: item.standing for item in music(store)}


def test_scanned_music_waits_for_an_adult(store: LibraryStore, config: Path) -> None:
    assert standings(store) == {
        "loud": Standing.NEEDS_ADULT,
        "one": Standing.NEW,
        "three": Standing.NEW,
        "two": Standing.NEW,
    }
    assert store.library(config).approved == ()


def test_all_approves_what_is_new_but_never_explicit_music(store: LibraryStore, config: Path) -> None:
    outcome = approve_all(store, "s.okoro", NOW_S)
    assert outcome.done == ("music/one.ogg", "music/three.ogg", "music/two.ogg")
    assert outcome.needs_name == ("music/loud.ogg",)
    assert standings(store)["loud"] is Standing.NEEDS_ADULT
    assert [track.path for track in store.library(config).in_folder("music")] == list(outcome.done)
    assert approve_all(store, "s.okoro", NOW_S) == Outcome(already=outcome.done, needs_name=("music/loud.ogg",))


def test_explicit_music_is_approved_by_name_alone(store: LibraryStore, config: Path) -> None:
    assert approve(store, config, ["music"], "s.okoro", NOW_S).needs_name == ("music/loud.ogg",)
    assert standings(store)["loud"] is Standing.NEEDS_ADULT
    assert approve(store, config, ["./music/loud.ogg"], "s.okoro", NOW_S).done == ("music/loud.ogg",)
    assert standings(store)["loud"] is Standing.APPROVED


def test_a_verdict_says_who_and_when(store: LibraryStore, config: Path) -> None:
    approve(store, config, [(config / "music/one.ogg").as_posix()], "s.okoro", NOW_S)
    judged = next(item.judged for item in music(store) if item.file.path == "music/one.ogg")
    assert judged is not None
    assert (judged.by, judged.at) == ("s.okoro", dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC))


def test_what_was_refused_stays_refused_until_it_is_named(store: LibraryStore, config: Path) -> None:
    assert refuse(store, config, ["music/one.ogg"], "s.okoro", NOW_S).done == ("music/one.ogg",)
    approve_all(store, "s.okoro", NOW_S)
    approve(store, config, ["music"], "s.okoro", NOW_S)
    assert standings(store)["one"] is Standing.REFUSED
    approve(store, config, ["music/one.ogg"], "s.okoro", NOW_S)
    assert standings(store)["one"] is Standing.APPROVED


def test_all_refuses_only_what_nobody_approved(store: LibraryStore, config: Path) -> None:
    approve(store, config, ["music/one.ogg"], "s.okoro", NOW_S)
    refuse_all(store, "s.okoro", NOW_S)
    assert standings(store) == {
        "loud": Standing.REFUSED,
        "one": Standing.APPROVED,
        "three": Standing.REFUSED,
        "two": Standing.REFUSED,
    }


def test_names_that_are_unknown_or_unplayable_are_told_back(store: LibraryStore, config: Path) -> None:
    (config / "music/text.mp3").write_text("not music")
    scan(store, config, ["music"])
    outcome = approve(store, config, ["music/nine.ogg", "music/text.mp3", "music/two.ogg"], "s.okoro", NOW_S)
    assert outcome == Outcome(done=("music/two.ogg",), unknown=("music/nine.ogg",), bad=("music/text.mp3",))


def test_an_approval_follows_the_content_to_another_name_and_does_not_outlive_a_change(
    store: LibraryStore, config: Path
) -> None:
    approve(store, config, ["music/one.ogg"], "s.okoro", NOW_S)
    before = (config / "music/one.ogg").read_bytes()
    (config / "music/one.ogg").rename(config / "music/renamed.ogg")
    scan(store, config, ["music"])
    assert standings(store)["renamed"] is Standing.APPROVED
    assert (config / "music/renamed.ogg").read_bytes() == before
    make_tune(config / "music/renamed.ogg", tone_hz=999)
    scan(store, config, ["music"])
    assert standings(store)["renamed"] is Standing.NEW


def test_an_approval_outlives_a_file_that_is_away_for_a_while(store: LibraryStore, config: Path) -> None:
    approve(store, config, ["music/one.ogg"], "s.okoro", NOW_S)
    shutil.move(config / "music/one.ogg", config / "one.ogg")
    scan(store, config, ["music"])
    assert "one" not in standings(store)
    shutil.move(config / "one.ogg", config / "music/one.ogg")
    scan(store, config, ["music"])
    assert standings(store)["one"] is Standing.APPROVED
