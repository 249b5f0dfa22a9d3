"""The child process that decodes one track, as fast as it can, into a file of PCM frames.

`python -m devices.decoding SOURCE TARGET MOST_BYTES [ffmpeg]` writes what libvlc delivers to TARGET, behind what
libvlc loses at the head; with `ffmpeg` that program decodes instead, where there is one. It never judges the track:
its parent, `decoder`, counts the frames. libvlc is imported here alone, so that one that hangs or crashes takes only
this process with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from devices.children import die_with_the_parent, is_orphan
from devices.codecs import HEAD_BYTES, HEAD_FRAMES_LOST, Codec, codec_of
from devices.disk import is_full
from devices.headed_file import HeadedFile
from devices.reference import Reference, start_ffmpeg
from devices.smem import Blocks

DONE = 0
FAILED = 1
WRONG_USAGE = 2
NO_LIBVLC = 3
NOT_WRITTEN = 4
NO_MEDIA = 5
NO_PLUGINS = 6
NOT_WRITABLE = 7

_NICENESS = 5
_FIRST_TO_BE_KILLED = "1000"
_LONGEST_S = 7 * 86_400.0
_PIECE = 1 << 16
# By itself libvlc takes its worst resampler from 48 kHz to 44.1 kHz, which wanders by a millisecond a second.
_OPTIONS = ("--quiet", "--no-video", "--no-stats", "--audio-resampler=soxr")


class _Writer:
    """Takes libvlc's blocks in its thread and hands them to the file; being slow holds libvlc back, safely."""

    def __init__(self, file: HeadedFile) -> None:
        self._file = file
        self.failed: OSError | None = None

    def take(self, block: memoryview) -> None:
        if self.failed is None and not self._file.full:
            try:
                self._file.add(block)
            except OSError as failure:
                self.failed = failure


def _codec_of(source: Path) -> Codec:
    with source.open("rb") as file:
        return codec_of(file.read(HEAD_BYTES))


def _decode(source: Path, target: Path, most_bytes: int) -> int:
    with contextlib.closing(Reference(source)) as reference:
        # Imported here, because the import is what fails when libvlc is not installed.
        try:
            import vlc
        except (ImportError, NotImplementedError, OSError):
            return NO_LIBVLC
        instance: Any = vlc.Instance(*_OPTIONS)
        if instance is None:
            return NO_PLUGINS
        codec = _codec_of(source)
        file = HeadedFile(target, reference.beginning(), HEAD_FRAMES_LOST[codec], most_bytes)
    writer = _Writer(file)
    media = instance.media_new_path(str(source))
    blocks = Blocks(writer.take)
    for option in blocks.options:
        media.add_option(option)
    if codec is Codec.WAV:
        # libvlc's own reader of WAV files drops the last 50 ms (measured).
        media.add_option(":demux=avformat,any")
    player = instance.media_player_new()
    player.set_media(media)
    if player.play() != 0:
        return NO_MEDIA
    ended = (vlc.State.Ended, vlc.State.Stopped, vlc.State.Error)
    while (state := player.get_state()) not in ended and not file.full and writer.failed is None:
        time.sleep(0.01)
    if writer.failed is not None:
        raise writer.failed
    if state in ended:
        file.finish()
    _say(file)
    return NO_MEDIA if state == vlc.State.Error else DONE


def _decode_by_ffmpeg(source: Path, target: Path, most_bytes: int) -> int:
    try:
        process = start_ffmpeg(source, _LONGEST_S)
    except OSError:
        return _decode(source, target, most_bytes)
    assert process.stdout is not None
    file = HeadedFile(target, None, 0, most_bytes)
    while not file.full and (piece := process.stdout.read(_PIECE)):
        file.add(piece)
    file.finish()
    process.kill()
    return DONE


def _say(file: HeadedFile) -> None:
    """Tell the parent how the head was found, for its log."""
    if file.verdict is not None:
        sys.stdout.write(json.dumps({"lost": file.verdict.lost, "likeness": file.verdict.likeness}) + "\n")


def main(arguments: list[str]) -> int:
    """Decode the file named first into the file named second; the exit status says how it went."""
    if len(arguments) not in (3, 4) or not arguments[2].isdecimal() or arguments[3:] not in ([], ["ffmpeg"]):
        sys.stderr.write("usage: python -m devices.decoding SOURCE TARGET MOST_BYTES [ffmpeg]\n")
        return WRONG_USAGE
    die_with_the_parent()
    if is_orphan():
        return FAILED
    os.nice(_NICENESS)
    with contextlib.suppress(OSError):
        # A damaged file can make a decoder ask for all the memory: then this process goes, not the speaker.
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_BE_KILLED, encoding="ascii")
    decode = _decode_by_ffmpeg if arguments[3:] else _decode
    try:
        return decode(Path(arguments[0]), Path(arguments[1]), int(arguments[2]))
    except OSError as failure:
        sys.stderr.write(f"{failure.filename or arguments[1]}: {failure.strerror}\n")
        if is_full(failure):
            return NOT_WRITTEN
        return FAILED if failure.filename == arguments[0] else NOT_WRITABLE


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Releasing libvlc can hang; there is nothing left to release for.
    os._exit(status)
