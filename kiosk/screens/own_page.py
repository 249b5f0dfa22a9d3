"""A child's own page: stars to spend, what they were given for, and the School DJ button when there is a turn."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from kiosk.safe_text import clean, cut, picture_of
from kiosk.school import OwnThings
from kiosk.screens.calm import CalmScreen
from kiosk.settings import Pace
from kiosk.widgets.button import BigButton
from kiosk.widgets.points import Balance, Entries
from kiosk.words import slot_words
from wire.requests import RosterPupil, TurnOffer


class OwnPage(CalmScreen):
    """Opened by a card; closes itself when nobody touches it."""

    class PickMusic(Message):
        """The child wants to choose music for a turn."""

        def __init__(self, things: OwnThings, offer: TurnOffer) -> None:
            super().__init__()
            self.things = things
            self.offer = offer

    def __init__(self, pace: Pace, pupil: RosterPupil) -> None:
        super().__init__(pace, pace.page_s)
        self.pupil = pupil
        self._things: OwnThings | None = None
        self._balance = Balance(pupil.picture)
        self._entries = Entries()
        self._dj = BigButton("", id="pick-music", classes="dj")
        self._locked = Static("", id="locked", markup=False)

    def compose(self) -> ComposeResult:
        """Name and home on top, the stars in the middle, the School DJ below."""
        name = f"{picture_of(self.pupil.picture)}  {cut(self.pupil.first_name, 30)}"
        with Horizontal(classes="top"):
            yield Static(Text(name), classes="title", markup=False)
            yield BigButton("🏠 Home", id="home")
        with Horizontal(id="points"):
            yield self._balance
            with Vertical(id="entries"):
                yield self._entries
        yield self._locked
        yield self._dj

    def on_mount(self) -> None:
        """Nothing is known of turns yet."""
        self._dj.display = self._locked.display = False

    def show(self, things: OwnThings) -> None:
        """Show what the office told."""
        self._things = things
        self._balance.show(things.points)
        self._entries.show(things.points)
        offer = self.open_offer
        self._dj.display = offer is not None
        if offer is not None:
            slot = slot_words(clean(offer.slot))
            verb = "Touch here to change your music" if offer.picks else "Touch here to choose the music"
            self._dj.label(f"🎧  You are School DJ at {slot}!  🎧\n{verb}")
        locked = next((one for one in things.offers if one.state == "locked"), None)
        self._locked.display = locked is not None and offer is None
        if locked is not None:
            slot = slot_words(clean(locked.slot))
            told = f"Your music for {slot} is on its way!" if locked.picks else f"The music for {slot} is all set!"
            self._locked.update(Text(f"🎧 {told}"))
        self.stay()

    @property
    def open_offer(self) -> TurnOffer | None:
        """The turn that can still be changed, if any."""
        offers = self._things.offers if self._things else ()
        return next((offer for offer in offers if offer.state == "open"), None)

    def on_big_button_touched(self, event: BigButton.Touched) -> None:
        """Go home, or to the music."""
        if not self.calm:
            return
        if event.button.id == "home":
            self.go_home()
        elif self._things is not None and (offer := self.open_offer) is not None:
            self.post_message(self.PickMusic(self._things, offer))
