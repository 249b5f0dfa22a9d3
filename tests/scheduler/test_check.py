"""Checking a timetable: problems keep it out of use, warnings say where it would disappoint."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from scheduler.check import Check, check_timetable
from scheduler.reading import read_timetable
from scheduler.tracks import Library
from tests.scheduler.timetables import CALM, CHIME, MONDAY, MORNING, SCHEDULE, track


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config folder with every file that the timetable names."""
    for path in ("music/calm/rain.ogg", "music/calm/moon.ogg", "bells/chime.ogg", "music/morning/tune.ogg"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    return tmp_path


LONG_CALM = tuple(dataclasses.replace(each, duration_s=1300) for each in CALM)
LIBRARY = Library.of([*MORNING, *LONG_CALM, CHIME])


def check(
    config: Path, text: str = SCHEDULE, library: Library | None = LIBRARY, today: dt.date = MONDAY
) -> tuple[Check, Path]:
    file = config / "schedule.yaml"
    file.write_text(text)
    return check_timetable(file, read_timetable(file), library, today), file


def test_a_right_timetable_with_music_enough_is_ok(config: Path) -> None:
    checked, file = check(config)
    assert checked.ok
    assert checked.lines() == (f"{file}: ok",)


def test_problems_are_listed_with_their_count_and_no_warnings(config: Path) -> None:
    checked, file = check(config, SCHEDULE.replace("limit: 85", "limit: 850").replace("friday:", "fryday:"))
    assert not checked.ok
    assert checked.lines() == (
        f"{file}:3:35: zones.playground.limit: '850'; should be a whole number from 0 to 100",
        f"{file}:22:78: week.fryday: unknown key; did you mean 'friday'?",
        f"{file}: 2 problems; not used until it is right",
    )


@pytest.mark.parametrize(
    ("right", "wrong", "warning"),
    [
        (
            "bank_holidays: england\n",
            "",
            "bank_holidays is missing, so every day not named in dates is silent; "
            "write one of england, wales, scotland, northern-ireland, none",
        ),
        (
            SCHEDULE[SCHEDULE.index("terms:") : SCHEDULE.index("closed:")],
            "",
            "terms is missing, so every day not named in dates is silent; write the school's terms",
        ),
        (
            "dates: {",
            "dates: {2026-11-27: wet, ",
            "2026-11-27 stands in dates and in closed; dates wins, so it is wet",
        ),
        ("folder: music/morning", "folder: music/dawn", "playlist morning: there is no folder music/dawn"),
        (
            "music/calm/moon.ogg",
            "music/calm/mars.ogg",
            "playlist calm: there is no file music/calm/mars.ogg",
        ),
        (
            "music/calm/moon.ogg",
            "music/morning/tune.ogg",
            "playlist calm: music/morning/tune.ogg was not scanned or cannot be played",
        ),
        (
            "bells/chime.ogg",
            "bells/gong.ogg",
            "bell sound bells/gong.ogg: there is no such file, so its bells are silent",
        ),
        (
            "bells/chime.ogg",
            "music/morning/tune.ogg",
            "bell sound music/morning/tune.ogg was not scanned or cannot be played, so its bells are silent",
        ),
        (
            "dates:",
            "calls: {lunch: calls/lunch.ogg}\ndates:",
            "call lunch: there is no file calls/lunch.ogg, so it cannot be called",
        ),
        (
            "dates:",
            "calls: {lunch: music/morning/tune.ogg}\ndates:",
            "call lunch: music/morning/tune.ogg was not scanned or cannot be played, so it cannot be called; "
            "run: unmissable music scan",
        ),
        (
            "dates:",
            "calls: {inside: {sound: bells/chime.ogg, volume: 75}}\ndates:",
            "call inside: the volume 75 is 60 in classrooms, as that is its limit",
        ),
    ],
)
def test_what_would_disappoint_is_warned_of(config: Path, right: str, wrong: str, warning: str) -> None:
    checked, file = check(config, SCHEDULE.replace(right, wrong))
    assert checked.ok
    assert f"{file}: warning: {warning}" in checked.lines()


def test_a_playlist_too_short_for_its_day_is_told_with_the_lengths(config: Path) -> None:
    checked, _ = check(config, library=Library.of([*MORNING[:3], *LONG_CALM, CHIME]))
    assert (
        "day normal: playlist morning holds 5 min of approved music for slots of 95 min, so tracks repeat"
        in checked.warnings
    )
    assert not any("calm" in warning for warning in checked.warnings)


def test_a_playlist_without_an_approved_track_is_told(config: Path) -> None:
    unapproved = tuple(dataclasses.replace(each, approved=False) for each in MORNING)
    checked, _ = check(config, library=Library.of([*unapproved, *LONG_CALM, CHIME]))
    assert "day normal: playlist morning has no approved track, so its slots are silent" in checked.warnings
    refused = dataclasses.replace(LONG_CALM[0], approved=False)
    checked, _ = check(config, library=Library.of([*MORNING, refused, LONG_CALM[1], CHIME]))
    assert "playlist calm: music/calm/rain.ogg is not approved, so it is left out" in checked.warnings


def test_music_that_was_never_scanned_is_one_warning(config: Path) -> None:
    checked, _ = check(config, library=None)
    assert checked.warnings == ("the music was not scanned yet; `unmissable music scan` does it",)


def test_a_year_that_is_over_is_told(config: Path) -> None:
    checked, _ = check(config, today=dt.date(2027, 1, 4))
    assert checked.warnings == ("the last term ended on 2026-12-18, so it is silent now; write the next terms",)


def test_a_week_without_a_day_is_told(config: Path) -> None:
    text = SCHEDULE[: SCHEDULE.index("week:")] + "week: {}\n" + SCHEDULE[SCHEDULE.index("terms:") :]
    checked, _ = check(config, text.replace("dates: {2026-12-18: early-finish}\n", ""))
    assert "no weekday and no date has a day, so it is always silent; write one in week" in checked.warnings


def test_a_call_whose_sound_is_marked_explicit_is_told_until_an_adult_approves_it(config: Path) -> None:
    text = SCHEDULE + "calls: {chime: bells/chime.ogg}\n"
    marked = dataclasses.replace(CHIME, explicit=True)
    checked, _ = check(config, text, library=Library.of([*MORNING, *LONG_CALM, marked]))
    assert checked.warnings == (
        "call chime: bells/chime.ogg is marked explicit; an adult approves it by name: "
        "unmissable music approve bells/chime.ogg",
    )
    approved = dataclasses.replace(marked, approved=True)
    checked, _ = check(config, text, library=Library.of([*MORNING, *LONG_CALM, approved]))
    assert checked.warnings == ()


def test_a_call_that_would_go_on_for_too_long_is_told(config: Path) -> None:
    long = dataclasses.replace(CHIME, duration_s=1260.0)
    checked, _ = check(config, SCHEDULE + "calls: {chime: bells/chime.ogg}\n", Library.of([*MORNING, *LONG_CALM, long]))
    assert checked.warnings == ("call chime: bells/chime.ogg is 21 minutes long; should be 10 at most",)


def test_a_bell_s_sound_counts_for_no_playlist(config: Path) -> None:
    checked, _ = check(config, library=Library.of([*MORNING, *LONG_CALM, track("chime", folder="bells")]))
    assert checked.warnings == ()
