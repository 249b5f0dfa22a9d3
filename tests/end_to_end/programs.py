"""The programs as processes, started as people and services start them; each has a log and is ended by its handle."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from unmissable.running import CHILD

COMMAND = (sys.executable, "-m", "unmissable")
"""What runs the command without a shell's PATH."""


class Program:
    """One running `unmissable …`; what it says goes to a log. It ends with the tests, whatever happens to them."""

    def __init__(self, log: Path, *arguments: str, **environment: str) -> None:
        self._log = log
        self.started_s = time.time()
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, CHILD: str(os.getpid()), **environment},
            )

    @property
    def said(self) -> str:
        """All that it has said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(10)

    def end(self, by: signal.Signals = signal.SIGTERM, timeout_s: float = 20.0) -> int:
        """Ask it to end and wait; its exit status."""
        if self.running:
            self.process.send_signal(by)
        return self.wait(timeout_s)

    def wait(self, timeout_s: float) -> int:
        """Wait for its end; its exit status. Kills it and fails the test when it takes longer."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self._log.name}: it did not end in {timeout_s:g} s:\n{self.said}") from None


@dataclasses.dataclass(frozen=True)
class Ran:
    """A command that has ended: its status and what it said."""

    status: int
    out: str
    err: str


def run(
    *arguments: str, answer: str = "", timeout_s: float = 60.0, environment: Mapping[str, str] | None = None
) -> Ran:
    """Run a command to its end, with something on its standard input, in an environment with some more in it."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=answer,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def processes_of(place: str) -> dict[int, str]:
    """The processes whose command line names a place, but for this one: their ids and command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if place in command:
                found[int(entry.name)] = command
    return found
