"""The errors of the command, one tree.

UnmissableError        anything that ends a command with one clear line and exit status 1
├── WrongUse           the command was used wrongly, or a file is wrong: exit status 2
└── MissingParts       programs or libraries of the system that are not installed
"""

from __future__ import annotations


class UnmissableError(Exception):
    """The root: its message is the one line that the user sees."""

    status = 1


class WrongUse(UnmissableError):
    """The command was used wrongly, or a file is wrong."""

    status = 2


class MissingParts(UnmissableError):
    """Programs or libraries of the system that are not installed."""
