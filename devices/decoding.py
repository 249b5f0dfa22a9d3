"""The child process that decodes one track with libvlc, as fast as it can, into a file of PCM frames.

`python -m devices.decoding SOURCE TARGET` writes what libvlc delivers to TARGET, behind the silence that stands
for what the decoder loses at the head. It never judges the track: its parent, `decoder`, counts the frames.
libvlc is imported here alone, so that a libvlc that hangs or crashes takes only this process with it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from devices.codecs import HEAD_BYTES, HEAD_FRAMES_LOST, codec_of

DONE = 0
FAILED = 1
WRONG_USAGE = 2
NO_LIBVLC = 3
NOT_WRITTEN = 4
NO_MEDIA = 5

_PR_SET_PDEATHSIG = 1
_FRAME_BYTES = 4
_NICENESS = 5

_PRERENDER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t)
_POSTRENDER = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint,
    ctypes.c_size_t, ctypes.c_int64,
)  # fmt: skip


class _Writer:
    """Takes libvlc's blocks in its thread and writes them to the file; writing slowly holds libvlc back, safely."""

    def __init__(self, target: Path) -> None:
        self._file = target.open("ab", buffering=0)
        self._block: Any = ctypes.create_string_buffer(0)
        self.failed: OSError | None = None
        # libvlc keeps only the addresses: these references keep the callbacks alive.
        self.prerender = _PRERENDER(self._lend)
        self.postrender = _POSTRENDER(self._take)

    def _lend(self, _data: int | None, block: Any, size: int) -> None:
        if len(self._block) < size:
            self._block = ctypes.create_string_buffer(size)
        block[0] = ctypes.addressof(self._block)

    def _take(
        self, _data: int | None, _block: int | None, _channels: int, _rate: int, _count: int, _bits: int, size: int,
        _pts: int,
    ) -> None:  # fmt: skip
        if self.failed is None:
            try:
                self._file.write(memoryview(self._block)[:size])
            except OSError as failure:
                self.failed = failure


def _die_with_the_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(FAILED)


def _address(callback: Any) -> int:
    return ctypes.cast(callback, ctypes.c_void_p).value or 0


def _decode(source: Path, target: Path) -> int:
    # Imported here, because the import is what fails when libvlc is not installed.
    try:
        import vlc
    except (ImportError, NotImplementedError, OSError):
        return NO_LIBVLC
    with source.open("rb") as file:
        codec = codec_of(file.read(HEAD_BYTES))
    target.write_bytes(bytes(HEAD_FRAMES_LOST[codec] * _FRAME_BYTES))
    writer = _Writer(target)
    # By itself libvlc takes its worst resampler from 48 kHz to 44.1 kHz, which wanders by a millisecond a second.
    instance = vlc.Instance("--quiet", "--no-video", "--no-stats", "--audio-resampler=soxr")
    media = instance.media_new_path(str(source))
    media.add_option(
        ":sout=#transcode{acodec=s16l,samplerate=44100,channels=2,vcodec=none}:smem{"
        f"audio-prerender-callback={_address(writer.prerender)},"
        f"audio-postrender-callback={_address(writer.postrender)},audio-data=0,no-time-sync}}"
    )
    media.add_option(":no-sout-smem-time-sync")
    media.add_option(":sout-audio")
    player = instance.media_player_new()
    player.set_media(media)
    if player.play() != 0:
        return NO_MEDIA
    ended = (vlc.State.Ended, vlc.State.Stopped, vlc.State.Error)
    while (state := player.get_state()) not in ended:
        if writer.failed is not None:
            break
        time.sleep(0.01)
    if writer.failed is not None:
        sys.stderr.write(f"{target.name}: {writer.failed.strerror}\n")
        return NOT_WRITTEN
    return NO_MEDIA if state == vlc.State.Error else DONE


def main(arguments: list[str]) -> int:
    """Decode the file named first into the file named second; the exit status says how it went."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m devices.decoding SOURCE TARGET\n")
        return WRONG_USAGE
    _die_with_the_parent()
    os.nice(_NICENESS)
    try:
        return _decode(Path(arguments[0]), Path(arguments[1]))
    except OSError as failure:
        sys.stderr.write(f"{failure.filename}: {failure.strerror}\n")
        return FAILED


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stderr.flush()
    # Releasing libvlc can hang; there is nothing left to release for.
    os._exit(status)
