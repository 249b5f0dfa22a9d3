"""The banner above the tiles: it invites, it greets, it helps. It never covers a tile, so the next child can tap."""

from __future__ import annotations

import dataclasses

from rich.text import Text
from textual.widget import Widget

from kiosk.pictures import big_picture
from kiosk.safe_text import cut


@dataclasses.dataclass(frozen=True)
class Saying:
    """What the banner shows: a picture, a line in large, lines below, and its mood, a class of the style sheet."""

    picture: str
    large: str
    lines: tuple[str, ...] = ()
    mood: str = "invite"


class Banner(Widget, can_focus=False):
    """Shows one saying at a time."""

    MOODS = ("invite", "greet", "help")

    def __init__(self, saying: Saying) -> None:
        super().__init__(classes=saying.mood)
        self._saying = saying

    @property
    def saying(self) -> Saying:
        """What is shown now."""
        return self._saying

    def say(self, saying: Saying) -> None:
        """Show another saying."""
        if saying == self._saying:
            return
        self._saying = saying
        self.remove_class(*self.MOODS)
        self.add_class(saying.mood)
        self.refresh()

    def render(self) -> Text:
        """The picture on the left, the words in the middle of what is left."""
        width, height = self.size
        paper = self.styles.background.hex6
        ink = f"{self.styles.color.hex6} on {paper}"
        picture = big_picture(self._saying.picture, height, paper)
        words_width = max(1, width - picture.width - 4)
        words = [Text(cut(self._saying.large, words_width), f"bold {ink}")]
        words += [Text(cut(line, words_width), ink) for line in self._saying.lines]
        if height >= 2 * len(words) + 1:
            words = [part for word in words for part in (word, Text(""))][:-1]
        above = max(0, (height - len(words)) // 2)
        shown = Text()
        for row in range(height):
            shown.append("  ", ink)
            shown.append_text(picture.row(row, height, ink))
            shown.append("  ", ink)
            if above <= row < above + len(words):
                shown.append_text(words[row - above])
            shown.append("\n" if row < height - 1 else "")
        return shown
