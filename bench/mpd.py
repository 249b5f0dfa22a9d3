"""MPD: one instance in each room, told to play by its own protocol."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bench.children import Children
from bench.meter import SINKS
from bench.sockets import Stream, connect
from tests.sound import PrivatePulse


class Mpd:
    """Two instances with one track each in their queues."""

    def __init__(self, folder: Path, started: Children, pulse: PrivatePulse, track: Path) -> None:
        self._folder = folder
        self._started = started
        self._pulse = pulse
        self._track = track
        self._processes: list[subprocess.Popen[bytes]] = []
        self._streams: list[Stream] = []

    async def start(self, sinks: tuple[str, ...] = SINKS) -> None:
        """Start one for each sink, with the track in its queue."""
        for sink in sinks:
            folder = self._folder / sink
            (folder / "music").mkdir(parents=True, exist_ok=True)
            socket = folder / "socket"
            socket.unlink(missing_ok=True)
            configuration = folder / "mpd.conf"
            configuration.write_text(
                # An empty one: a track below it would have to be in MPD's database first, a file elsewhere has not.
                f'music_directory "{folder}/music"\ndb_file "{folder}/database"\n'
                f'bind_to_address "{socket}"\nzeroconf_enabled "no"\nauto_update "no"\n'
                f'audio_output {{\n type "pulse"\n name "{sink}"\n'
                f' server "{self._pulse.server}"\n sink "{sink}"\n}}\n',
                encoding="utf-8",
            )
            command = ["mpd", "--no-daemon", "--stderr", str(configuration)]
            self._processes.append(self._started.start(f"mpd-{sink}", command))
            self._streams.append(await connect(socket))
            await self._streams[-1][0].readline()
        await self.tell(f'add "{self._track}"')

    @property
    def processes(self) -> list[subprocess.Popen[bytes]]:
        """One for each room."""
        return list(self._processes)

    async def play(self) -> None:
        """Play from the beginning."""
        await self.tell("play 0")

    async def rest(self) -> None:
        """Stop, ready to play again."""
        await self.tell("stop")

    async def tell(self, command: str) -> None:
        """Tell all at once, then hear their answers; raises ConnectionError for a refusal."""
        for _, writer in self._streams:
            writer.write(f"{command}\n".encode())
        for reader, _ in self._streams:
            while not (line := await reader.readline()).startswith(b"OK"):
                if line.startswith(b"ACK") or not line:
                    raise ConnectionError(f"MPD refuses {command!r}: {line.decode().strip() or 'it ended'}")

    def stop(self) -> None:
        """End both."""
        for _, writer in self._streams:
            writer.close()
        for process in self._processes:
            self._started.end(process)
        self._streams.clear()
        self._processes.clear()
