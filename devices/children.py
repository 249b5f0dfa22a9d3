"""Child processes that end with the process that started them, however that ends."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_PARENT = "UNMISSABLE_PARENT"


def environment() -> dict[str, str]:
    """What a child is started with, so that it knows its parent: a process 1 may be one, in a container."""
    return {**os.environ, _PARENT: str(os.getpid())}


def die_with_the_parent() -> None:
    """Have the kernel kill this process when its parent ends, however that ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def is_orphan() -> bool:
    """Whether the parent that named itself had ended before the kernel was asked to watch it."""
    return os.environ.get(_PARENT, str(os.getppid())) != str(os.getppid())
