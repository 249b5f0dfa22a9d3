"""Our speakers as processes: `unmissable speaker`, one for each room."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.children import Children
from bench.meter import SINKS
from bench.school import SITE, ZONES, School
from tests.sound import PrivatePulse

NAMES = tuple(ZONES)


class Speakers:
    """The speakers of both rooms; each keeps its state folder from one start to the next."""

    def __init__(self, school: School, started: Children, pulse: PrivatePulse) -> None:
        self._school = school
        self._started = started
        self._pulse = pulse
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start one."""
        self._school.states.pop(name, None)
        sink = SINKS[NAMES.index(name)]
        command = [
            *(sys.executable, "-m", "unmissable", "speaker", "--id", name, "--zone", ZONES[name], "--site", SITE),
            *("--state", str(self.state(name)), "--output", "pulse", "--broker", self._school.address),
            *("--credentials", str(self._school.credentials(name))),
        ]
        # Compiled modules are kept, as they are of a program that is installed.
        environment = {**self._pulse.environment(sink), "PYTHONDONTWRITEBYTECODE": ""}
        self._running[name] = self._started.start(f"speaker-{name}", command, environment)
        return self._running[name]

    def start_all(self) -> None:
        """Start both."""
        for name in NAMES:
            self.start(name)

    def kill(self, name: str) -> None:
        """End one as a power cut does."""
        self._started.end(self._running.pop(name), kill=True)

    def stop_all(self) -> None:
        """End both as SIGTERM does."""
        for name in list(self._running):
            self._started.end(self._running.pop(name))

    def state(self, name: str) -> Path:
        """One's own folder."""
        return self._school.folder / "speakers" / name

    def decoded(self, name: str) -> int:
        """How many tracks one has decoded."""
        return len(list((self.state(name) / "pcm").glob("*.pcm")))
