"""Decoded sound on disk: signed 16-bit little-endian stereo at 44.1 kHz, mapped into memory and read by the frame."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
CHANNELS = 2
FRAME_BYTES = 4

Frames = NDArray[np.int16]
"""Shape (frames, 2)."""
Samples = NDArray[np.float32]
"""Shape (frames, 2); full scale is 1."""


@dataclasses.dataclass(frozen=True, eq=False)
class Pcm:
    """The frames of one decoded track; frame 0 is second 0 of the track."""

    path: Path
    frames: Frames

    @property
    def length(self) -> int:
        """How many frames there are."""
        return int(self.frames.shape[0])


def open_pcm(path: Path) -> Pcm:
    """Map a file of frames; a file that is still being written is mapped as far as it goes.

    Raises OSError when there is no such file, or nothing in it yet.
    """
    count = path.stat().st_size // FRAME_BYTES
    if count == 0:
        raise OSError(f"{path.name}: no frames")
    # A plain array over the map: slices of np.memmap itself cost several times as much.
    return Pcm(path, np.asarray(np.memmap(path, dtype="<i2", mode="r", shape=(count, CHANNELS))).view(np.ndarray))
