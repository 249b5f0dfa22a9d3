"""Which codec a file holds, by its first bytes, and how many frames libvlc loses at its head.

A name says nothing: tracks are stored by their hash.
"""

from __future__ import annotations

from enum import StrEnum


class Codec(StrEnum):
    """The kinds of file that a school's music comes in."""

    MP3 = "mp3"
    VORBIS = "vorbis"
    OPUS = "opus"
    FLAC = "flac"
    AAC = "aac"
    WAV = "wav"
    UNKNOWN = "unknown"


HEAD_FRAMES_LOST = {
    Codec.MP3: 1152,
    Codec.VORBIS: 704,
    Codec.AAC: 1024,
    Codec.OPUS: 3241,
    Codec.FLAC: 0,
    Codec.WAV: 0,
    Codec.UNKNOWN: 0,
}
"""Frames of 44.1 kHz missing from libvlc's unpaced decoding (3.0.24, files encoded by ffmpeg; measured)."""

HEAD_BYTES = 4096
"""How much of a file `codec_of` wants to see."""


def codec_of(head: bytes) -> Codec:
    """The codec of a file that begins with these bytes."""
    if head.startswith(b"fLaC"):
        return Codec.FLAC
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return Codec.WAV
    if head.startswith(b"OggS"):
        if b"OpusHead" in head:
            return Codec.OPUS
        if b"\x01vorbis" in head:
            return Codec.VORBIS
        return Codec.FLAC if b"\x7fFLAC" in head else Codec.UNKNOWN
    if head[4:8] == b"ftyp":
        return Codec.AAC
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return Codec.AAC
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6)):
        return Codec.MP3
    return Codec.UNKNOWN
