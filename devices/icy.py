"""The titles that internet radio carries between its pieces of sound (ICY metadata): taken out, and put in.

Every `metaint` bytes of sound a block follows: one byte that counts 16-byte units, then text padded with zeros, such as
`StreamTitle='Artist - Title';`. Pure: bytes in, bytes out. The format is SHOUTcast's, as Icecast speaks it too.
"""

from __future__ import annotations

_UNIT = 16
_MOST_UNITS = 255
_LONGEST_TITLE = 200
_KEY = "StreamTitle='"


class IcySplitter:
    """Takes the titles out of a stream with a title every `metaint` bytes; 0 is a stream without any."""

    def __init__(self, metaint: int) -> None:
        self.title = ""
        self._metaint = metaint
        self._sound_left = metaint
        self._block = bytearray()
        self._block_left = 0

    def sound(self, data: bytes) -> bytes:
        """The sound of a piece of the stream, pieces being cut anywhere; `title` is then the newest."""
        if self._metaint <= 0:
            return data
        found = bytearray()
        place = 0
        while place < len(data):
            if self._block_left:
                part = data[place : place + self._block_left]
                self._block += part
                self._block_left -= len(part)
                place += len(part)
                if not self._block_left:
                    self._take_title()
            elif self._sound_left:
                part = data[place : place + self._sound_left]
                found += part
                self._sound_left -= len(part)
                place += len(part)
            else:
                self._block_left = data[place] * _UNIT
                self._sound_left = self._metaint
                place += 1
        return bytes(found)

    def _take_title(self) -> None:
        text = bytes(self._block).rstrip(b"\0")
        self._block.clear()
        try:
            told = text.decode()
        except UnicodeDecodeError:
            told = text.decode("latin-1")
        if _KEY in told:
            title = told.split(_KEY, 1)[1]
            title = title.split("';", 1)[0] if "';" in title else title.rstrip("';")
            self.title = clean_title(title)


class IcyJoiner:
    """Puts the title into a stream, every `metaint` bytes; an empty block where it is the same as before."""

    def __init__(self, metaint: int) -> None:
        self._metaint = metaint
        self._sound_left = metaint
        self._told: str | None = None

    def joined(self, sound: bytes, title: str) -> bytes:
        """A piece of sound with what belongs between it."""
        found = bytearray()
        place = 0
        while place < len(sound):
            part = sound[place : place + self._sound_left]
            found += part
            place += len(part)
            self._sound_left -= len(part)
            if not self._sound_left:
                found += b"\0" if title == self._told else title_block(title)
                self._told = title
                self._sound_left = self._metaint
        return bytes(found)


def title_block(title: str) -> bytes:
    """The block of a title, its counting byte in front."""
    # A quote with a semicolon behind it would end the title for whoever reads it.
    text = f"{_KEY}{clean_title(title).replace(chr(39), chr(0x2019))}';".encode()
    units = min(_MOST_UNITS, -(-len(text) // _UNIT))
    return bytes([units]) + text[: units * _UNIT].ljust(units * _UNIT, b"\0")


def clean_title(title: str) -> str:
    """A title from outside as it may stand on a screen: printable, on one line, not endless."""
    return "".join(one if one.isprintable() else " " for one in title).strip()[:_LONGEST_TITLE]
