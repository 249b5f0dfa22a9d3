"""The banner above the tiles: it invites, it greets, it helps. It never covers a tile, so the next child can tap."""

from __future__ import annotations

import dataclasses
import zlib

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from kiosk.big_letters import ROWS, big_text
from kiosk.pictures import big_picture
from kiosk.safe_text import cut
from kiosk.theme import CONFETTI, DJ


@dataclasses.dataclass(frozen=True)
class Saying:
    """What the banner shows: a picture, a line above, one in large, lines below, and its mood, a class of the style
    sheet."""

    picture: str
    above: str
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
        """The picture on the left, the words in the middle of what is left, confetti behind them for a greeting."""
        width, height = self.size
        paper = self.styles.background.hex6
        ink = f"{self.styles.color.hex6} on {paper}"
        picture = big_picture(self._saying.picture, height, paper, DJ)
        words_width = max(1, width - picture.width - 5)
        words = self._words(words_width, height, ink)
        above = max(0, (height - len(words)) // 2)
        shown = Text()
        for row in range(height):
            shown.append("  ", ink)
            shown.append_text(picture.row(row, height, ink))
            shown.append("   ", ink)
            line = words[row - above] if above <= row < above + len(words) else Text()
            shown.append_text(line)
            free = words_width - line.cell_len
            shown.append_text(self._confetti(row, free, paper) if self._saying.mood == "greet" else Text(" " * free))
            shown.append("\n" if row < height - 1 else "")
        return shown

    def _words(self, width: int, height: int, ink: str) -> list[Text]:
        saying = self._saying
        words = [Text(cut(saying.above, width), f"bold {ink}")] if saying.above else []
        below = [Text(cut(line, width), ink) for line in saying.lines]
        large = big_text(saying.large)
        if large is not None and cell_len(large[0]) <= width and len(words) + ROWS + len(below) <= height:
            words += [Text(row, ink) for row in large]
        else:
            words.append(Text(cut(saying.large, width), f"bold {ink}"))
        if height > len(words) + len(below) + 1 and below:
            words.append(Text())
        return words + below

    def _confetti(self, row: int, cells: int, paper: str) -> Text:
        thrown = Text()
        for left in range(cells, 0, -1):
            # The same for each greeting of a child: it does not flicker when it is drawn again.
            chance = zlib.crc32(f"{self._saying.picture}{row}:{left}".encode())
            if left > cells - 3 or chance % 9:
                thrown.append(" ", f"on {paper}")
            else:
                thrown.append("▀▄"[chance >> 8 & 1], f"{CONFETTI[(chance >> 12) % len(CONFETTI)]} on {paper}")
        return thrown
