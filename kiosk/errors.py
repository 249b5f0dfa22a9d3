"""The errors of the kiosk, one tree.

KioskError
├── OutboxError   a tap could not be written to the disk
└── SchoolError   the school could not do what a child asked for
    ├── Away      no answer: the network or the office is gone just now
    └── Closed    the office said no; `reason` is its short code
"""

from __future__ import annotations


class KioskError(Exception):
    """The root of every error that the kiosk raises."""


class OutboxError(KioskError):
    """A tap could not be written to the disk."""


class SchoolError(KioskError):
    """The school could not do what a child asked for."""


class Away(SchoolError):
    """No answer: the network or the office is gone just now."""


class Closed(SchoolError):
    """The office said no."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
