"""What a music file really is, found by decoding all of it with ffmpeg: its true length and its loudness (EBU R128).

A file that is not whole, or is no music at all, is refused with a reason that a person understands. Nothing here knows
of folders or of the library.
"""

from __future__ import annotations

import dataclasses
import math
import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

from scheduler.errors import FfmpegMissing, UnplayableFile

SUFFIXES = frozenset({".mp3", ".ogg", ".oga", ".opus", ".flac", ".m4a", ".aac", ".wav"})
"""The files that are taken for music."""
OTHER_AUDIO_SUFFIXES = frozenset({".wma", ".aif", ".aiff", ".m4p", ".ape", ".mid", ".midi", ".ra", ".mp4", ".webm"})
"""Music of kinds that are not played: named in a scan, so that nobody waits for them to appear."""

TARGET_LUFS = -18.0
"""ReplayGain 2's reference: quiet enough that nearly every track reaches it without clipping."""
TRUE_PEAK_CEILING_DB = -1.0
"""EBU R128's ceiling."""
MAX_BOOST_DB = 12.0
"""A very quiet track is raised no further, or its noise would be heard."""
SHORTEST_S = 0.1
DECODE_TIMEOUT_S = 600.0

_DEMUXERS = "mp3,ogg,flac,mov,aac,wav"
"""ffmpeg guesses by content: without this list a text file that looks like a playlist could open other files."""
_FILTERS = (
    "astats=measure_perchannel=none:measure_overall=RMS_level+Number_of_samples,ebur128=peak=true:framelog=verbose"
)
_NUMBER = r"(-?(?:inf|nan|[0-9.]+))"
_STATED = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", re.MULTILINE)
_RATE = re.compile(r"^  Stream #0:0.*?: Audio: pcm.*?, (\d+) Hz", re.MULTILINE)
_SAMPLES = re.compile(r"Number of samples: (\d+)")
_RMS = re.compile(rf"RMS level dB: {_NUMBER}")
_LOUDNESS = re.compile(rf"^    I: +{_NUMBER} LUFS", re.MULTILINE)
_PEAK = re.compile(rf"^    Peak: +{_NUMBER} dBFS", re.MULTILINE)
_DECODE_ERROR = re.compile(r"Error while decoding|Error submitting packet")
_CUT = re.compile(r"Packet corrupt|corrupt input packet|partial file|moov atom not found")


@dataclasses.dataclass(frozen=True)
class Sound:
    """What decoding found: `gain_db` brings the file to -18 LUFS, as far as its true peak allows."""

    duration_s: float
    gain_db: float


