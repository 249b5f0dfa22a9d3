"""The rehearsal's processes: started in this Python, killed, started again, asked for their memory."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

from unmissable.running import CHILD


@dataclasses.dataclass(frozen=True)
class Memory:
    """What a process holds, in MiB: all that is resident, and of that what is its own."""

    resident_mib: float
    own_mib: float


def memory_of(pid: int) -> Memory:
    """A process's memory as the kernel counts it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kib = {name: int(value) for name, value in re.findall(r"(VmRSS|RssAnon):\s+(\d+) kB", status)}
    return Memory(kib["VmRSS"] / 1024, kib["RssAnon"] / 1024)


class Program:
    """One process: a module of Python with arguments; what it says goes to a log. It ends with this one."""

    def __init__(self, name: str, log: Path, *arguments: str) -> None:
        self.name = name
        self.log = log
        self._arguments = arguments
        self._process = self._start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def said(self) -> str:
        """All that it has said so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def start_again(self) -> None:
        """Start it as it was started."""
        self._process = self._start()

    def cpu_s(self) -> float:
        """The seconds of CPU that it has used since its last start."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Ask it to end and wait; kill it when it does not."""
        if self.running:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, CHILD: str(os.getpid())},
            )
