"""Some speakers in one process on null outputs that are listened to: `python -m bench.crowd SETTINGS`.

SETTINGS is a JSON file: site, zone, broker, and the speakers with their state folders and credentials. When each of
them falls silent goes to the file `silences` in its state folder, an instant in Unix seconds a line.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import numpy as np

from devices.output import NullOutput, Output
from devices.pcm import RATE, Frames
from devices.player import Player
from devices.speaker import Parts, SpeakerSettings, serve
from devices.timebase import Timebase
from wire.address import BrokerAddress, Credentials


class Ear:
    """Hears the blocks of one null output, and writes down the instant of each first zero behind sound."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="ascii", buffering=1)
        self._last_s: float | None = None

    def hear(self, instant_s: float, frames: Frames) -> None:
        """One block."""
        sounding = np.flatnonzero(frames.any(axis=1))
        if len(sounding):
            self._last_s = instant_s + (int(sounding[-1]) + 1) / RATE
        if self._last_s is not None and (not len(sounding) or int(sounding[-1]) + 1 < len(frames)):
            self._file.write(f"{self._last_s:.6f}\n")
            self._last_s = None


async def _main(settings: list[SpeakerSettings]) -> None:
    ears = iter([Ear(one.state / "silences") for one in settings])

    def listened_to(_wanted: str, player: Player, timebase: Timebase, _zone: str) -> Output:
        return NullOutput(player, timebase, next(ears).hear)

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with asyncio.TaskGroup() as group:
        for one in settings:
            group.create_task(serve(one, stop, lambda: None, parts=Parts(output=listened_to)))


def _settings(path: Path) -> list[SpeakerSettings]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return [
        SpeakerSettings(
            id=one["id"],
            zone=told["zone"],
            site=told["site"],
            state=Path(one["state"]),
            broker=BrokerAddress.parse(told["broker"]),
            credentials=Credentials.load(Path(one["credentials"])),
            output="null",
        )
        for one in told["speakers"]
    ]


if __name__ == "__main__":
    asyncio.run(_main(_settings(Path(sys.argv[1]))))
