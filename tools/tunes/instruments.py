# ruff: noqa: ARG001 - all instruments take the same arguments, whether they use them or not.
"""The pitched instruments: each a function from frequency, length, velocity and a source of chance to sound.

Struck and plucked instruments ring as long as they like; blown and bowed ones last the note. Levels are about equal.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from .sound import RATE, Samples, decay, fade_tail, hold, moments, ramp_in, shape_spectrum

Instrument: TypeAlias = Callable[[float, float, float, np.random.Generator], Samples]


def struck(
    hz: float, seconds: float, partials: tuple[tuple[float, float, float], ...], attack_s: float = 0.002
) -> Samples:
    """Decaying sines: partials as (multiple of the frequency, level, half-life in seconds)."""
    t = moments(seconds)
    total = np.zeros_like(t)
    for multiple, level, half_life_s in partials:
        if hz * multiple < 15000:
            total += level * np.sin(2 * np.pi * hz * multiple * t) * decay(t, half_life_s)
    return fade_tail(total * ramp_in(t, attack_s), 0.08)


def kalimba(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A thumb piano: a round fundamental, two high tines, the touch of the thumb."""
    body = struck(
        hz, 1.8, ((1, 0.85, 0.26), (2, 0.08, 0.2), (5.42, 0.12 * velocity, 0.05), (6.27, 0.06 * velocity, 0.035)), 0.003
    )
    thumb = shape_spectrum(rng.standard_normal(int(0.03 * RATE)), 300, 1800) * 0.09 * velocity
    body[: thumb.size] += fade_tail(thumb, 0.025)
    return body * velocity


