"""Waiting for a condition with a deadline, instead of sleeping for luck."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], T], timeout_s: float = 5.0, what: str = "") -> T:
    """The first true value of a condition, looked at every 5 ms; fails the test after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout_s:g} s in vain: {what or condition}"
        await asyncio.sleep(0.005)
    return value


def until_now(condition: Callable[[], T], timeout_s: float = 5.0, what: str = "") -> T:
    """As `until`, for a test that is no coroutine."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout_s:g} s in vain: {what or condition}"
        time.sleep(0.01)
    return value
