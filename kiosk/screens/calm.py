"""What all screens share: no focus, no bindings, touches that belong to the screen before are ignored, going home."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from kiosk.settings import Pace
from wire.clock import steady_s


class CalmScreen(Screen[None], inherit_bindings=False):
    """A screen without keys; with `idle_s` it asks to go home when nobody touches it."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False

    class Home(Message):
        """The screen is done: show the wall again."""

    def __init__(self, pace: Pace, idle_s: float | None = None) -> None:
        super().__init__()
        self.pace = pace
        self._idle_s = idle_s
        self._idle: Timer | None = None
        self._shown_at_s = steady_s()

    def on_screen_resume(self) -> None:
        """The screen is on top: let nothing of the screen before count, and begin to wait."""
        self._shown_at_s = steady_s()
        self.stay()

    def on_mouse_down(self, _event: events.MouseDown) -> None:
        """Somebody is there."""
        self.stay()

    @property
    def calm(self) -> bool:
        """Whether a touch counts: the screen has been there long enough to have been seen."""
        return steady_s() - self._shown_at_s >= self.pace.calm_s

    def stay(self, seconds: float | None = None) -> None:
        """Begin anew to wait for a touch, for the screen's own time or `seconds`."""
        if self._idle is not None:
            self._idle.stop()
            self._idle = None
        if seconds is not None or self._idle_s is not None:
            self._idle = self.set_timer(seconds if seconds is not None else self._idle_s or 0.0, self.go_home)

    def go_home(self) -> None:
        """Ask the app to show the wall, if this is the screen on top."""
        if self.is_current:
            self.post_message(self.Home())
