"""What is decoded and fetched next."""

from __future__ import annotations

import datetime as dt

from devices.due import MOST_AHEAD, all_tracks, fetch_order, tracks_to_decode
from tests.devices.conftest import NOON, programme_of
from wire.programme import Bell, MusicSet, Programme, SetTrack, Track


def zone(name: str, letters: str, start_at: dt.datetime, media: str = "http://127.0.0.1:9/a") -> Programme:
    """A set of one-minute tracks, named by letters, and a bell f at its end."""
    tracks = tuple(
        SetTrack(id=letter * 64, title=letter, duration_s=60.0, at_s=60.0 * number)
        for number, letter in enumerate(letters)
    )
    ends_at = start_at + dt.timedelta(seconds=60 * len(letters))
    music = MusicSet(slot="lunch", date=start_at.date(), start_at=start_at, end_at=ends_at, volume=70, tracks=tracks)
    bell = Bell(bell="end", at=ends_at, track=Track(id="f" * 64, title="f", duration_s=2.0))
    return programme_of(music, zone=name, media=media, bells=(bell,))


def initials(ids: list[str]) -> str:
    return "".join(one[0] for one in ids)


def decoded(programme: Programme | None, seconds: float) -> str:
    return initials([one.id for one in tracks_to_decode(programme, NOON.timestamp() + seconds)])


def test_what_sounds_now_is_decoded_first_then_what_is_next() -> None:
    programme = zone("playground", "abc", NOON)
    assert decoded(programme, 30) == "abcf"
    assert decoded(programme, 70) == "bcf"
    assert decoded(programme, 181) == "f"
    assert decoded(programme, 300) == ""
    assert decoded(None, 0) == ""


def test_a_set_is_decoded_ten_minutes_ahead_and_a_few_tracks_at_a_time() -> None:
    assert decoded(zone("playground", "abc", NOON), -700) == ""
    assert decoded(zone("playground", "abc", NOON), -599) == "a"
    assert len(decoded(zone("playground", "abcde0123", NOON), 0)) == MOST_AHEAD


def test_the_own_zone_is_fetched_first_then_the_others_each_track_once() -> None:
    own = zone("playground", "ab", NOON + dt.timedelta(hours=2))
    other = zone("classrooms", "bcd", NOON, "http://127.0.0.1:9/b")
    sources = fetch_order(own, [other], NOON.timestamp())
    assert initials([one.track for one in sources]) == "abfcd"
    assert [one.media[-1] for one in sources] == ["a", "a", "a", "b", "b"]
    assert initials(sorted(all_tracks([own, other]))) == "abcdf"


def test_all_of_today_goes_before_the_own_days_to_come() -> None:
    today, tomorrow = zone("playground", "ab", NOON), zone("playground", "cd", NOON + dt.timedelta(hours=30))
    own = programme_of(*today.sets, *tomorrow.sets, media="http://127.0.0.1:9/a")
    other = zone("classrooms", "e", NOON + dt.timedelta(hours=3))
    sources = fetch_order(own, [other], NOON.timestamp())
    assert initials([one.track for one in sources]) == "abefcd"
    assert "".join("u" if one.urgent else "-" for one in sources) == "uuuu--"
    assert sources[0].most_bytes < 300_000_000


def test_what_is_over_is_not_fetched_any_more() -> None:
    sources = fetch_order(zone("playground", "ab", NOON), [], NOON.timestamp() + 90)
    assert initials([one.track for one in sources]) == "bf"
