"""What the foot tells to try: the hint that the kiosk was started with; in a demonstration, what to type next."""

from __future__ import annotations


class Hint:
    """The hint just now; `typed` tells whether cards are typed by a person, who is then told the next step."""

    def __init__(self, text: str, *, typed: bool) -> None:
        self._first = text
        self._typed = typed
        self.text = text

    def checked_in(self, code: str) -> None:
        """A card checked its child in: the same card again opens the child's own page."""
        if self._typed:
            leaving = self._first.rpartition(" · ")[2] if " · " in self._first else ""
            again = f"type {code} Enter again: stars and music"
            self.text = f"{again} · {leaving}" if leaving else again

    def opened(self) -> None:
        """The own page is there: begin anew."""
        self.text = self._first
