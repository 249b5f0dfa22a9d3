"""The meter on recordings that are made here, so that what it must find is known."""

from __future__ import annotations

import numpy as np
import pytest

from bench.meter import Rooms, Span, first_sound_s, hear, last_sound_s
from tests.sound import RATE, Mono, Recording, music

TRACK = music(5, 8.0)
START_S = 1_700_000_000.0
SECOND_0_S = START_S + 2.0
SPAN = Span(TRACK, SECOND_0_S, 0.25, 4.0)


def recording_of(late_ms: float, track: Mono = TRACK) -> Recording:
    """A room that sounds the track late, by parts of a sample too."""
    places = np.arange(8 * RATE) / RATE - (SECOND_0_S - START_S) - late_ms / 1e3
    sound = np.interp(places * RATE, np.arange(len(track)), track, left=0.0, right=0.0)
    return Recording(START_S, sound.astype(np.float32))


def rooms_of(east_ms: float, west_ms: float) -> Rooms:
    return Rooms(recording_of(east_ms), recording_of(west_ms), (20.0, 23.0))


@pytest.mark.parametrize(("east_ms", "west_ms"), [(0.0, 0.3), (0.3, 0.0), (-0.3, 0.0), (-40.0, 35.0)])
def test_the_meter_finds_a_known_shift(east_ms: float, west_ms: float) -> None:
    heard = hear(rooms_of(east_ms, west_ms), SPAN)
    assert heard.missed == 0
    assert len(heard.looks) == 15
    for look in heard.looks:
        assert look.skew_ms == pytest.approx(west_ms - east_ms, abs=0.01)
        assert look.east_ms == pytest.approx(east_ms, abs=0.01)


def test_rooms_that_are_far_off_together_are_found_once_they_sound() -> None:
    heard = hear(rooms_of(600.0, 600.3), SPAN)
    assert (len(heard.looks), heard.missed) == (14, 1)
    for look in heard.looks:
        assert look.east_ms == pytest.approx(600.0, abs=0.01)
        assert look.skew_ms == pytest.approx(0.3, abs=0.01)


def test_a_recording_that_begins_between_two_samples_is_read_as_exactly() -> None:
    rooms = rooms_of(0.0, 0.3)
    later = Recording(START_S + 0.0001, rooms.west.sound)
    heard = hear(Rooms(rooms.east, later, rooms.blocks_ms), SPAN)
    assert np.median([look.skew_ms for look in heard.looks]) == pytest.approx(0.4, abs=0.01)


def test_a_room_that_is_silent_or_sounds_something_else_is_missed() -> None:
    silent = Recording(START_S, np.zeros(8 * RATE, dtype=np.float32))
    other = recording_of(0.0, music(6, 8.0))
    for west in (silent, other):
        heard = hear(Rooms(recording_of(0.0), west, (20.0, 23.0)), SPAN)
        assert (len(heard.looks), heard.missed) == (0, 15)


def test_first_and_last_sound_are_found_in_their_stretch() -> None:
    recording = recording_of(0.0)
    recording.sound[5 * RATE :] = 0.0
    first_s = first_sound_s(recording, START_S, 5.0)
    last_s = last_sound_s(recording, START_S + 4.5, 2.0)
    assert first_s == pytest.approx(SECOND_0_S, abs=0.002)
    assert last_s == pytest.approx(START_S + 5.0, abs=0.002)
    assert first_sound_s(recording, START_S + 5.1, 2.0) is None
    assert last_sound_s(recording, START_S + 5.1, 2.0) is None
