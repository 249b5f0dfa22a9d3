"""Decoded sound on disk: signed 16-bit little-endian stereo at 44.1 kHz, mapped into memory and read by the frame."""

from __future__ import annotations

import dataclasses
import mmap
import os
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
    mapped: mmap.mmap | None = None

    @property
    def whole(self) -> bool:
        """Whether all of the track is there, rather than what was decoded so far."""
        return self.path.suffix != ".part"

    @property
    def length(self) -> int:
        """How many frames there are."""
        return int(self.frames.shape[0])

    def spare_memory(self) -> None:
        """Let go of the pages that were read; they come back from the file when they are read again."""
        if self.mapped is not None:
            self.mapped.madvise(mmap.MADV_DONTNEED)


def open_pcm(path: Path) -> Pcm:
    """Map a file of frames; a file that is still being written is mapped as far as it goes.

    Raises OSError when there is no such file, or nothing in it yet.
    """
    with path.open("rb") as file:
        count = os.fstat(file.fileno()).st_size // FRAME_BYTES
        if count == 0:
            raise OSError(f"{path.name}: no frames")
        mapped = mmap.mmap(file.fileno(), count * FRAME_BYTES, prot=mmap.PROT_READ)
    return Pcm(path, np.frombuffer(mapped, dtype="<i2").reshape(count, CHANNELS), mapped)
