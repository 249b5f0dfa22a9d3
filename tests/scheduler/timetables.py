"""An invented school for the pure parts: a timetable in text, and a library of tracks that need no files."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

from scheduler.reading import parse_timetable
from scheduler.timetable import Timetable
from scheduler.tracks import Library, LibraryTrack
from wire.programme import Turn

SCHEDULE = """\
school: {name: Bramble Primary, site: bramble, timezone: Europe/London}
zones:
  playground: {volume: 70, limit: 85}
  classrooms: {volume: 40, limit: 60}
playlists:
  morning: {folder: music/morning}
  calm: {tracks: [music/calm/rain.ogg, music/calm/moon.ogg]}
  radio: {stream: "http://radio.local:8000/school.mp3", fallback: calm}
days:
  normal:
    - {slot: drop-off, from: 08:35, to: 08:55, zones: [playground], playlist: morning, fade_in: 3, fade_out: 8}
    - {slot: break, from: 10:30, to: 10:45, zones: [playground], playlist: morning, dj: true}
    - {slot: lunch, from: 12:00, to: 13:00, zones: [playground, classrooms], playlist: morning, dj: true}
    - {slot: pick-up, from: 15:10, to: 15:30, zones: [playground], playlist: calm}
    - {bell: end-of-break, at: 10:45, zones: [playground], sound: bells/chime.ogg}
  wet:
    like: normal
    change: {break: {zones: [classrooms], volume: 35}}
  early-finish:
    like: normal
    change: {pick-up: {from: 13:10, to: 13:30}}
week: {monday: normal, tuesday: normal, wednesday: normal, thursday: normal, friday: normal}
terms:
  - {name: Summer 2026, from: 2026-04-13, to: 2026-07-21, half_term: [2026-05-25, 2026-05-29]}
  - {name: Autumn 2026, from: 2026-09-02, to: 2026-12-18, half_term: [2026-10-26, 2026-10-30]}
closed: [{date: 2026-11-27, why: INSET}]
bank_holidays: england
dates: {2026-12-18: early-finish}
"""

MADE_AT = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 11, 23)
MEDIA = "http://10.0.0.5:8484/media"


def timetable(text: str = SCHEDULE) -> Timetable:
    """The timetable of a text that must be right."""
    reading = parse_timetable(text.encode(), file="schedule.yaml", folder=Path("config"))
    assert reading.timetable is not None, "\n".join(map(str, reading.problems))
    return reading.timetable


def problems(text: str) -> list[str]:
    """What is wrong with a text, without the file's name."""
    reading = parse_timetable(text.encode(), file="schedule.yaml", folder=Path("config"))
    assert (reading.timetable is None) == bool(reading.problems)
    return [str(problem).removeprefix("schedule.yaml:") for problem in reading.problems]


def track(
    name: str, artist: str = "", *, duration_s: float = 120.0, folder: str = "music/morning", approved: bool = True
) -> LibraryTrack:
    """A track of the library; its content is its name."""
    path = f"{folder}/{name}.ogg"
    return LibraryTrack(
        id=hashlib.sha256(path.encode()).hexdigest(),
        path=path,
        title=name.title(),
        artist=artist,
        duration_s=duration_s,
        approved=approved,
    )


MORNING = tuple(track(f"tune-{i:02}", f"Band {i % 5}", duration_s=100.0 + 7 * i) for i in range(50))
CALM = (track("rain", "Weather", folder="music/calm", duration_s=700), track("moon", "Sky", folder="music/calm"))
CHIME = track("chime", folder="bells", duration_s=2.0, approved=False)
LIBRARY = Library.of([*MORNING, *CALM, CHIME])


def turn(
    slot: str, *picks: LibraryTrack, date: dt.date = MONDAY, dj: str | None = "Bramble", at: dt.datetime = MADE_AT
) -> dict[tuple[dt.date, str], Turn]:
    """One pupil's turn, as the planner takes it."""
    made = Turn(date=date, slot=slot, pupil="p-1", dj=dj, picks=tuple(pick.id for pick in picks), at=at)
    return {(date, slot): made}
