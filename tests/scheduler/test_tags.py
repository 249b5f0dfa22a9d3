"""Tags: what is shown is harmless, and music that is marked explicit is known as such in every kind of file."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.tags import clean, read_tags
from tests.scheduler.music import make_tune, mark_explicit_by_itunes


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  Sunrise  ", "Sunrise"),
        ("two\nlines\tand\u00a0more", "two lines and more"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("\u202eturned\u2069", "turned"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\ud800lone surrogate", "lone surrogate"),
        ("e\u0301clair", "éclair"),
        ("🎺 fanfare", "🎺 fanfare"),
        ("\0\0", ""),
        ("y" * 400, "y" * 300),
        ("[bold]kept as text[/]", "[bold]kept as text[/]"),
    ],
)
def test_text_becomes_one_harmless_line(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    ("suffix", "advice", "explicit"),
    [
        (".mp3", "1", True),
        (".mp3", "2", False),
        (".ogg", "1", True),
        (".ogg", "0", False),
        (".opus", "1", True),
        (".flac", "4", True),
        (".flac", "not a number", False),
    ],
)
def test_an_advisory_tag_marks_explicit_music(suffix: str, advice: str, explicit: bool, tmp_path: Path) -> None:
    file = make_tune(tmp_path / f"a{suffix}", duration_s=0.3, options=("-metadata", f"ITUNESADVISORY={advice}"))
    assert read_tags(file).explicit is explicit


def test_itunes_own_rating_marks_explicit_music(tmp_path: Path) -> None:
    file = make_tune(tmp_path / "a.m4a", duration_s=0.3, options=("-metadata", "title=Loud"))
    assert not read_tags(file).explicit
    mark_explicit_by_itunes(file)
    tags = read_tags(file)
    assert tags.explicit
    assert tags.title == "Loud"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\0\x18ftyp",
        b"\0\0\0\x08ftyp\0\0\0\0moov",
        b"\0\0\0\x08ftyp\0\0\0\x01moov\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\0\0\0\x08ftyp\0\0\0\x05moov\0",
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
        b"fLaC\x84\xff\xff\xff",
        b"OggS" + b"\xff" * 40,
    ],
)
def test_broken_tags_leave_the_files_name(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "my song.m4a"
    file.write_bytes(content)
    assert read_tags(file).title == "my song"
