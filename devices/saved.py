"""What a speaker remembers on disk of what it heard: its programme, the school's silence, its zone's hold.

So it plays, or keeps silent, after a restart with nobody to ask.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TypeVar

from wire.errors import PayloadError
from wire.payload import decode, encode
from wire.values import Message

_log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)


class Saved:
    """A folder with one file for each kind of message."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
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
        """Write a message beside and rename it; None deletes. A disk that refuses is told, and nothing else stops."""
        path = self._folder / f"{name}.json"
        try:
            if message is None:
                path.unlink(missing_ok=True)
                return
            beside = path.with_suffix(".new")
            with beside.open("wb") as file:
                file.write(encode(message))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as wrong:
            _log.error("%s: not saved: %s", path, wrong.strerror)
