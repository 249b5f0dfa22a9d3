"""Running one program from the command line: its loop, its signals, its log, and its one line when it cannot go on."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
from collections.abc import Awaitable, Callable

from unmissable.errors import UnmissableError
from unmissable.service_manager import ServiceManager

Serve = Callable[[asyncio.Event, Callable[[], None]], Awaitable[None]]
"""A program: it runs until the event is set, and calls the function when it is ready."""

CHILD = "UNMISSABLE_CHILD"
"""Set in the environment of a program that another one started and that shall end with it."""
_PR_SET_PDEATHSIG = 1
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def log_to_stderr() -> None:
    """Log what matters, a line each."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%Y-%m-%d %H:%M:%S"
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def end_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent dies, for a program that was started by another one of ours."""
    if os.environ.get(CHILD) != str(os.getppid()):
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def run(serve: Serve, *, errors: tuple[type[Exception], ...] = (), manager: ServiceManager | None = None) -> None:
    """Run a program until SIGTERM or SIGINT; raises UnmissableError, one line, for one of `errors`.

    A program that is watched says that it is alive through the `manager` that it is given.
    """
    log_to_stderr()
    end_with_parent()
    manager = manager or ServiceManager()

    async def main() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await serve(stop, manager.ready)
        manager.stopping()

    try:
        asyncio.run(main())
    except errors as wrong:
        raise UnmissableError(str(wrong)) from wrong
    finally:
        # It has ended in good order: a second signal must not turn that into a death by it.
        for one in _SIGNALS:
            signal.signal(one, signal.SIG_IGN)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set an event on SIGTERM, SIGINT and SIGHUP."""
    loop = asyncio.get_running_loop()
    for one in _SIGNALS:
        loop.add_signal_handler(one, stop.set)
