"""What plays where, and the foot that tells it."""

from __future__ import annotations

import datetime as dt

from rich.cells import cell_len

from kiosk.music_now import music_now
from kiosk.school import MusicNow, ZoneMusic
from kiosk.widgets.foot import music_line
from wire.programme import Calendar, CalendarDay, CalendarSlot, MusicSet, Programme, SetTrack
from wire.states import Playing, SpeakerState

NOW = dt.datetime(2026, 11, 23, 10, 31, tzinfo=dt.UTC)
TRACK = "a" * 64


def programme(zone: str, *, start_at: dt.datetime, dj: str | None) -> Programme:
    track = SetTrack(id=TRACK, title="Sunrise", artist="", duration_s=100, at_s=0)
    one = MusicSet(
        slot="break",
        date=start_at.date(),
        start_at=start_at,
        end_at=start_at + dt.timedelta(minutes=15),
        volume=70,
        dj=dj,
        tracks=(track,),
    )
    return Programme(
        revision="1",
        zone=zone,
        made_at=NOW,
        valid_until=NOW + dt.timedelta(days=5),
        media="http://127.0.0.1:1/media",
        sets=(one,),
    )


def speaker(zone: str, *, title: str = "Sunrise", online: bool = True, playing: bool = True) -> SpeakerState:
    now = Playing(set="2026-11-23/break", track=TRACK, title=title, position_s=1, at=NOW) if playing else None
    return SpeakerState(online=online, zone=zone, playing=now)


def test_only_what_a_speaker_plays_counts() -> None:
    programmes = {"playground": programme("playground", start_at=NOW - dt.timedelta(minutes=1), dj="Amira")}
    playing = music_now(programmes, {"east": speaker("playground", title="")}, None, NOW)
    assert playing.zones == (ZoneMusic("playground", "Sunrise", "Amira"),)
    for quiet in (speaker("playground", online=False), speaker("playground", playing=False)):
        assert music_now(programmes, {"east": quiet}, None, NOW).zones == ()


def test_two_speakers_of_a_zone_are_one_entry() -> None:
    speakers = {"east": speaker("playground"), "west": speaker("classrooms"), "far": speaker("playground")}
    assert [one.zone for one in music_now({}, speakers, None, NOW).zones] == ["playground", "classrooms"]


def test_the_next_dj_set_is_counted_down_from_programme_or_calendar() -> None:
    later = NOW + dt.timedelta(seconds=40)
    assert music_now({"p": programme("p", start_at=later, dj="Amira")}, {}, None, NOW).next_dj_s == 40
    assert music_now({"p": programme("p", start_at=later, dj=None)}, {}, None, NOW).next_dj_s is None
    slot = CalendarSlot(
        slot="lunch", start_at=later, end_at=later + dt.timedelta(hours=1), zones=("playground",), dj_slot=True
    )
    calendar = Calendar(
        made_at=NOW, timezone="Europe/London", days=(CalendarDay(date=NOW.date(), day="normal", slots=(slot,)),)
    )
    assert music_now({}, {}, calendar, NOW).next_dj_s == 40
    assert music_now({}, {}, calendar, later).next_dj_s is None


def test_the_line_tells_what_plays_where_and_fits() -> None:
    music = MusicNow((ZoneMusic("playground", "Sunrise", "Amira"), ZoneMusic("classrooms", "Rain", None)), 40.0)
    line = music_line(music, 120)
    assert line == "♪ Playground: Sunrise (DJ Amira) · ♪ Classrooms: Rain · 🎧 School DJ set in 40 s"
    long = MusicNow((ZoneMusic("playground", "x" * 300, None), ZoneMusic("classrooms", "[/]\x1b" * 30, None)), 40.0)
    assert "School DJ set in 40 s" in music_line(long, 76)
    assert "Classrooms" in music_line(long, 76)
    assert cell_len(music_line(long, 76)) <= 76
    same = MusicNow((ZoneMusic("playground", "Rain", None), ZoneMusic("classrooms", "Rain", None)))
    assert music_line(same, 76) == "♪ Playground + Classrooms: Rain"
    assert music_line(MusicNow(), 76) == "♪ Quiet just now"


def test_no_title_is_cut_while_there_is_room() -> None:
    music = MusicNow((ZoneMusic("playground", "Sunrise", None), ZoneMusic("classrooms", "Rain Song", None)), 40.0)
    assert music_line(music, 78) == "♪ Playground: Sunrise · ♪ Classrooms: Rain Song · 🎧 School DJ set in 40 s"


def test_the_school_dj_is_named_however_long_the_title_is() -> None:
    music = MusicNow(tuple(ZoneMusic(zone, "A Very Long Title " * 4, "Bramble") for zone in ("hall", "yard")), 600.0)
    line = music_line(music, 78)
    assert "…" in line
    assert "(DJ Bramble)" in line
    assert cell_len(line) <= 78
