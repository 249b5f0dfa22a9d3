"""Two cards that drift apart: what a card takes, how that is laid on true time, and the table of it."""

from __future__ import annotations

import os

import numpy as np
import pytest

from bench.drift import Drifted, drift_table, jumps
from bench.meter import Heard, Look, Span, late_ms
from bench.skew import OURS, SNAPCAST
from tests.cards import Card
from tests.sound import Mono, music

BEGUN_S = 1_700_000_000.0
TRACK = music(5, 6.0)


def heard(rooms_ms: list[tuple[float, float]], missed: int = 0) -> Heard:
    looks = tuple(Look(float(place), east, west) for place, (east, west) in enumerate(rooms_ms))
    return Heard(Span(np.zeros(1, dtype=np.float32), 0.0, 0.0, 1.0), looks, missed)


def stereo(sound: Mono) -> bytes:
    return np.repeat((sound * 32_767).astype("<i2")[:, None], 2, axis=1).tobytes()


@pytest.mark.parametrize("ppm", [-250.0, 0.0, 250.0])
def test_sound_that_follows_no_crystal_drifts_by_that_of_the_card(ppm: float) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    card = Card(reading, ppm, BEGUN_S)
    card.begin()
    left = memoryview(stereo(TRACK))
    for step in range(1, 501):
        # A card takes 1,764 bytes in each step; the pipe has room for what is ahead of it.
        left = left[os.write(writing, left[: 3_600 if step < 4 else 1_764 + step % 2 * 4]) :]
        card.take(BEGUN_S + step * 0.01)
    os.close(writing)
    os.close(reading)
    take = card.end()
    assert take.dry_frames == 0
    assert len(take.frames) == int(5.0 * card.rate) * 4
    for at_s in (1.0, 4.0):
        late = late_ms(take.on_true_time(), TRACK, BEGUN_S, BEGUN_S + at_s)
        assert late == pytest.approx(-ppm * 1e-3 * at_s, abs=0.05)


def test_a_card_that_gets_no_sound_is_silent_and_goes_on() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    card = Card(reading, 0.0, BEGUN_S)
    card.begin()
    card.take(BEGUN_S + 0.01001)
    os.write(writing, b"\1\0\1\0" * 1_000)
    card.take(BEGUN_S + 0.02002)
    os.close(writing)
    os.close(reading)
    take = card.end()
    assert take.frames == bytes(441 * 4) + b"\1\0\1\0" * 441
    assert take.dry_frames == 441


def test_a_jump_is_counted_and_drift_is_not() -> None:
    assert jumps(heard([(0.0, 0.0), (0.1, -0.1), (0.2, 12.0), (0.3, 11.9)])) == 1
    assert jumps(heard([(0.0, 0.0)])) == 0


def test_each_stretch_is_told_beside_the_same_one_of_snapcast() -> None:
    ours = Drifted(OURS, (heard([(0.0, 0.4)]),), (heard([(0.1, 0.2)]),), (heard([], missed=2),), timed=True)
    peer = Drifted(SNAPCAST, (), (heard([(700.0, 700.2)]),), (heard([(0.0, 0.1)]),), timed=False)
    rows = drift_table([ours, peer], 499.6).rows
    assert rows[0] == ("ours, first seconds", "1", "0.40", "0.40", "0.40", "-", "0.20", "0.38", "0", "0")
    assert rows[1] == ("Snapcast, first seconds", "0", *["-"] * 7, "0")
    assert rows[2] == ("ours, steady", "1", "0.10", "0.10", "0.10", "0.50 x", "0.15", "0.20", "0", "0")
    assert rows[3] == ("Snapcast, steady", "1", "0.20", "0.20", "0.20", "-", "-", "-", "0", "0")
    assert rows[4] == ("ours, starts", "0", *["-"] * 7, "2")
