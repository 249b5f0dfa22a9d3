"""Which codec a file holds, by its first bytes."""

from __future__ import annotations

import pytest

from devices.codecs import HEAD_FRAMES_LOST, Codec, codec_of


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        (b"fLaC\0\0\0\x22", Codec.FLAC),
        (b"RIFF\x24\0\0\0WAVEfmt ", Codec.WAV),
        (b"RIFF\x24\0\0\0AVI fmt ", Codec.UNKNOWN),
        (b"OggS\0\x02" + bytes(22) + b"\x01vorbis", Codec.VORBIS),
        (b"OggS\0\x02" + bytes(22) + b"OpusHead", Codec.OPUS),
        (b"OggS\0\x02" + bytes(22) + b"\x7fFLAC", Codec.FLAC),
        (b"OggS\0\x02" + bytes(22) + b"Speex   ", Codec.UNKNOWN),
        (b"\0\0\0\x1cftypM4A ", Codec.AAC),
        (b"\xff\xf1\x50\x80", Codec.AAC),
        (b"ID3\x04\0\0", Codec.MP3),
        (b"\xff\xfb\x90\x64", Codec.MP3),
        (b"\xff\xf3\x90\x64", Codec.MP3),
        (b"this is a text", Codec.UNKNOWN),
        (b"", Codec.UNKNOWN),
        (b"\xff", Codec.UNKNOWN),
    ],
)
def test_the_first_bytes_tell_the_codec(head: bytes, codec: Codec) -> None:
    assert codec_of(head) is codec


def test_every_codec_has_its_loss() -> None:
    assert set(HEAD_FRAMES_LOST) == set(Codec)