def ffmpeg_program() -> str:
    """Where ffmpeg is; raises FfmpegMissing."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise FfmpegMissing
    return program


def probe(path: Path) -> Sound:
    """Decodes a whole file; raises UnplayableFile with the reason, or FfmpegMissing.

    A constant-rate MP3 without a header of its own length cannot be told from a shorter one when it was cut: it plays.
    """
    _refuse_what_is_no_music(path)
    said, status = _decode(path)
    if "matches no streams" in said:
        raise UnplayableFile("there is no sound in it, only pictures")
    samples, rate = _last(_SAMPLES, said), _last(_RATE, said)
    if status != 0 or samples is None or rate is None or rate <= 0:
        raise UnplayableFile(_why_not(path, said))
    duration_s = samples / rate
    if duration_s < SHORTEST_S:
        raise UnplayableFile("there is no sound in it")
    _refuse_what_is_not_whole(path, said, duration_s)
    return Sound(round(duration_s, 3), _gain_db(said, duration_s))


def _refuse_what_is_no_music(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(2048)
    except OSError as wrong:
        raise UnplayableFile(f"it cannot be read: {wrong.strerror or wrong}") from None
    if size == 0:
        raise UnplayableFile("it is empty (0 bytes): copy it again")
    lowered = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if lowered.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise UnplayableFile("it is a web page, not music: download it again")
    if not head.strip(b"\0"):
        raise UnplayableFile("it begins with nothing but zero bytes: copy it again")
    if _is_text(head):
        raise UnplayableFile("it is text, not music")


def _is_text(head: bytes) -> bool:
    if any(byte < 9 or 13 < byte < 32 for byte in head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as wrong:
        return wrong.start > len(head) - 4  # a character cut by the end of what was read
    return True


def _decode(path: Path) -> tuple[str, int]:
    """Everything that ffmpeg says when it decodes the first sound stream of a file, and its exit status."""
    command = [
        *(ffmpeg_program(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-threads", "1"),
        *("-protocol_whitelist", "file", "-format_whitelist", _DEMUXERS, "-i", f"file:{path.absolute()}"),
        *("-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-af", _FILTERS, "-f", "null", "-"),
    ]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=DECODE_TIMEOUT_S,
            check=False,
            env={**os.environ, "LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"},
        )
    except subprocess.TimeoutExpired:
        raise UnplayableFile(f"it did not decode within {DECODE_TIMEOUT_S:.0f} s") from None
    except OSError as wrong:
        raise UnplayableFile(f"ffmpeg cannot be started: {wrong.strerror or wrong}") from None
    return done.stderr.decode("utf-8", "replace"), done.returncode


def _why_not(path: Path, said: str) -> str:
    if _CUT.search(said) or _wav_is_cut(path) or _ogg_is_cut(path):
        return "it is not whole: its end is missing, copy it again"
    if "Format not on whitelist" in said:
        return "it is none of MP3, Ogg Vorbis, Opus, FLAC, AAC (M4A) and WAV, whatever its name says"
    return "it is not music that can be decoded: damaged, copy-protected, or another kind of file under this name"


def _refuse_what_is_not_whole(path: Path, said: str, decoded_s: float) -> None:
    """Compares what decoded with what the container states."""
    stated_s = decoded_s
    if (stated := _STATED.search(said)) and "Estimating duration from bitrate" not in said:
        stated_s = int(stated[1]) * 3600 + int(stated[2]) * 60 + float(stated[3])
    missing_s = stated_s - decoded_s
    errors = len(_DECODE_ERROR.findall(said))
    if missing_s > 0.5 + 0.005 * stated_s or (errors and missing_s > 0.05):
        raise UnplayableFile(f"it is not whole: {decoded_s:.1f} s of its {stated_s:.1f} s decode, copy it again")
    if _CUT.search(said) or _wav_is_cut(path) or _ogg_is_cut(path):
        raise UnplayableFile(f"it is not whole: it breaks off after {decoded_s:.1f} s, copy it again")
    if errors > 1 + decoded_s / 10:
        raise UnplayableFile(f"it is damaged: {errors} parts of it do not decode, copy it again")


def _wav_is_cut(path: Path) -> bool:
    """Whether a WAV's data chunk is longer than what is left of the file; ffmpeg takes the file's end for it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return False
        at = 12
        while at + 8 <= size:
            file.seek(at)
            name, length = struct.unpack("<4sI", file.read(8))
            if name == b"data":
                streamed = length in (0, 0xFFFFFFFF)
                return not streamed and at + 8 + length > size
            at += 8 + length + length % 2
    return False


def _ogg_is_cut(path: Path) -> bool:
    """Whether an Ogg file's last page is not all there; ffmpeg passes over such a page without a word."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"OggS":
            return False
        start = max(0, size - 2 * 65_307)
        file.seek(start)
        tail = file.read()
    at = tail.find(b"OggS\0")
    end = at
    while at >= 0:
        segments = tail[at + 26] if at + 26 < len(tail) else None
        if segments is None or at + 27 + segments > len(tail):
            return True
        end = at + 27 + segments + sum(tail[at + 27 : at + 27 + segments])
        if end > len(tail):
            return True
        at = tail.find(b"OggS\0", end)
    return end < 0


def _gain_db(said: str, duration_s: float) -> float:
    """The gain to the target loudness under the ceiling; R128 has no figure below 0.4 s, the mean level stands in."""
    loudness = _last(_LOUDNESS, said)
    peak = _last(_PEAK, said)
    if duration_s < 0.4 or loudness is None or loudness <= -69.9:
        loudness = _last(_RMS, said)
    if loudness is None or peak is None or not math.isfinite(loudness) or not math.isfinite(peak):
        return 0.0
    return round(max(-40.0, min(TARGET_LUFS - loudness, TRUE_PEAK_CEILING_DB - peak, MAX_BOOST_DB)), 1)


def _last(pattern: re.Pattern[str], said: str) -> float | None:
    """The last figure that a pattern finds: ffmpeg's own summaries stand behind whatever a file's tags contain."""
    found = pattern.findall(said)
    return float(found[-1]) if found else None
