"""A large button for a finger. No key presses it: nothing on a pupil's screen takes focus."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget

from kiosk.safe_text import centred


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
        """The label, each line in the middle; the style sheet sets the lines in the middle of the height."""
        width = max(1, self.size.width)
        lines = [centred(line, width) for line in self._label.split("\n")]
        return Text("\n".join(lines[: max(1, self.size.height)]))
