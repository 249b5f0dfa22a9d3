"""A file of frames whose frame 0 is second 0 of the track, however much its decoder loses at the head.

Of a track that is short enough, a bell say, what the decoder loses at the end is put back too.

The decoder's first seconds wait in memory until the reference tells what is missing; then that is put in front, and
only then is anything on disk: so what is read while the rest is decoded never moves.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import BinaryIO

import numpy as np

from devices.alignment import WINDOW, Head, find_head, first_audible
from devices.pcm import CHANNELS, FRAME_BYTES
from devices.reference import Beginning

_LOUDEST_GAIN = 4.0


@dataclasses.dataclass(frozen=True)
class Verdict:
    """How the head was found: `lost` frames, by the reference with some likeness, or by the codec's table."""

    lost: int
    likeness: float | None = None


class HeadedFile:
    """Takes a decoder's blocks in order; `full` once it has `most_bytes` and takes no more. Methods raise OSError."""

    def __init__(self, target: Path, reference: Beginning | None, by_table: int, most_bytes: int) -> None:
        self.verdict: Verdict | None = None
        self.full = False
        self._file: BinaryIO = target.open("wb", buffering=0)
        self._reference = reference
        self._by_table = by_table
        self._left = most_bytes // FRAME_BYTES * FRAME_BYTES
        self._skip = 0
        self._written = 0
        self._head: Head | None = None
        self._held = bytearray()
        onset = None if reference is None else first_audible(reference.frames)
        self._enough = 0 if onset is None else (onset + WINDOW) * FRAME_BYTES

    def add(self, block: bytes | memoryview) -> None:
        """Take the decoder's next block."""
        if self.verdict is not None:
            self._write(block)
            return
        self._held += block
        if len(self._held) >= self._enough:
            self._settle()

    def finish(self) -> None:
        """The decoder has no more."""
        if self.verdict is None and self._held:
            self._settle()
        nothing_came = self.verdict is None
        if self._reference is not None and self._reference.whole and (self._head is not None or nothing_came):
            self._write(self._from_reference(self._written // FRAME_BYTES, len(self._reference.frames)))
        self._file.close()

    def _settle(self) -> None:
        held = np.frombuffer(bytes(self._held[: len(self._held) // FRAME_BYTES * FRAME_BYTES]), "<i2")
        if self._reference is not None:
            self._head = find_head(held.reshape(-1, CHANNELS), self._reference.frames, self._by_table)
        head = self._head
        self.verdict = Verdict(self._by_table) if head is None else Verdict(head.lost, round(head.likeness, 3))
        if self.verdict.lost > 0:
            self._write(self._from_reference(0, self.verdict.lost))
        else:
            self._skip = -self.verdict.lost * FRAME_BYTES
        held_back, self._held = bytes(self._held), bytearray()
        self._write(held_back)

    def _from_reference(self, first: int, end: int) -> bytes:
        """The frames that the decoder lost, as loud as its own sound; silence where only the table is known."""
        size = max(0, end - first) * FRAME_BYTES
        head = self._head
        # A decoder that gave nothing has no head: then the reference is all that there is.
        gain = 1.0 if self.verdict is None else 0.0 if head is None else head.gain
        if self._reference is None or not 1 / _LOUDEST_GAIN < gain < _LOUDEST_GAIN:
            return bytes(size)
        found = np.clip(self._reference.frames[first:end] * np.float32(gain), -32_768, 32_767)
        frames: bytes = found.round().astype("<i2").tobytes()
        return frames.ljust(size, b"\0")

    def _write(self, block: bytes | memoryview) -> None:
        if self._skip:
            skipped = min(self._skip, len(block))
            block, self._skip = block[skipped:], self._skip - skipped
        block = block[: self._left]
        while len(block) > 0:
            # An unbuffered file may take a part only, on a disk that is nearly full.
            written = self._file.write(block) or 0
            block, self._left, self._written = block[written:], self._left - written, self._written + written
        self.full = self._left == 0
