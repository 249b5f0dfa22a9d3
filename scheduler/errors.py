"""The errors of the scheduler, one tree.

SchedulerError
├── YamlError     a file that is not the plain YAML that we read; `line` and `col` say where
└── LibraryError  the music library cannot be read or kept
"""

from __future__ import annotations


class SchedulerError(Exception):
    """The root of every error that the scheduler raises."""


class YamlError(SchedulerError):
    """A file that is not the plain YAML that we read; `line` and `col` count from 1."""

    def __init__(self, line: int, col: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.col = col
        self.message = message


class LibraryError(SchedulerError):
    """The music library cannot be read or kept."""
