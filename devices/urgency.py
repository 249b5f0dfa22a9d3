"""Threads that carry sound go before other work, as far as the system allows it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PRIORITY = 5
NICENESS = -10
"""Of the threads that carry sound alone: real time (SCHED_RR) where the system allows it, else this niceness, which
Linux does not heed between sessions (autogroup). They work a hundredth of the time and must not wait."""
_CLIENT_THREADS = ("alsa-pulse", "threaded-ml", "data-loop")
"""What libpulse and PipeWire call the threads of theirs in this process that carry the sound."""


def hurry(*threads: int) -> None:
    """Let threads of this process go before other work, as far as the system allows it."""
    for thread in threads:
        try:
            os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(PRIORITY))
        except OSError:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, thread, NICENESS)


def client_threads() -> list[int]:
    """The threads of the sound server's client in this process."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            if (task / "comm").read_text(encoding="ascii", errors="replace").strip() in _CLIENT_THREADS:
                found.append(int(task.name))
    return found
