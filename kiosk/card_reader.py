"""A card reader is a keyboard: digits, then Enter. This collects keys into whole codes."""

from __future__ import annotations

from wire.cards import CARD_CODE

MAX_DIGITS = 20


class CardReader:
    """Keys in, whole codes out; digits are forgotten after a pause of `pause_s`."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._digits = ""
        self._last_s = float("-inf")

    def digits(self, at_s: float) -> str:
        """The digits collected so far at an instant of the keys' own clock."""
        return self._digits if at_s - self._last_s <= self._pause_s else ""

    def feed(self, key: str, at_s: float) -> str | None:
        """Take a key by its name; a whole code when this key ended one, else None."""
        digits = self.digits(at_s)
        self._digits, self._last_s = "", at_s
        if key == "enter":
            return digits if CARD_CODE.fullmatch(digits) else None
        if key == "backspace":
            self._digits = digits[:-1]
        elif len(key) == 1 and key in "0123456789":
            self._digits = (digits + key)[: MAX_DIGITS + 1]
        return None
