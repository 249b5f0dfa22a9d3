"""The newest half minute of a live stream in memory that two processes share: one writes frames, the other reads.

A child process that decodes writes, the audio thread reads; neither ever waits for the other. Frames are counted from
the ring's making, across every child that wrote into it. What was dropped or is not here yet reads as silence.
"""

from __future__ import annotations

import mmap
import os

import numpy as np
from numpy.typing import NDArray

from devices.pcm import CHANNELS, FRAME_BYTES, RATE, Frames, Samples

RING_FRAMES = 30 * RATE
EDGE_FRAMES = RATE // 50
"""Where the sound breaks off it falls to silence over so many frames, and rises likewise: no click."""
_HEADER_BYTES = mmap.PAGESIZE
_SIZE = _HEADER_BYTES + RING_FRAMES * FRAME_BYTES
_FULL_SCALE = np.float32(32_768.0)
_Count = NDArray[np.uint64]


class Ring:
    """One ring, in the process that made it or in one that was handed its descriptor."""

    def __init__(self, descriptor: int | None = None) -> None:
        if descriptor is None:
            descriptor = os.memfd_create("unmissable-stream")
            os.ftruncate(descriptor, _SIZE)
        self.descriptor = descriptor
        self._mapped = mmap.mmap(descriptor, _SIZE)
        self._count: _Count = np.frombuffer(self._mapped, dtype=np.uint64, count=1)
        self._frames: Frames = np.frombuffer(self._mapped, dtype="<i2", offset=_HEADER_BYTES).reshape(-1, CHANNELS)

    @property
    def written(self) -> int:
        """How many frames were ever written."""
        return int(self._count[0])

    def close_descriptor(self) -> None:
        """Give the descriptor back; the memory lives as long as somebody maps it."""
        os.close(self.descriptor)

    def write(self, frames: Frames) -> None:
        """Add frames behind the newest."""
        written = self.written
        for first in range(0, len(frames), RING_FRAMES):
            part = frames[first : first + RING_FRAMES]
            place = written % RING_FRAMES
            until_end = min(len(part), RING_FRAMES - place)
            self._frames[place : place + until_end] = part[:until_end]
            self._frames[: len(part) - until_end] = part[until_end:]
            written += len(part)
            # Counted when they are there; readers keep a second behind, so that the order of two stores is no matter.
            self._count[0] = written

    def soften_end(self) -> None:
        """Let the newest frames fall to silence: what is written next is another piece of sound."""
        count = min(EDGE_FRAMES, self.written)
        places = np.arange(self.written - count, self.written) % RING_FRAMES
        fall = np.linspace(1.0, 0.0, count, dtype=np.float32)[:, None]
        self._frames[places] = (self._frames[places] * fall).astype(np.int16)

    def read(self, first: int, end: int) -> Samples:
        """The frames from `first` up to `end`, full scale 1; silence where they are gone or not here yet."""
        samples = np.zeros((end - first, CHANNELS), dtype=np.float32)
        written = self.written
        here_first, here_end = max(first, written - RING_FRAMES, 0), min(end, written)
        if here_first >= here_end:
            return samples
        places = np.arange(here_first, here_end) % RING_FRAMES
        samples[here_first - first : here_end - first] = self._frames[places] / _FULL_SCALE
        # What the writer overtook while it was read is no sound.
        samples[: max(0, self.written - RING_FRAMES - first)] = 0.0
        if here_end > written - EDGE_FRAMES:
            fall = np.clip((written - np.arange(here_first, here_end)) / EDGE_FRAMES, 0.0, 1.0).astype(np.float32)
            samples[here_first - first : here_end - first] *= fall[:, None]
        return samples
