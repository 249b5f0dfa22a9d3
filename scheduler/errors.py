"""The errors of the scheduler, one tree.

SchedulerError
├── YamlError     a file that is not the plain YAML that we read; `line` and `col` say where
├── UnknownZone   a zone that the timetable does not have
└── LibraryError  the music library cannot be read or kept
    ├── UnplayableFile  a file that cannot be music; the message says why, for people
    └── FfmpegMissing   the program that reads music is not on this machine
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


class UnknownZone(SchedulerError):
    """A zone that the timetable does not have."""


class LibraryError(SchedulerError):
    """The music library cannot be read or kept."""


class UnplayableFile(LibraryError):
    """A file that cannot be music; the message says why, for people, without the file's name."""


class FfmpegMissing(LibraryError):
    """The program that reads music is not on this machine."""

    def __init__(self) -> None:
        super().__init__("ffmpeg is not on this machine: install it (on Debian: sudo apt-get install ffmpeg)")
