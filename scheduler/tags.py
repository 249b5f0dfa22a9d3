"""What a music file says of itself: title, artist and whether it is marked explicit, as plain text that can be shown.

Tags come from anyone: control characters, text that turns its direction and endless titles are made harmless here.
"""

from __future__ import annotations

import dataclasses
import logging
import struct
import unicodedata
from pathlib import Path
from typing import BinaryIO

from tinytag import TinyTag
from tinytag.tinytag import TinyTagException

_log = logging.getLogger(__name__)

MAX_TEXT = 300
"""As long as a text on the wire may be."""
_EXPLICIT = frozenset({1, 4})
"""iTunes' rating of content: 1 and, in older files, 4 mean explicit; 2 is a cleaned version, 0 neither."""


@dataclasses.dataclass(frozen=True)
class Tags:
    """The tags that matter here; `title` is never empty."""

    title: str
    artist: str = ""
    explicit: bool = False


def read_tags(path: Path) -> Tags:
    """The tags of a file; one without a title, or whose tags cannot be read, is named as the file is."""
    named = clean(path.stem) or "Untitled"
    try:
        with path.open("rb") as file:
            rating = _itunes_rating(file)
            file.seek(0)
            tags = TinyTag.get(file_obj=file, duration=False)
    except TinyTagException as wrong:
        _log.info("%s: tags cannot be read (%s), named as the file is", path.name, wrong)
        return Tags(named)
    advice = [
        value.strip() for key, values in tags.other.items() if key.lower() == "itunesadvisory" for value in values
    ]
    explicit = rating in _EXPLICIT or any(value.isdecimal() and int(value) in _EXPLICIT for value in advice)
    return Tags(clean(tags.title or "") or named, clean(tags.artist or tags.albumartist or ""), explicit)


def clean(text: str) -> str:
    """One line of text without control, formatting, surrogate or unassigned characters, at most 300 long."""
    plain = "".join(
        character if (kind := unicodedata.category(character))[0] not in "CZ" else " " if kind in _BREAKS else ""
        for character in unicodedata.normalize("NFC", text[: 20 * MAX_TEXT])
    )
    return " ".join(plain.split())[:MAX_TEXT].rstrip()


_BREAKS = frozenset({"Cc", "Zs", "Zl", "Zp"})


def _itunes_rating(file: BinaryIO) -> int | None:
    """The value of moov/udta/meta/ilst/rtng in an MP4 file, where iTunes marks explicit music; tinytag passes it by."""
    start, end = 0, file.seek(0, 2)
    file.seek(4)
    if file.read(4) != b"ftyp":
        return None
    for name in (b"moov", b"udta", b"meta", b"ilst", b"rtng", b"data"):
        found = _atom(file, start, end, name)
        if found is None:
            return None
        start, end = found
        if name == b"meta":
            start += 4
    file.seek(start + 8)
    value = file.read(min(max(end - start - 8, 0), 8))
    return int.from_bytes(value, "big") if value else None


def _atom(file: BinaryIO, start: int, end: int, name: bytes) -> tuple[int, int] | None:
    """Where the content of the first atom of a name lies between two places of the file."""
    while start + 8 <= end:
        file.seek(start)
        header = file.read(16)
        if len(header) < 8:
            return None
        (size,) = struct.unpack_from(">I", header)
        head = 8
        if size == 1 and len(header) == 16:
            (size,) = struct.unpack_from(">Q", header, 8)
            head = 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            return None
        if header[4:8] == name:
            return start + head, start + size
        start += size
    return None
