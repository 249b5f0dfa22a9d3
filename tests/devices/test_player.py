"""Frames at their instants: start, late join, drift, underrun and a jump, on a simulated device."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from devices.mixer import Mixer
from devices.pcm import RATE, Pcm
from devices.plan import Label, Plan, Voice, frame_at
from devices.player import JUMP_S, Player

START_S = 1_795_435_200.0
BLOCK = 882
COUNTING = Pcm(Path("counting.pcm"), np.repeat((np.arange(RATE * 90) % 30_000).astype(np.int16)[:, None], 2, axis=1))
"""Each frame holds its number modulo 30,000, so that what sounds tells its own place."""


@dataclasses.dataclass
class Device:
    """A sound card whose crystal is off and whose readings of its latency jump about."""

    player: Player
    ppm: float = 0.0
    noise_s: float = 0.0
    now_s: float = START_S - 3.0
    sounded: list[tuple[float, NDArray[np.int16] | None]] = dataclasses.field(default_factory=list)

    def run(self, duration_s: float, noise: Callable[[], float]) -> None:
        """Take blocks for a while; the true instant of each is kept."""
        block_s = BLOCK / (RATE * (1 + self.ppm * 1e-6))
        for _ in range(round(duration_s / block_s)):
            self.sounded.append((self.now_s, self.player.block(BLOCK, self.now_s + noise() * self.noise_s)))
            self.now_s += block_s

    def errors_ms(self, after_s: float) -> list[float]:
        """How late each block that sounded after an instant was, by the numbers in its frames."""
        errors: list[float] = []
        for at_s, frames in self.sounded:
            if frames is not None and at_s > after_s and frames[0, 0] > 2_000 and frames[0, 0] < 25_000:
                late = (at_s - START_S) * RATE - float(frames[0, 0]) * 32_768 / 32_767
                errors.append(((late + 15_000) % 30_000 - 15_000) / RATE * 1e3)
        return errors


def device(**more: float) -> Device:
    """A device that plays the counting track from START_S on, whose random numbers are always the same."""
    mixer = Mixer()
    first = frame_at(START_S)
    label = Label("2026-11-23/lunch", "a" * 64, "Counting")
    mixer.play(Plan((Voice(label, COUNTING, first, first, first + COUNTING.length, 1.0),)), fade_s=1 / RATE)
    made = Device(Player(mixer))
    for name, value in more.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def noise() -> Callable[[], float]:
    """Readings come early by chance, as those of a thread that was woken late do."""
    random = np.random.default_rng(3)
    return lambda: -abs(float(random.normal()))


def test_the_first_frame_sounds_at_its_instant(noise: Callable[[], float]) -> None:
    card = device()
    card.run(6.0, noise)
    assert all(frames is None or not frames.any() for at_s, frames in card.sounded if at_s < START_S - 0.02)
    assert max(abs(error) for error in card.errors_ms(START_S)) < 0.05
    assert card.player.start_error_ms == pytest.approx(0.0, abs=0.05)


def test_readings_that_jump_about_move_nothing(noise: Callable[[], float]) -> None:
    card = device(noise_s=0.002)
    card.run(20.0, noise)
    assert max(abs(error) for error in card.errors_ms(START_S + 1.0)) < 1.0
    assert card.player.jumps == 0


@pytest.mark.parametrize(("ppm", "within_ms"), [(-500.0, 1.5), (500.0, 1.5), (50.0, 0.3)])
def test_a_crystal_that_drifts_is_held(ppm: float, within_ms: float, noise: Callable[[], float]) -> None:
    card = device(ppm=ppm, noise_s=0.0005)
    card.run(60.0, noise)
    assert max(abs(error) for error in card.errors_ms(START_S + 2.0)) < within_ms
    assert card.player.jumps == 0


def test_a_late_join_is_in_its_place(noise: Callable[[], float]) -> None:
    card = device(now_s=START_S + 14.0)
    card.run(3.0, noise)
    errors = card.errors_ms(START_S)
    assert errors
    assert max(abs(error) for error in errors) < 0.05


def test_an_underrun_is_caught_up_by_one_jump(noise: Callable[[], float]) -> None:
    card = device()
    card.run(8.0, noise)
    card.now_s += 0.1
    card.player.underrun()
    card.run(4.0, noise)
    assert card.player.jumps == 1
    assert max(abs(error) for error in card.errors_ms(START_S + 7.0)) < 0.1


def test_a_jump_of_the_school_clock_is_followed_without_a_click(noise: Callable[[], float]) -> None:
    card = device()
    card.run(8.0, noise)
    before = len(card.sounded)
    card.now_s += JUMP_S * 2
    card.run(4.0, noise)
    assert card.player.jumps == 1
    jumped = [frames for _, frames in card.sounded[before - 1 :] if frames is not None]
    whole = np.concatenate(jumped)[:, 0].astype(np.int64)
    steps = np.abs(np.diff(whole))
    # The counting track falls back to 0 by itself every 30,000 frames; elsewhere it must rise smoothly.
    assert np.percentile(steps, 99) <= 12


def test_a_delay_makes_everything_sound_later() -> None:
    mixer = Mixer()
    first = frame_at(START_S)
    label = Label("2026-11-23/lunch", "a" * 64, "Counting")
    mixer.play(Plan((Voice(label, COUNTING, first, first, first + COUNTING.length, 1.0),)), fade_s=1 / RATE)
    card = Device(Player(mixer, delay_s=0.25))
    card.run(6.0, lambda: 0.0)
    assert card.errors_ms(START_S + 1.0)
    assert all(error == pytest.approx(250.0, abs=0.05) for error in card.errors_ms(START_S + 1.0))


def test_what_sounds_is_told_with_its_position() -> None:
    card = device()
    card.run(5.0, lambda: 0.0)
    sounding = card.player.sounding
    assert sounding is not None
    assert sounding.label.title == "Counting"
    assert sounding.position_at(START_S + 2.5) == pytest.approx(2.5, abs=0.001)
    card.run(90.0, lambda: 0.0)
    assert card.player.sounding is None


@pytest.mark.parametrize("step_s", [-0.4, 0.4])
def test_a_clock_that_is_put_right_is_followed_in_the_next_block(step_s: float, noise: Callable[[], float]) -> None:
    card = device(noise_s=0.0002)
    card.run(14.0, noise)
    frames = card.player.block(BLOCK, card.now_s, step_s)
    assert frames is not None
    assert card.player.jumps == 1
    due = round((card.now_s + step_s - START_S) * RATE) % 30_000
    assert abs(int(frames[-1, 0]) - (due + BLOCK) % 30_000) < 60
