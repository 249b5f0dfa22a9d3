"""How many frames a decoder lost at the head of a track, found by laying what it gave on a reference; pure.

The two are cross-correlated over the first seconds in which there is sound. Nothing here knows of files or decoders.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from devices.pcm import RATE, Frames

WINDOW = 4 * RATE
"""So many frames from the first audible one on are compared."""
MOST_LOST = 3 * RATE
"""libvlc loses up to 1.8 s of a FLAC in Ogg (measured)."""
MOST_EXTRA = RATE
WARM_UP = RATE // 5
"""A decoder that was not fed the head gives its first frames otherwise: Opus for 0.2 s (measured)."""
CLEAR = 0.8
"""The least likeness that is believed: white noise moved by half a frame is still 0.9 alike (measured)."""
_TIE = 1e-4
"""A pure tone is as alike to itself one period later: among such places the expected one is taken."""
_AUDIBLE = 64
"""Full scale is 32768: below this a frame is taken for silence, so that dither is not compared."""
_RIGHT_SHARE = np.float32(0.61)
"""How the channels are added: in a whole sum, sound that is in opposite phase would be gone."""


@dataclasses.dataclass(frozen=True)
class Head:
    """`lost` frames are missing in front, or too many where negative; `likeness` 1 is the same sound.

    `gain` is how much louder the decoder's sound is than the reference.
    """

    lost: int
    likeness: float
    gain: float


def first_audible(frames: Frames) -> int | None:
    """The first frame that is not silence; None where all is."""
    loud = np.flatnonzero((frames >= _AUDIBLE).any(axis=1) | (frames <= -_AUDIBLE).any(axis=1))
    return int(loud[0]) if len(loud) else None


def find_head(heard: Frames, reference: Frames, expected: int) -> Head | None:
    """Where `heard` is in a reference that begins at second 0; None where they are silent or not alike.

    The reference should reach MOST_LOST beyond what was heard, unless the track ends before.
    """
    onset = first_audible(reference)
    if onset is None:
        return None
    start = max(0, onset - MOST_LOST)
    skipped = WARM_UP if start == 0 and len(heard) > 4 * WARM_UP else 0
    one, other = _mono(heard[start + skipped : onset + WINDOW]), _mono(reference[start : onset + WINDOW + MOST_LOST])
    if not one.any():
        return None
    lags = np.arange(-MOST_EXTRA, MOST_LOST + 1) + skipped
    lags = lags[(lags > -len(one)) & (lags < len(other))]
    size = 1 << (len(one) + len(other)).bit_length()
    products = np.fft.irfft(np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size), size)[lags % size]
    first, end = np.maximum(0, -lags), np.minimum(len(one), len(other) - lags)
    own, others = _energy(one), _energy(other)
    own_energy, other_energy = own[end] - own[first], others[end + lags] - others[first + lags]
    # Two scraps that overlap by chance are alike too easily: most of what was heard must be in the reference.
    valid = own_energy > 0.5 * own[-1]
    # A note that dies away is like itself a little later, only louder: so loudness counts, and what sticks out.
    same = np.where(valid, 2 * products / np.maximum(own[-1] + other_energy, 1.0), 0.0)
    alike = np.where(valid, products / np.sqrt(np.maximum(own_energy * other_energy, 1.0)), 0.0)
    place = _best(same if same.max() >= CLEAR else alike, lags, expected + skipped)
    if alike[place] < CLEAR:
        return None
    gain = float(products[place] / max(float(other_energy[place]), 1.0))
    return Head(int(lags[place]) - skipped, float(alike[place]), gain)


def _best(likeness: NDArray[np.float64], lags: NDArray[np.int64], expected: int) -> int:
    around = np.pad(likeness, 1, constant_values=-1.0)
    peaks = (likeness >= around[:-2]) & (likeness >= around[2:]) & (likeness >= likeness.max() - _TIE)
    places = np.flatnonzero(peaks)
    return int(places[np.argmin(np.abs(lags[places] - expected))])


def _mono(frames: Frames) -> NDArray[np.float32]:
    return frames[:, 0].astype(np.float32) + _RIGHT_SHARE * frames[:, 1]


def _energy(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
