"""Asking an app for the screen on top, as the kind that a test expects."""

from __future__ import annotations

from typing import TypeVar

from kiosk.app import KioskApp
from kiosk.screens.calm import CalmScreen

S = TypeVar("S", bound=CalmScreen)


def top(app: KioskApp, kind: type[S]) -> S:
    """The screen on top; fails when it is of another kind."""
    screen = app.screen
    assert isinstance(screen, kind), f"{screen} is on top"
    return screen
