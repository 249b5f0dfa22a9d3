"""What a program tells systemd, when systemd started it: that it is ready, that it still works, that it stops.

The protocol is sd_notify(3)'s: a datagram to the socket that NOTIFY_SOCKET names. It is so small that its manual page
gives an implementation to copy; without that variable nothing is sent.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time


class ServiceManager:
    """One program's line to systemd."""

    ALIVE_EVERY_S = 2.0
    """More often than any sensible WatchdogSec asks for, and seldom enough to cost nothing."""

    def __init__(self) -> None:
        # Children must not speak for this program.
        self._address = os.environ.pop("NOTIFY_SOCKET", "")
        self._said_alive_s = float("-inf")

    def ready(self) -> None:
        """The program does its work now."""
        self._say("READY=1")

    def alive(self) -> None:
        """The program still works: said now and then, however often this is called."""
        now_s = time.monotonic()
        if now_s - self._said_alive_s >= self.ALIVE_EVERY_S:
            self._said_alive_s = now_s
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The program ends on purpose."""
        self._say("STOPPING=1")

    def _say(self, word: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.connect(address)
            line.sendall(word.encode())
