"""What a speaker remembers on disk of what it heard: its programme, the school's silence, its zone's hold.

So it plays, or keeps silent, after a restart with nobody to ask.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import TypeVar

from devices.disk import disk_fault
from wire.errors import PayloadError
from wire.payload import decode, encode
from wire.values import Message

_log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)


class Saved:
    """A folder with one file for each kind of message."""

    def __init__(self, folder: Path) -> None:
        self.fault: str | None = None
        self._folder = folder
        self._unsaved: dict[str, Message | None] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def load(self, name: str, kind: type[M]) -> M | None:
        """The message saved under a name; None when there is none that can be read."""
        path = self._folder / f"{name}.json"
        try:
            return decode(path.read_bytes(), kind)
        except FileNotFoundError:
            return None
        except (OSError, PayloadError) as wrong:
            _log.warning("%s: left out: %s", path, wrong)
            return None

    def save(self, name: str, message: Message | None) -> None:
        """Write a message beside and rename it; None deletes. What a disk refuses is told, and tried again later."""
        self._unsaved[name] = message
        self.save_again()

    def save_again(self) -> None:
        """Write what could not be written before."""
        fault = None
        for name, message in list(self._unsaved.items()):
            path = self._folder / f"{name}.json"
            try:
                self._write(path, message)
            except OSError as wrong:
                fault = disk_fault(wrong)
                if self.fault is None:
                    _log.error("%s: not saved: %s", path, wrong.strerror)
            else:
                del self._unsaved[name]
        self.fault = fault

    @staticmethod
    def _write(path: Path, message: Message | None) -> None:
        if message is None:
            path.unlink(missing_ok=True)
            return
        beside = path.with_suffix(".new")
        try:
            with beside.open("wb") as file:
                file.write(encode(message))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            # It must not fill the disk that is full already.
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise
