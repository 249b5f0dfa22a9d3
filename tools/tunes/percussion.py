# ruff: noqa: ARG001 - all drums take the same arguments, whether they use them or not.
"""The drums and small percussion, and the beds of weather: sounds without a pitch of the tune."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from .sound import RATE, Samples, decay, fade_tail, moments, ramp_in, shape_spectrum

Drum: TypeAlias = Callable[[float, np.random.Generator], Samples]


def noise_burst(seconds: float, half_life_s: float, low_hz: float, high_hz: float, rng: np.random.Generator) -> Samples:
    """Shaped noise that falls away."""
    t = moments(seconds)
    noise = shape_spectrum(rng.standard_normal(t.size), low_hz, high_hz, 3)
    noise /= np.sqrt(np.mean(noise**2))
    return fade_tail(0.6 * noise * decay(t, half_life_s) * ramp_in(t, 0.002), 0.02)


def thump(seconds: float, from_hz: float, to_hz: float, half_life_s: float) -> Samples:
    """A drumhead: a sine that falls in pitch."""
    t = moments(seconds)
    phase = 2 * np.pi * np.cumsum(to_hz + (from_hz - to_hz) * decay(t, 0.02)) / RATE
    return fade_tail(np.sin(phase) * decay(t, half_life_s) * ramp_in(t, 0.003), 0.05)


def kick(velocity: float, rng: np.random.Generator) -> Samples:
    """A soft bass drum."""
    return velocity * 0.8 * thump(0.35, 120, 55, 0.06)


def surdo(velocity: float, rng: np.random.Generator) -> Samples:
    """The deep drum of a samba."""
    return velocity * 0.8 * thump(0.7, 95, 68, 0.14)


def stomp(velocity: float, rng: np.random.Generator) -> Samples:
    """A boot on a deck."""
    sound = 0.7 * thump(0.3, 150, 75, 0.04)
    knock = noise_burst(0.1, 0.015, 100, 700, rng)
    sound[: knock.size] += 0.8 * knock
    return velocity * sound


def snare(velocity: float, rng: np.random.Generator) -> Samples:
    """A small snare, never sharp."""
    sound = noise_burst(0.22, 0.035, 900, 6500, rng)
    head = 0.25 * thump(0.15, 260, 190, 0.03)
    sound[: head.size] += head
    return velocity * 0.8 * sound


def brush(velocity: float, rng: np.random.Generator) -> Samples:
    """A wire brush on a snare."""
    t = moments(0.2)
    return velocity * 0.5 * noise_burst(0.2, 0.05, 1500, 8000, rng) * ramp_in(t, 0.03)


def shaker(velocity: float, rng: np.random.Generator) -> Samples:
    """An egg of seeds."""
    t = moments(0.12)
    return velocity * 0.35 * noise_burst(0.12, 0.025, 4000, 10000, rng) * ramp_in(t, 0.018)


def hat(velocity: float, rng: np.random.Generator) -> Samples:
    """A closed cymbal pair, dark."""
    return velocity * 0.35 * noise_burst(0.09, 0.014, 5000, 11000, rng)


def ride(velocity: float, rng: np.random.Generator) -> Samples:
    """A ride cymbal touched with a brush."""
    return velocity * 0.22 * noise_burst(0.5, 0.1, 5000, 10000, rng)


def tambourine(velocity: float, rng: np.random.Generator) -> Samples:
    """Small jingles."""
    return velocity * 0.3 * noise_burst(0.25, 0.04, 5500, 11000, rng)


def clap(velocity: float, rng: np.random.Generator) -> Samples:
    """A few pairs of hands."""
    sound = np.zeros(int(0.3 * RATE))
    for delay_s in (0.0, 0.009, 0.017, 0.024):
        hand = noise_burst(0.16, 0.02, 700, 3500, rng)
        start = int(delay_s * RATE)
        sound[start : start + hand.size] += 0.4 * hand
    return velocity * sound


def woodblock(velocity: float, rng: np.random.Generator) -> Samples:
    """A hollow block."""
    t = moments(0.18)
    knock = np.sin(2 * np.pi * 870 * t) * decay(t, 0.018) + 0.5 * np.sin(2 * np.pi * 1310 * t) * decay(t, 0.012)
    return velocity * 0.4 * fade_tail(knock * ramp_in(t, 0.0015), 0.04)


def agogo(velocity: float, rng: np.random.Generator) -> Samples:
    """A small bell pair's upper bell."""
    t = moments(0.4)
    bell = np.sin(2 * np.pi * 988 * t) * decay(t, 0.05) + 0.4 * np.sin(2 * np.pi * 2482 * t) * decay(t, 0.03)
    return velocity * 0.25 * fade_tail(bell * ramp_in(t, 0.002), 0.1)


def triangle(velocity: float, rng: np.random.Generator) -> Samples:
    """A triangle struck once."""
    t = moments(1.4)
    total = np.zeros_like(t)
    for hz, level in ((3520, 0.5), (5390, 0.3), (7810, 0.16)):
        total += level * np.sin(2 * np.pi * hz * t) * decay(t, 0.22)
    return velocity * 0.22 * fade_tail(total * ramp_in(t, 0.002), 0.3)


DRUMS: dict[str, Drum] = {
    f.__name__: f
    for f in (
        kick, surdo, stomp, snare, brush, shaker, hat, ride, tambourine, clap, woodblock, agogo, triangle,
    )
}  # fmt: skip


def rain(seconds: float, rng: np.random.Generator) -> Samples:
    """Steady rain in two channels: a soft hiss that breathes, and drops on glass."""
    t = moments(seconds)
    bed = shape_spectrum(rng.standard_normal((2, t.size)), 700, 4200, 1)
    bed *= 0.02 * (1 + 0.25 * np.sin(2 * np.pi * t / 9.7))
    for _ in range(int(seconds * 9)):
        start = int(rng.uniform(0, seconds - 0.2) * RATE)
        hz, level, pan = rng.uniform(900, 2600), 0.05 * rng.uniform(0.1, 1.0) ** 2, rng.uniform(0.1, 0.9)
        d = moments(0.06)
        drop = level * np.sin(2 * np.pi * hz * d * (1 + 1.5 * d)) * decay(d, 0.008) * ramp_in(d, 0.002)
        drop = fade_tail(drop, 0.02)
        bed[0, start : start + drop.size] += drop * np.sqrt(1 - pan)
        bed[1, start : start + drop.size] += drop * np.sqrt(pan)
    return np.asarray(bed * ramp_in(t, 1.5) * ramp_in(t[-1] - t, 2.5))


def sea(seconds: float, rng: np.random.Generator) -> Samples:
    """Small waves on a harbour wall, in two channels."""
    t = moments(seconds)
    bed = shape_spectrum(rng.standard_normal((2, t.size)), 250, 1300, 1)
    swell = np.stack([0.5 - 0.5 * np.cos(2 * np.pi * t / 5.3 + shift) for shift in (0.0, 0.7)])
    return np.asarray(0.022 * bed * swell**2 * ramp_in(t, 1.0) * ramp_in(t[-1] - t, 2.0))


BEDS: dict[str, Callable[[float, np.random.Generator], Samples]] = {"rain": rain, "sea": sea}
