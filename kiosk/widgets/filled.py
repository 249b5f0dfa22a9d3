"""The bar that shows how much of a School DJ's slot is filled, in picture and in words."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from kiosk.picking import Picks
from kiosk.safe_text import centred
from kiosk.theme import DJ, INK, PAGE, QUIET
from kiosk.words import filled_words


class FilledBar(Widget, can_focus=False):
    """A bar of one block for each part of the slot, and the words below it."""

    def __init__(self, picks: Picks) -> None:
        super().__init__()
        self._picks = picks

    def show(self, picks: Picks) -> None:
        """Show other picks."""
        self._picks = picks
        self.refresh()

    def render(self) -> Text:
        """The bar above, the words below."""
        width = max(4, self.size.width)
        picks = self._picks
        share = min(1.0, picks.filled_s / picks.slot_s) if picks.slot_s > 0 else 1.0
        full = round(share * width)
        words = filled_words(picks.filled_s, picks.slot_s) + (" ✔ full" if picks.full else "")
        shown = Text()
        for _ in range(max(1, self.size.height - 1)):
            shown.append("█" * full, f"{DJ} on {PAGE}")
            shown.append("░" * (width - full) + "\n", f"{DJ} on {QUIET}")
        shown.append(centred(words, width), f"bold {INK} on {PAGE}")
        return shown
