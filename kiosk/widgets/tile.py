"""A large tile on paper, drawn by hand in cells: a pupil's tile on the wall, a track's tile for the School DJ."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget

from kiosk.pictures import big_picture
from kiosk.safe_text import centred, clean, cut, cut_name, padded, picture_of
from kiosk.theme import CHOSEN, DJ, INK, PAGE, QUIET, SOFT_INK
from kiosk.words import length_words
from wire.requests import ApprovedTrack, RosterPupil


def paper_lines(lines: list[Text | str], width: int, height: int, paper: str) -> Text:
    """Lines on a sheet of paper of `width` x `height` cells, with a soft upper and lower edge where there is room."""
    upper = 1 if height > len(lines) + 1 else 0
    spare = height - len(lines) - upper - 1
    body: list[Text | str] = [*("" for _ in range((spare + 1) // 2)), *lines]
    body.extend("" for _ in range(height - upper - 1 - len(body)))
    sheet = Text()
    if upper:
        sheet.append("▄" * width + "\n", f"{paper} on {PAGE}")
    for line in body:
        if isinstance(line, str):
            sheet.append(padded(line, width) if line else " " * width, f"{INK} on {paper}")
        else:
            sheet.append_text(line)
        sheet.append("\n")
    sheet.append("▀" * width, f"{paper} on {PAGE}")
    return sheet


_PICTURE_ROWS = 7
_PICTURE_WIDTH = 18


class Tile(Widget, can_focus=False):
    """A tile that reports a touch as soon as a finger is down: small fingers slide, and they bounce."""

    BOUNCE_S = 0.4
    """A second touch this soon after one is the same touch: it neither greets again nor takes a pick away."""

    class Touched(Message):
        """A finger is on a tile."""

        def __init__(self, tile: Tile) -> None:
            super().__init__()
            self.tile = tile

    def __init__(self) -> None:
        super().__init__()
        self._touched_at_s = float("-inf")

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Report the touch."""
        event.prevent_default()
        if event.time - self._touched_at_s >= self.BOUNCE_S:
            self._touched_at_s = event.time
            self.post_message(self.Touched(self))

    @property
    def sheet_size(self) -> tuple[int, int]:
        """Width and height of the paper: a column is left free beside it."""
        return max(1, self.size.width - 1), max(1, self.size.height)


class PupilTile(Tile):
    """A pupil: picture and first name. It looks the same before and after check-in."""

    def __init__(self, pupil: RosterPupil, paper: str) -> None:
        super().__init__()
        self.pupil = pupil
        self._paper = paper

    def render(self) -> Text:
        """The picture above the name."""
        width, height = self.sheet_size
        style = f"{INK} on {self._paper}"
        lines: list[Text | str] = [*self._drawn(width, height, style)]
        if height >= 5 and height % 2:  # so that there is as much paper above as below
            lines.append("")
        lines.append(Text(centred(cut_name(self.pupil.first_name, width), width), f"bold {style}"))
        return paper_lines(lines, width, height, self._paper)

    def _drawn(self, width: int, height: int, style: str) -> list[Text]:
        """The picture: drawn large where a small class or a large screen leaves room for it."""
        if height < _PICTURE_ROWS + 4 or width < _PICTURE_WIDTH:
            return [Text(centred(picture_of(self.pupil.picture), width), style)]
        picture = big_picture(self.pupil.picture, _PICTURE_ROWS, self._paper, DJ)
        left = (width - picture.width) // 2
        before, behind = Text(" " * left, style), Text(" " * (width - picture.width - left), style)
        return [before + picture.row(row, _PICTURE_ROWS, style) + behind for row in range(_PICTURE_ROWS)]


class TrackTile(Tile):
    """A track that can be picked: picture, title, artist, length, and its number once it is chosen."""

    def __init__(self, track: ApprovedTrack, paper: str) -> None:
        super().__init__()
        self.track = track
        self._paper = paper
        self._place: int | None = None
        self._room = True

    def show(self, place: int | None, room: bool) -> None:
        """Set the tile's number in the order (None: not chosen), and whether there is room for it."""
        if (place, room) != (self._place, self._room):
            self._place, self._room = place, room
            self.refresh()

    def render(self) -> Text:
        """Two lines: what it is, and who plays it for how long."""
        width, height = self.sheet_size
        paper = CHOSEN if self._place else self._paper if self._room else QUIET
        ink = f"{INK} on {paper}"
        soft = f"{INK if self._place else SOFT_INK} on {paper}"
        badge = f"✔ {self._place}" if self._place else ""
        first = Text(f" {picture_of(self.track.picture, '🎵')}  ", ink)
        title_width = max(1, width - 5 - len(badge) - 2)
        first.append(padded(self.track.title, title_width), f"bold {ink}")
        first.append(badge + "  ", f"bold {ink}")
        length = length_words(self.track.duration_s)
        about = f"{cut(self.track.artist, max(1, width - 9 - len(length)))} · " if clean(self.track.artist) else ""
        second = Text("     " + padded(about + length, width - 5), soft)
        return paper_lines([first, second], width, height, paper)
