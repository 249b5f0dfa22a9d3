"""The processes that a run starts: each is ended by its own id, also when the run is broken off or killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ENDS_WITHIN_S = 5.0
PROJECT = Path(__file__).resolve().parent.parent


class Children:
    """Processes by their ids, ended in the reverse order of their start."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[subprocess.Popen[bytes]] = []
        logs.mkdir(parents=True, exist_ok=True)

    @property
    def running(self) -> tuple[subprocess.Popen[bytes], ...]:
        """What was started and not ended."""
        return tuple(self._running)

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program in the project's folder; what it says goes to the log of that name."""
        setpriv = shutil.which("setpriv")
        # The kernel ends it when this process is killed; its own session keeps ctrl-C for us.
        ended_with_us = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with (self._logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*ended_with_us, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=PROJECT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes], *, kill: bool = False) -> None:
        """End one as SIGTERM does, or as a power cut does, and wait."""
        if kill:
            process.kill()
        else:
            process.terminate()
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._running.remove(process)

    def end_all(self) -> None:
        """End what still runs."""
        for process in reversed(self.running):
            self.end(process)


@contextlib.contextmanager
def children(logs: Path) -> Iterator[Children]:
    """Processes that all have ended at the end of the block."""
    started = Children(logs)
    try:
        yield started
    finally:
        started.end_all()


@contextlib.contextmanager
def busy_cores(started: Children) -> Iterator[None]:
    """Keep every core busy, by one endless loop of normal niceness for each."""
    loops = [
        started.start("busy", [sys.executable, "-S", "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for loop in loops:
            started.end(loop, kill=True)