def music_box(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A comb of steel: clear, long, with a bell's upper partials."""
    return velocity * struck(
        hz, 2.6, ((1, 0.6, 0.42), (2, 0.2, 0.3), (3.01, 0.12, 0.16), (5.43, 0.1 * velocity, 0.06), (8.9, 0.03, 0.03))
    )


def glockenspiel(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Small steel bars, bright and long."""
    return velocity * struck(
        hz, 2.0, ((1, 0.6, 0.3), (2.76, 0.2 * velocity, 0.12), (5.4, 0.08 * velocity, 0.05)), 0.002
    )


def marimba(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Rosewood bars: the fundamental, the double octave of the arch, a dry knock."""
    length_s = 0.16 * (440 / hz) ** 0.5
    return velocity * struck(
        hz, 1.3, ((1, 0.9, length_s), (3.98, 0.22 * velocity, length_s * 0.3), (9.6, 0.08 * velocity, 0.018)), 0.0025
    )


def vibraphone(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Metal bars over turning fans, damped soon after the note."""
    bar = struck(hz, min(2.8, seconds + 0.9), ((1, 0.75, 0.7), (4, 0.14 * velocity, 0.25), (10, 0.03 * velocity, 0.05)))
    t = np.arange(bar.size) / RATE
    return velocity * fade_tail(bar * (1 - 0.16 * (0.5 - 0.5 * np.cos(2 * np.pi * 4.6 * t))), 0.4)


def soft_piano(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A felt piano: two strings a hair apart, stiff partials, harder strokes brighter."""
    length_s = min(3.2, seconds + 0.7)
    t = moments(length_s)
    total = np.zeros_like(t)
    softness = 2.4 - 0.9 * velocity
    half_life_s = 0.75 * (260 / hz) ** 0.55
    for n in range(1, 13):
        partial_hz = hz * n * np.sqrt(1 + 0.00035 * n * n)
        if partial_hz > 9000:
            break
        level = n**-softness * (1.0 if n > 1 else 0.9)
        fall = 0.65 * decay(t, half_life_s / n**0.8 * 0.6) + 0.35 * decay(t, half_life_s * 2.2 / n**0.6)
        for cents in (-0.9, 0.9):
            total += (
                0.33 * level * fall * np.sin(2 * np.pi * partial_hz * 2 ** (cents / 1200) * t + rng.uniform(0, 0.6))
            )
    felt = shape_spectrum(rng.standard_normal(int(0.04 * RATE)), 120, 900) * 0.05 * velocity
    total[: felt.size] += fade_tail(felt, 0.035)
    return velocity * fade_tail(total * ramp_in(t, 0.004), min(0.45, length_s / 2))


def electric_piano(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A tine piano by frequency modulation: the stroke is bright and mellows at once."""
    length_s = min(3.0, seconds + 0.5)
    t = moments(length_s)
    index = 1.1 * velocity * decay(t, 0.25) + 0.15
    tine = 0.12 * velocity * np.sin(2 * np.pi * hz * 7.02 * t) * decay(t, 0.04) if hz * 7 < 12000 else 0.0
    body = np.sin(2 * np.pi * hz * t + index * np.sin(2 * np.pi * hz * t)) * decay(t, 0.75 * (260 / hz) ** 0.4)
    sway = 1 - 0.1 * np.sin(2 * np.pi * 3.7 * t)
    return velocity * 0.62 * fade_tail((body + tine) * sway * ramp_in(t, 0.004), min(0.3, length_s / 2))


def pluck(hz: float, seconds: float, brightness_hz: float, damping: float, rng: np.random.Generator) -> Samples:
    """A string by Karplus and Strong, row by row of one period, then drawn to the exact pitch."""
    oversampled = 2 * RATE
    period = max(8, round(oversampled / hz))
    spectrum = np.fft.rfft(rng.standard_normal(period))
    harmonic = np.arange(spectrum.size)
    spectrum *= 1 / np.sqrt(1 + (harmonic * hz / brightness_hz) ** 4)
    # Plucked a fifth along the string: its fifth harmonics are missing.
    spectrum *= np.abs(np.sin(np.pi * harmonic * 0.21)) + 0.02
    spectrum[0] = 0
    row = np.fft.irfft(spectrum, period)
    row /= np.max(np.abs(row))
    rows = [row]
    loss = 2 ** (-1 / (hz * 0.9))
    for _ in range(int(seconds * hz) + 2):
        row = loss * ((1 - damping) * row + damping * np.roll(row, 1))
        rows.append(row)
    string = np.concatenate(rows)
    # Rolling delays each row by `damping` samples against the one before: that is part of the period.
    step = hz * (period + damping) / oversampled * 2
    places = np.arange(int(seconds * RATE)) * step
    return np.asarray(np.interp(places[places < string.size - 1], np.arange(string.size), string), dtype=np.float64)


def guitar(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A nylon-string guitar."""
    string = shape_spectrum(pluck(hz, 2.2, 700 + 1500 * velocity, 0.35, rng), 70, 6000)
    t = np.arange(string.size) / RATE
    return velocity * 0.75 * fade_tail(string * ramp_in(t, 0.002), 0.3)


def ukulele(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A small guitar, dry and bright."""
    string = shape_spectrum(pluck(hz, 0.9, 1200 + 2200 * velocity, 0.45, rng), 180, 8000)
    t = np.arange(string.size) / RATE
    return velocity * 0.75 * fade_tail(string * decay(t, 0.22) * ramp_in(t, 0.002), 0.25)


def blown(
    hz: float, seconds: float, harmonics: tuple[float, ...], attack_s: float, vibrato: float, rng: np.random.Generator
) -> Samples:
    """A steady tone with harmonics, a late vibrato and a slightly low start."""
    release_s = 0.09
    t = moments(seconds + release_s)
    late = ramp_in(t - 0.18, 0.35)
    bend = vibrato * late * np.sin(2 * np.pi * (5.1 + rng.uniform(-0.2, 0.2)) * t) - 0.006 * decay(t, 0.02)
    phase = 2 * np.pi * np.cumsum(hz * (1 + bend)) / RATE
    total = np.zeros_like(t)
    for n, level in enumerate(harmonics, start=1):
        if hz * n < 12000:
            total += level * np.sin(n * phase)
    return total * hold(t, attack_s, seconds, release_s) * (1 - 0.12 * decay(t, 0.3))


def flute(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A wooden flute with a little breath."""
    tone = blown(hz, seconds, (0.6, 0.2 * velocity, 0.09 * velocity, 0.03), 0.06, 0.0035, rng)
    t = np.arange(tone.size) / RATE
    breath = shape_spectrum(rng.standard_normal(tone.size), hz * 0.9, hz * 2.5) * hold(t, 0.03, seconds, 0.09)
    return velocity * (tone + 0.012 * breath)


def whistle(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A tin whistle, quick to speak."""
    tone = blown(hz, seconds, (0.55, 0.12, 0.1 * velocity, 0.02), 0.018, 0.002, rng)
    t = np.arange(tone.size) / RATE
    chiff = shape_spectrum(rng.standard_normal(tone.size), hz, hz * 3) * decay(t, 0.02) * ramp_in(t, 0.01)
    return velocity * (tone + 0.03 * chiff * ramp_in(t[-1] - t, 0.01))


def clarinet(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A clarinet: odd harmonics first."""
    harmonics = (0.55, 0.03, 0.24 * velocity, 0.03, 0.11 * velocity, 0.02, 0.04 * velocity)
    return velocity * blown(hz, seconds, harmonics, 0.03, 0.002, rng)


def concertina(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """Free reeds in pairs that beat gently."""
    harmonics = tuple(0.3 * n**-1.25 for n in range(1, 11))
    low = blown(hz * 2 ** (-3 / 1200), seconds, harmonics, 0.035, 0.0, rng)
    high = blown(hz * 2 ** (3 / 1200), seconds, harmonics, 0.04, 0.0, rng)
    return velocity * shape_spectrum(low + 0.8 * high, 120, 3200)


def strings(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A small string section playing softly, slow to start and to stop."""
    release_s = 0.7
    t = moments(seconds + release_s)
    total = np.zeros_like(t)
    for cents in (-7.0, 0.5, 6.0):
        wander = 0.0012 * np.sin(2 * np.pi * rng.uniform(4.4, 5.6) * t + rng.uniform(0, 6))
        phase = 2 * np.pi * np.cumsum(hz * 2 ** (cents / 1200) * (1 + wander)) / RATE + rng.uniform(0, 6)
        for n in range(1, 9):
            if hz * n < 7000:
                total += 0.16 * n**-1.5 * np.sin(n * phase)
    return velocity * total * hold(t, min(0.35, seconds / 2), seconds, release_s)


def soft_bass(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A plucked double bass, rounded so that small loudspeakers still carry its second harmonic."""
    length_s = min(1.6, seconds + 0.15)
    t = moments(length_s)
    total = np.zeros_like(t)
    for n, level in enumerate((0.7, 0.42, 0.2, 0.08, 0.04), start=1):
        total += level * np.sin(2 * np.pi * hz * n * t) * decay(t, 0.5 / n**0.7)
    return velocity * fade_tail(total * ramp_in(t, 0.008), min(0.12, length_s / 2))


def tuba(hz: float, seconds: float, velocity: float, rng: np.random.Generator) -> Samples:
    """A friendly tuba, short notes."""
    return velocity * shape_spectrum(
        blown(hz, min(seconds, 0.5) * 0.8, (0.55, 0.4, 0.22, 0.1, 0.05), 0.03, 0.0, rng), 40, 1400
    )


INSTRUMENTS: dict[str, Instrument] = {
    f.__name__: f
    for f in (
        kalimba, music_box, glockenspiel, marimba, vibraphone, soft_piano, electric_piano, guitar, ukulele, flute,
        whistle, clarinet, concertina, strings, soft_bass, tuba,
    )
}  # fmt: skip
