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


@pytest.fixture
def store(tunes: Path) -> LibraryStore:
    """Three new tunes and one that is marked explicit, scanned."""
    explicit = ("-metadata", "ITUNESADVISORY=1")
    make_tune(tunes / "music/loud.ogg", duration_s=0.5, options=explicit)
    store = LibraryStore(tunes / "state" / "library.sqlite")
    assert len(scan(store, tunes, ["music"]).added) == 4
    return store


def standings(store: LibraryStore) -> dict[str, Standing]:
    return {Path(item.file.path).stem: item.standing for item in music(store)}


def test_scanned_music_waits_for_an_adult(store: LibraryStore, tunes: Path) -> None:
    assert standings(store) == {
        "loud": Standing.NEEDS_ADULT,
        "one": Standing.NEW,
        "three": Standing.NEW,
        "two": Standing.NEW,
    }
    assert store.library(tunes).approved == ()


def test_all_approves_what_is_new_but_never_explicit_music(store: LibraryStore, tunes: Path) -> None:
    outcome = approve_all(store, "s.okoro", NOW_S)
    assert outcome.done == ("music/one.ogg", "music/three.ogg", "music/two.ogg")
    assert outcome.needs_name == ("music/loud.ogg",)
    assert standings(store)["loud"] is Standing.NEEDS_ADULT
    assert [track.path for track in store.library(tunes).in_folder("music")] == list(outcome.done)
    assert approve_all(store, "s.okoro", NOW_S) == Outcome(already=outcome.done, needs_name=("music/loud.ogg",))


def test_explicit_music_is_approved_by_name_alone(store: LibraryStore, tunes: Path) -> None:
    assert approve(store, tunes, ["music"], "s.okoro", NOW_S).needs_name == ("music/loud.ogg",)
    assert standings(store)["loud"] is Standing.NEEDS_ADULT
    assert approve(store, tunes, ["./music/loud.ogg"], "s.okoro", NOW_S).done == ("music/loud.ogg",)
    assert standings(store)["loud"] is Standing.APPROVED


def test_a_verdict_says_who_and_when(store: LibraryStore, tunes: Path) -> None:
    approve(store, tunes, [(tunes / "music/one.ogg").as_posix()], "s.okoro", NOW_S)
    judged = next(item.judged for item in music(store) if item.file.path == "music/one.ogg")
    assert judged is not None
    assert (judged.by, judged.at) == ("s.okoro", dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC))


def test_what_was_refused_stays_refused_until_it_is_named(store: LibraryStore, tunes: Path) -> None:
    assert refuse(store, tunes, ["music/one.ogg"], "s.okoro", NOW_S).done == ("music/one.ogg",)
    approve_all(store, "s.okoro", NOW_S)
    approve(store, tunes, ["music"], "s.okoro", NOW_S)
    assert standings(store)["one"] is Standing.REFUSED
    approve(store, tunes, ["music/one.ogg"], "s.okoro", NOW_S)
    assert standings(store)["one"] is Standing.APPROVED


def test_all_refuses_only_what_nobody_approved(store: LibraryStore, tunes: Path) -> None:
    approve(store, tunes, ["music/one.ogg"], "s.okoro", NOW_S)
    refuse_all(store, "s.okoro", NOW_S)
    assert standings(store) == {
        "loud": Standing.REFUSED,
        "one": Standing.APPROVED,
        "three": Standing.REFUSED,
        "two": Standing.REFUSED,
    }


def test_names_that_are_unknown_or_unplayable_are_told_back(store: LibraryStore, tunes: Path) -> None:
    (tunes / "music/text.mp3").write_text("not music")
    scan(store, tunes, ["music"])
    outcome = approve(store, tunes, ["music/nine.ogg", "music/text.mp3", "music/two.ogg"], "s.okoro", NOW_S)
    assert outcome == Outcome(done=("music/two.ogg",), unknown=("music/nine.ogg",), bad=("music/text.mp3",))


def test_an_approval_follows_the_content_to_another_name_and_does_not_outlive_a_change(
    store: LibraryStore, tunes: Path
) -> None:
    approve(store, tunes, ["music/one.ogg"], "s.okoro", NOW_S)
    before = (tunes / "music/one.ogg").read_bytes()
    (tunes / "music/one.ogg").rename(tunes / "music/renamed.ogg")
    scan(store, tunes, ["music"])
    assert standings(store)["renamed"] is Standing.APPROVED
    assert (tunes / "music/renamed.ogg").read_bytes() == before
    make_tune(tunes / "music/renamed.ogg", tone_hz=999)
    scan(store, tunes, ["music"])
    assert standings(store)["renamed"] is Standing.NEW


def test_an_approval_outlives_a_file_that_is_away_for_a_while(store: LibraryStore, tunes: Path) -> None:
    approve(store, tunes, ["music/one.ogg"], "s.okoro", NOW_S)
    shutil.move(tunes / "music/one.ogg", tunes / "one.ogg")
    scan(store, tunes, ["music"])
    assert "one" not in standings(store)
    shutil.move(tunes / "one.ogg", tunes / "music/one.ogg")
    scan(store, tunes, ["music"])
    assert standings(store)["one"] is Standing.APPROVED
