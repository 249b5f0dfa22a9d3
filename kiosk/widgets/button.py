"""A large button for a finger. No key presses it: nothing on a pupil's screen takes focus."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget

from kiosk.safe_text import cut


class BigButton(Widget, can_focus=False):
    """A filled block with a label in its middle; it reports a touch by its id."""

    class Touched(Message):
        """A finger is on the button."""

        def __init__(self, button: BigButton) -> None:
            super().__init__()
            self.button = button

    def __init__(self, label: str, id: str, classes: str = "") -> None:
        super().__init__(id=id, classes=classes)
        self._label = label

    def label(self, label: str) -> None:
        """Change what the button says."""
        self._label = label
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Report the touch."""
        event.prevent_default()
        self.post_message(self.Touched(self))

    def render(self) -> Text:
        """The label, each line cut to the button's width; the style sheet sets it in the middle."""
        lines = [cut(line, max(1, self.size.width)) for line in self._label.split("\n")]
        return Text("\n".join(lines[: max(1, self.size.height)]), justify="center")
