"""The beginning of a track as ffmpeg decodes it: the reference for second 0, as for the length that a programme names.

Runs in the decoding child only. Also the second decoder, for a track that libvlc does not manage.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np

from devices.alignment import MOST_LOST, WINDOW, first_audible
from devices.children import die_with_the_parent
from devices.pcm import CHANNELS, FRAME_BYTES, RATE, Frames

LONGEST_S = 90.0
"""A head that is silent for longer is not looked into: who hears that it is some milliseconds off?"""
PATIENCE_S = 10.0
"""ffmpeg gives the first seconds within 0.1 s (measured); one that hangs must not hold the track back."""
_DEMUXERS = "mp3,ogg,flac,mov,aac,wav"
"""ffmpeg guesses by content: without this list a text file that looks like a playlist could open other files."""
_PIECE = 1 << 18


@dataclasses.dataclass(frozen=True, eq=False)
class Beginning:
    """The frames of a track from second 0 on; `whole` when the track ends there."""

    frames: Frames
    whole: bool


class Reference:
    """An ffmpeg at work on the first seconds of a file, from its making until `beginning` or `close`."""

    def __init__(self, source: Path) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError):
            self._process = start_ffmpeg(source, LONGEST_S)

    def beginning(self) -> Beginning | None:
        """All from second 0 to behind the first seconds of sound; None without ffmpeg, or if it fails."""
        process = self._process
        if process is None or process.stdout is None:
            return None
        got = bytearray()
        onset: int | None = None
        looked = 0
        whole = False
        deadline = time.monotonic() + PATIENCE_S
        while onset is None or len(got) < (onset + WINDOW + MOST_LOST) * FRAME_BYTES:
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                self.close()
                return None
            if not (piece := os.read(process.stdout.fileno(), _PIECE)):
                whole = len(got) < LONGEST_S * RATE * FRAME_BYTES and process.wait() == 0
                break
            got += piece
            if onset is None:
                found = first_audible(_as_frames(got, looked))
                onset, looked = (looked + found if found is not None else None), len(got) // FRAME_BYTES
        self.close()
        return Beginning(_as_frames(got, 0), whole) if len(got) >= FRAME_BYTES else None

    def close(self) -> None:
        """End ffmpeg: what is asked for is here, or will not come."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None


def start_ffmpeg(source: Path, most_s: float) -> subprocess.Popen[bytes]:
    """Start an ffmpeg that writes a file's frames to its standard output; raises OSError where there is none."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise FileNotFoundError("ffmpeg")
    command = [
        *(program, "-hide_banner", "-nostdin", "-nostats", "-loglevel", "quiet", "-threads", "1"),
        *("-protocol_whitelist", "file", "-format_whitelist", _DEMUXERS, "-i", f"file:{source.absolute()}"),
        *("-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-t", f"{most_s:.3f}"),
        *("-ar", str(RATE), "-ac", str(CHANNELS), "-f", "s16le", "pipe:1"),
    ]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Safe: nothing else runs in this process yet, no thread and no libvlc.
        preexec_fn=die_with_the_parent,
    )


def _as_frames(got: bytearray, first: int) -> Frames:
    count = len(got) // FRAME_BYTES - first
    return np.frombuffer(bytes(got[first * FRAME_BYTES : (first + count) * FRAME_BYTES]), "<i2").reshape(-1, CHANNELS)
