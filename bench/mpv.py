"""mpv: one in each room, its track loaded and paused ahead, let go at the instant through its IPC socket."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

from bench.children import Children
from bench.meter import SINKS
from bench.sockets import Stream, connect
from tests.sound import PrivatePulse


class Mpv:
    """Two players, pre-rolled."""

    def __init__(self, folder: Path, started: Children, pulse: PrivatePulse, track: Path) -> None:
        self._folder = folder
        self._started = started
        self._pulse = pulse
        self._track = track
        self._processes: list[subprocess.Popen[bytes]] = []
        self._streams: list[Stream] = []

    async def start(self, sinks: tuple[str, ...] = SINKS) -> None:
        """Start one for each sink, paused at the beginning of the track."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for sink in sinks:
            socket = self._folder / sink
            socket.unlink(missing_ok=True)
            command = [
                *("mpv", "--no-config", "--no-video", "--no-terminal", "--keep-open=yes", "--pause", "--ao=pulse"),
                *(f"--input-ipc-server={socket}", str(self._track)),
            ]
            self._processes.append(self._started.start(f"mpv-{sink}", command, self._pulse.environment(sink)))
            self._streams.append(await connect(socket))
        await asyncio.sleep(1.0)

    @property
    def processes(self) -> list[subprocess.Popen[bytes]]:
        """One for each room."""
        return list(self._processes)

    async def play(self) -> None:
        """Let go."""
        await self._tell("set_property", "pause", False)

    async def rest(self) -> None:
        """Pause, back at the beginning."""
        await self._tell("set_property", "pause", True)
        await self._tell("seek", 0, "absolute+exact")

    async def _tell(self, *command: object) -> None:
        line = json.dumps({"command": command, "request_id": 1}).encode() + b"\n"
        for _, writer in self._streams:
            writer.write(line)
        for reader, _ in self._streams:
            while b'"request_id":1' not in (answer := await reader.readline()):
                if not answer:
                    raise ConnectionError("mpv ended")
            if json.loads(answer)["error"] != "success":
                raise ConnectionError(f"mpv refuses {command}: {answer.decode().strip()}")

    def stop(self) -> None:
        """End both."""
        for _, writer in self._streams:
            writer.close()
        for process in self._processes:
            self._started.end(process)
        self._streams.clear()
        self._processes.clear()
