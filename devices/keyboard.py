"""The speaker's own keyboard: one key silences the school, also with broker, scheduler and network gone.

It reads the terminal that the program runs in: a technician's, or the machine's own where systemd gives it (TTYPath).
Lifting the silence is not possible here: that takes signed-in staff.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import termios
import tty
from collections.abc import Callable

_log = logging.getLogger(__name__)

KEYS = b" sS0"
"""Space, S and 0: what a hand finds in a hurry, also on a number pad. Not Enter, which people press for no reason."""


class Keyboard:
    """Calls `on_silence` for each of KEYS, from `start` to `stop`; without a terminal it does nothing."""

    def __init__(self, on_silence: Callable[[], None], descriptor: int | None = None) -> None:
        self._on_silence = on_silence
        self._descriptor = descriptor
        self._before: list[int | list[bytes | int]] | None = None

    def start(self) -> None:
        """Begin to read keys, one by one and without echo."""
        with contextlib.suppress(OSError, ValueError, AttributeError):  # no standard input at all
            self._descriptor = sys.stdin.fileno() if self._descriptor is None else self._descriptor
        if self._descriptor is None or not os.isatty(self._descriptor) or not self._in_front():
            return
        self._before = termios.tcgetattr(self._descriptor)
        tty.setcbreak(self._descriptor)
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        _log.info("space, S or 0 on this keyboard silences the whole school")

    def stop(self) -> None:
        """Leave the terminal as it was."""
        if self._before is not None and self._descriptor is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
            self._before = None

    def _in_front(self) -> bool:
        """Whether the terminal's keys are for this program: in the background a read would stop it."""
        assert self._descriptor is not None
        try:
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:
            return False

    def _read(self) -> None:
        assert self._descriptor is not None
        try:
            typed = os.read(self._descriptor, 64)
        except OSError:
            typed = b""
        if not typed:  # the terminal went away
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._before = None
        elif any(key in KEYS for key in typed):
            self._on_silence()
