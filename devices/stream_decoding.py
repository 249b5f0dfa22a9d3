"""The child process that decodes a live stream with libvlc: encoded sound on its standard input, frames into a ring.

`python -m devices.stream_decoding RING DEMUX` is handed the ring's descriptor and the name of libvlc's one module that
may read the stream. No address comes in here, so libvlc opens nothing: not what a playlist names, not a redirect.
Its parent is `stream`, which judges by the frames that come.
"""

from __future__ import annotations

import os
import sys
import time

import numpy as np

from devices import decoding
from devices.children import die_with_the_parent, is_orphan
from devices.pcm import CHANNELS, FRAME_BYTES, RATE, Frames
from devices.smem import Blocks
from devices.stream_ring import EDGE_FRAMES, Ring

MOST_AHEAD_S = 12.0
"""So much may come at once, and no more: a server that sends a whole file at once is held back, and not skipped."""
FASTER = 1.02
"""A server's clock may run so much faster than ours before it is held back."""


class Pace:
    """How long to wait before frames are taken in, so that no more than MOST_AHEAD_S come beyond real time."""

    def __init__(self, now_s: float) -> None:
        self._begun_s = now_s
        self._taken_s = 0.0

    def wait_s(self, frames: int, now_s: float) -> float:
        """Take in frames, and tell how long to wait first."""
        self._taken_s += frames / RATE
        return max(0.0, self._taken_s - MOST_AHEAD_S - (now_s - self._begun_s) * FASTER)


class _Taker:
    """Writes libvlc's blocks into the ring, the first of them rising from silence."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._pace = Pace(time.monotonic())
        self._risen = 0

    def take(self, block: memoryview) -> None:
        """One block, in libvlc's thread."""
        frames: Frames = np.frombuffer(block[: len(block) // FRAME_BYTES * FRAME_BYTES], dtype="<i2")
        frames = frames.reshape(-1, CHANNELS)
        time.sleep(self._pace.wait_s(len(frames), time.monotonic()))
        if self._risen < EDGE_FRAMES:
            if not self._risen:
                self._ring.soften_end()
            rise = np.clip((self._risen + np.arange(len(frames))) / EDGE_FRAMES, 0.0, 1.0).astype(np.float32)
            self._risen += len(frames)
            frames = (frames * rise[:, None]).astype(np.int16)
        self._ring.write(frames)


def _decode(ring: Ring, demux: str) -> int:
    # Imported here, because the import is what fails when libvlc is not installed.
    try:
        import vlc
    except (ImportError, NotImplementedError, OSError):
        return decoding.NO_LIBVLC
    blocks = Blocks(_Taker(ring).take)
    instance = vlc.Instance("--quiet", "--no-video", "--no-stats", "--audio-resampler=soxr")
    media = instance.media_new_fd(sys.stdin.fileno())
    # Where one module is named libvlc tries no other (tested): those for playlists would open what they name. With
    # `,none` behind it, as its manual has it, the module would no longer begin in mid-frame.
    for option in (*blocks.options, f":demux={demux}"):
        media.add_option(option)
    player = instance.media_player_new()
    player.set_media(media)
    if player.play() != 0:
        return decoding.NO_MEDIA
    ended = (vlc.State.Ended, vlc.State.Stopped, vlc.State.Error)
    while (state := player.get_state()) not in ended:
        time.sleep(0.05)
    return decoding.NO_MEDIA if state == vlc.State.Error else decoding.DONE


def main(arguments: list[str]) -> int:
    """Decode until the input ends; the exit status is as `decoding`'s."""
    if len(arguments) != 2 or not arguments[0].isdigit():
        sys.stderr.write("usage: python -m devices.stream_decoding RING DEMUX\n")
        return decoding.WRONG_USAGE
    die_with_the_parent()
    if is_orphan():
        return decoding.FAILED
    return _decode(Ring(int(arguments[0])), arguments[1])


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    # Releasing libvlc can hang; there is nothing left to release for.
    os._exit(status)
