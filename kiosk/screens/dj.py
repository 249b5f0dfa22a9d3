"""The School DJ's screen: touch a track to add it, touch it again to take it away, until the slot is full."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.message import Message
from textual.widgets import Static

from kiosk.picking import Picks
from kiosk.safe_text import clean
from kiosk.screens.calm import CalmScreen
from kiosk.settings import Pace
from kiosk.theme import paper_of
from kiosk.widgets.button import BigButton
from kiosk.widgets.filled import FilledBar
from kiosk.widgets.tile import Tile, TrackTile
from kiosk.words import slot_words
from wire.requests import TurnOffer

TOP_HEIGHT = 3
BAR_HEIGHT = 3
TRACK_WIDTH = 36
MAX_TILE_HEIGHT = 7


class DjScreen(CalmScreen):
    """Shows the approved tracks, a page at a time, and the picks made so far."""

    class Changed(Message):
        """The picks are others now."""

        def __init__(self, picks: Picks) -> None:
            super().__init__()
            self.picks = picks

    class Done(Message):
        """The child is content."""

    def __init__(self, pace: Pace, offer: TurnOffer, picks: Picks) -> None:
        super().__init__(pace, pace.dj_s)
        self.offer = offer
        self.picks = picks
        self._bar = FilledBar(picks)
        self._tracks = Container(id="tracks")
        self._page = 0

    def compose(self) -> ComposeResult:
        """Home, title and Done on top; the tracks; the bar between the arrows."""
        with Horizontal(classes="top"):
            yield BigButton("🏠 Home", id="home")
            yield Static(Text(f"🎧 Your music for {slot_words(clean(self.offer.slot))}"), classes="title", markup=False)
            yield BigButton("✔ Done", id="done", classes="done")
        yield self._tracks
        with Horizontal(id="filling"):
            yield BigButton("◀", id="earlier", classes="arrow")
            yield self._bar
            yield BigButton("▶", id="later", classes="arrow")

    async def on_mount(self) -> None:
        """Lay the tracks out."""
        await self._lay()

    async def on_resize(self, _event: events.Resize) -> None:
        """Lay the tracks out for another size."""
        await self._lay()

    def on_tile_touched(self, event: Tile.Touched) -> None:
        """Add a track or take it away."""
        if not self.calm or not isinstance(event.tile, TrackTile):
            return
        picks = self.picks.touched(event.tile.track.id)
        if picks != self.picks:
            self.picks = picks
            self._show_picks()
            self.post_message(self.Changed(picks))

    async def on_big_button_touched(self, event: BigButton.Touched) -> None:
        """Home, done, or another page."""
        if not self.calm:
            return
        if event.button.id == "home":
            self.go_home()
        elif event.button.id == "done":
            self.post_message(self.Done())
        else:
            self._page += 1 if event.button.id == "later" else -1
            await self._lay()

    def _show_picks(self) -> None:
        self._bar.show(self.picks)
        for tile in self._tracks.query(TrackTile):
            tile.show(self.picks.place(tile.track.id), not self.picks.full)

    async def _lay(self) -> None:
        width, height = self.app.size
        room = max(3, height - TOP_HEIGHT - BAR_HEIGHT - 1)
        tracks = self.picks.approved
        columns = max(1, width // TRACK_WIDTH)
        tile_height = 4 if room >= 16 else 3
        tile_height = max(tile_height, min(MAX_TILE_HEIGHT, room // max(1, -(-len(tracks) // columns))))
        rows = max(1, room // tile_height)
        pages = max(1, -(-len(tracks) // (columns * rows)))
        self._page %= pages
        first = self._page * columns * rows
        tiles = []
        for place, track in enumerate(tracks[first : first + columns * rows]):
            tile = TrackTile(track, paper_of(first + place))
            tile.styles.width, tile.styles.height = width // columns, tile_height
            tile.styles.offset = ((place % columns) * (width // columns), (place // columns) * tile_height)
            tiles.append(tile)
        waiting = [] if tracks else [Static("🎵 The music is on its way here…", id="nobody", markup=False)]
        async with self.batch():
            await self._tracks.remove_children()
            await self._tracks.mount_all([*tiles, *waiting])
        for arrow in self.query(".arrow"):
            arrow.visible = pages > 1
        self._show_picks()
