"""Half a minute of a stream, written by one and read by another."""

from __future__ import annotations

import numpy as np

from devices.live_voice import CROSS_FRAMES, LiveSound
from devices.pcm import RATE
from devices.stream_ring import EDGE_FRAMES, RING_FRAMES, Ring

ONES = np.full((RATE, 2), 16_384, dtype=np.int16)


def ring_with(seconds: int) -> Ring:
    ring = Ring()
    for _ in range(seconds):
        ring.write(ONES)
    return ring


def test_what_one_mapping_writes_the_other_reads() -> None:
    ring = Ring()
    other = Ring(ring.descriptor)
    other.write(np.arange(20_000, dtype=np.int16).reshape(-1, 2))
    assert ring.written == 10_000
    assert np.array_equal(ring.read(100, 110)[:, 0] * 32_768, np.arange(200, 220, 2))
    ring.close_descriptor()


def test_what_is_gone_or_not_here_yet_is_silence_and_breaks_off_without_a_click() -> None:
    ring = ring_with(40)
    assert not ring.read(0, RATE).any()
    assert not ring.read(40 * RATE, 41 * RATE).any()
    assert not ring.read(-500, -100).any()
    end = ring.read(40 * RATE - 2 * EDGE_FRAMES, 40 * RATE + 100)[:, 0]
    assert end[0] == 0.5
    assert np.abs(np.diff(end)).max() < 0.001
    oldest = 40 * RATE - RING_FRAMES
    assert ring.read(oldest, oldest + 10).all()


def test_it_goes_round_without_a_seam() -> None:
    ring = Ring()
    saw = (np.arange(70 * RATE) % 20_011).astype(np.int16)[:, None].repeat(2, axis=1)
    for first in range(0, len(saw), 7_919):
        ring.write(saw[first : first + 7_919])
    first = 60 * RATE - 5
    assert np.array_equal(ring.read(first, first + RATE) * 32_768, saw[first : first + RATE])


def test_a_new_place_is_taken_under_a_short_crossfade() -> None:
    ring = Ring()
    ring.write(ONES.repeat(5, axis=0))
    ring.write(-ONES.repeat(5, axis=0))
    sound = LiveSound(ring)
    assert len(sound.part(0, 100)) == 0
    sound.place(1_000_000, 1_000_000 - RATE)
    assert sound.ahead_s(1_000_000) == 9.0
    sound.place(1_020_000, 1_020_000 - 7 * RATE)
    heard = np.concatenate([sound.part(first, first + 882) for first in range(1_010_000, 1_030_000, 882)])[:, 0]
    assert heard[0] == 0.5
    assert heard[-1] == -0.5
    assert np.abs(np.diff(heard)).max() < 1.1 / CROSS_FRAMES
    assert sound.ahead_s(1_020_000) == 3.0
