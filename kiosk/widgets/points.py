"""A pupil's Dojo points: the balance in large figures, and the newest entries with reason and picture."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from kiosk.big_letters import big_text
from kiosk.safe_text import centred, padded, picture_of
from kiosk.theme import INK, PAGE, SOFT_INK, SUN
from wire.requests import PointsAnswer


class Balance(Widget, can_focus=False):
    """The stars to spend, large, and all that were ever earned."""

    def __init__(self) -> None:
        super().__init__()
        self._points: PointsAnswer | None = None

    def show(self, points: PointsAnswer) -> None:
        """Show other points."""
        self._points = points
        self.refresh()

    def render(self) -> Text:
        """Stars, figures, and the words for those who read."""
        width, height = self.size
        style = f"{INK} on {SUN}"
        if self._points is None:
            return Text("\n" * (height // 2) + centred("⭐ One moment…", width), style)
        stars = "⭐ " * max(1, min(5, -(-self._points.balance // 10)))
        lines = [centred(stars.strip(), width), ""]
        lines += [row.center(width) for row in big_text(str(self._points.balance)) or ()]
        lines += ["", centred("stars to spend", width), centred(f"{self._points.earned} earned so far", width)]
        if height < len(lines):
            lines = [line for line in lines if line]
        above = max(0, (height - len(lines)) // 2)
        return Text("\n" * above + "\n".join(lines[:height]), f"bold {style}")


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
