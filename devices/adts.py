"""Where a live AAC stream's first whole frame begins: a server hands over from anywhere, and libvlc 3.0 then gives up.

Pure. Only ADTS frames, which is what internet radio sends.
"""

from __future__ import annotations

_LONGEST_SEARCH = 64 * 1024
_HEAD_BYTES = 7


class AdtsStart:
    """Drops what is in front of the first frame that has another one behind it; what cannot be AAC passes as it is."""

    def __init__(self) -> None:
        self._begun = False
        self._searched = b""

    def aligned(self, data: bytes) -> bytes:
        """A piece of the stream, nothing while the first frame is looked for."""
        if self._begun:
            return data
        self._searched += data
        place = self._searched.find(b"\xff")
        while 0 <= place < len(self._searched) - _HEAD_BYTES:
            length = _frame_bytes(self._searched, place)
            if length:
                if place + length + _HEAD_BYTES > len(self._searched):
                    break
                if _frame_bytes(self._searched, place + length):
                    return self._begin(place)
            place = self._searched.find(b"\xff", place + 1)
        return self._begin(0) if len(self._searched) > _LONGEST_SEARCH else b""

    def _begin(self, place: int) -> bytes:
        found, self._searched, self._begun = self._searched[place:], b"", True
        return found


def _frame_bytes(data: bytes, place: int) -> int:
    """The length of the frame whose head is here; 0 when there is none."""
    head = data[place : place + _HEAD_BYTES]
    if head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > _HEAD_BYTES else 0
