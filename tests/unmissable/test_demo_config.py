"""The demo's timetable is right at any moment that it may be started: at each hour, before midnight, on a holiday."""

from __future__ import annotations

import datetime as dt
import hashlib
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from devices.playhead import playhead
from scheduler.asrun import AsRun
from scheduler.calendar import resolve
from scheduler.programme import compile_calendar, compile_programmes
from scheduler.reading import parse_timetable
from scheduler.timetable import Timetable
from scheduler.tracks import Library, LibraryTrack
from unmissable.demo_config import ZONES, demo_timetable, morning_zone

SCHOOL = Path(str(resources.files("unmissable").joinpath("demo_school")))
LEAD_S = 55.0
CHRISTMAS = dt.datetime(2026, 12, 25, tzinfo=dt.UTC)
MOMENTS = (
    *(CHRISTMAS.replace(hour=hour, minute=58, second=30) for hour in range(24)),
    dt.datetime(2026, 8, 31, 23, 59, 59, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC),
    dt.datetime(2027, 3, 28, 0, 59, tzinfo=dt.UTC),
    dt.datetime(2028, 2, 29, 12, 0, tzinfo=dt.UTC),
)


@pytest.fixture(scope="module")
def library() -> Library:
    """The demo's own files, each taken for a minute of music."""
    files = sorted([*SCHOOL.glob("music/*/*.ogg"), *SCHOOL.glob("bells/*.ogg")])
    return Library(
        tuple(
            LibraryTrack(
                id=hashlib.sha256(file.name.encode()).hexdigest(),
                path=file.as_posix(),
                title=file.stem,
                artist="",
                duration_s=60.0,
                gain_db=0.0,
                explicit=False,
                approved=True,
                picture="🎵",
            )
            for file in files
        )
    )


def read(text: str) -> Timetable:
    """The timetable of a text without a problem."""
    reading = parse_timetable(text.encode(), file="schedule.yaml", folder=SCHOOL)
    assert reading.problems == ()
    assert reading.timetable is not None
    return reading.timetable


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%Y-%m-%d %H.%M}")
def test_music_sounds_in_both_zones_at_once_and_the_school_dj_follows(now: dt.datetime, library: Library) -> None:
    text, demo = demo_timetable(SCHOOL, now, LEAD_S)
    timetable = read(text)
    programmes = compile_programmes(
        timetable, library, {}, AsRun(), from_date=demo.date, media="http://127.0.0.1:1/media", made_at=now
    )
    assert set(programmes) == set(ZONES)
    for programme in programmes.values():
        at_once = playhead(programme, None, None, now + dt.timedelta(seconds=1))
        assert at_once.music is not None
        assert at_once.music.slot == "drop-off"
        assert at_once.track is not None
        later = playhead(programme, None, None, demo.dj_at + dt.timedelta(seconds=1))
        assert later.music is not None
        assert later.music.slot == "break"
        assert later.track is not None
    assert 54 <= (demo.dj_at - now).total_seconds() <= 55
    today = compile_calendar(timetable, from_date=demo.date, made_at=now).days[0]
    assert [slot.slot for slot in today.slots if slot.dj_slot] == ["break", "lunch"]


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%Y-%m-%d %H.%M}")
def test_it_is_a_morning_of_an_open_day_there(now: dt.datetime) -> None:
    local = now.astimezone(ZoneInfo(morning_zone(now)))
    assert local.hour == 10
    text, demo = demo_timetable(SCHOOL, now, LEAD_S)
    assert demo.date == local.date()
    assert resolve(read(text), demo.date).day == "normal"


def test_every_tune_and_bell_of_the_demo_is_in_the_package() -> None:
    for folder in ("morning", "lively", "calm"):
        assert len(list((SCHOOL / "music" / folder).glob("*.ogg"))) >= 3, folder
    assert (SCHOOL / "bells" / "chime.ogg").exists()
    assert (SCHOOL / "roll.csv").exists()
