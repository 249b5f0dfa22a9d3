"""A pupil's Dojo points: the balance in large figures, and the newest entries with reason and picture."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from kiosk.big_letters import big_text
from kiosk.pictures import big_picture
from kiosk.safe_text import centred, padded, picture_of
from kiosk.theme import DJ, INK, LIGHT, PAGE, SOFT_INK, SUN, TEAL
from wire.requests import PointsAnswer

_PICTURE_HEIGHT = 7
_STARS = f"bold {LIGHT} on {TEAL}"
"""Yellow stars are hardly to be seen on the yellow of the rest."""


class Balance(Widget, can_focus=False):
    """The stars to spend, large, and all that were ever earned; where there is room, the child's picture above."""

    def __init__(self, picture: str) -> None:
        super().__init__()
        self._picture = picture
        self._points: PointsAnswer | None = None

    def show(self, points: PointsAnswer) -> None:
        """Show other points."""
        self._points = points
        self.refresh()

    def render(self) -> Text:
        """Stars, figures, and the words for those who read."""
        width, height = self.size
        style = f"bold {INK} on {SUN}"
        lines = [Text(line, _STARS if line.lstrip().startswith("⭐") else style) for line in self._lines(width)]
        if height < len(lines):
            lines = [line for line in lines if line.plain.strip()]
        picture = big_picture(self._picture, _PICTURE_HEIGHT, SUN, DJ)
        if height >= len(lines) + _PICTURE_HEIGHT:
            left = Text(" " * ((width - picture.width) // 2), style)
            lines = [left + picture.row(row, _PICTURE_HEIGHT, style) for row in range(_PICTURE_HEIGHT)] + lines
        above = max(0, (height - len(lines)) // 2)
        return Text("\n").join([*(Text() for _ in range(above)), *lines[:height]])

    def _lines(self, width: int) -> list[str]:
        if self._points is None:
            return [centred("⭐ One moment…", width)]
        stars = "⭐ " * max(1, min(5, -(-self._points.balance // 10)))
        figures = [row.center(width) for row in big_text(str(self._points.balance)) or ()]
        words = [centred("stars to spend", width), centred(f"{self._points.earned} earned so far", width)]
        return ["", centred(stars.strip(), width), "", *figures, "", *words]


class Entries(Widget, can_focus=False):
    """The newest entries, as many as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self._points: PointsAnswer | None = None

    def show(self, points: PointsAnswer) -> None:
        """Show other points."""
        self._points = points
        self.refresh()

    def render(self) -> Text:
        """One entry on each second line."""
        width, height = self.size
        shown = Text()
        if self._points is None:
            return shown
        if not self._points.entries:
            return Text("Your first stars will stand here ⭐", f"{SOFT_INK} on {PAGE}")
        for entry in self._points.entries[: (height + 1) // 2]:
            picture = picture_of(entry.picture, "⭐")
            shown.append(f" {picture}  ", f"{INK} on {PAGE}")
            shown.append(f"{entry.points:+d}".rjust(4) + "  ", f"bold {INK} on {PAGE}")
            shown.append(padded(entry.reason, max(1, width - 12)) + "\n\n", f"{INK} on {PAGE}")
        return shown
