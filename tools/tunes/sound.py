"""Arrays of samples and the few operations on them that instruments, drums and the mix share."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE = 44100
"""Samples per second."""

Samples: TypeAlias = NDArray[np.float64]
"""Sound between -1 and 1: shape (n,) for one channel, (2, n) for left and right."""


def moments(seconds: float) -> Samples:
    """The instants of a sound of that length, in seconds."""
    return np.arange(int(seconds * RATE)) / RATE


def decay(t: Samples, half_life_s: float) -> Samples:
    """An exponential fall from 1 that halves every `half_life_s`."""
    return np.exp2(-t / half_life_s)


def ramp_in(t: Samples, seconds: float) -> Samples:
    """A smooth rise from 0 to 1."""
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(t / seconds, 0.0, 1.0))


def hold(t: Samples, attack_s: float, seconds: float, release_s: float) -> Samples:
    """The envelope of a blown or bowed note: rise, stay for `seconds`, fall."""
    return ramp_in(t, attack_s) * ramp_in(seconds + release_s - t, release_s)


def fast_size(length: int) -> int:
    """The smallest length not below this one whose transform is quick."""
    return min(factor << max(0, (-(-length // factor) - 1).bit_length()) for factor in (1, 3, 5, 9, 15))


def shape_spectrum(sound: Samples, low_hz: float, high_hz: float, order: int = 2) -> Samples:
    """The sound with gentle slopes below `low_hz` and above `high_hz`, without a shift in time."""
    length = sound.shape[-1]
    size = fast_size(length + 2048)
    f = np.fft.rfftfreq(size, 1 / RATE)
    with np.errstate(divide="ignore"):
        gain = 1 / np.sqrt(1 + (low_hz / f) ** (2 * order))
    gain = gain / np.sqrt(1 + (f / high_hz) ** (2 * order))
    return np.asarray(np.fft.irfft(np.fft.rfft(sound, size) * gain, size)[..., :length], dtype=np.float64)


def fade_tail(sound: Samples, seconds: float) -> Samples:
    """The sound with its last `seconds` faded to nothing, so that no note ends in a click."""
    count = min(int(seconds * RATE), sound.shape[-1])
    shaped = sound.copy()
    shaped[..., sound.shape[-1] - count :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, count + 1) / count)
    return shaped


def in_decibels(gain_db: float) -> float:
    """The factor of a gain in decibels."""
    return float(10 ** (gain_db / 20))
