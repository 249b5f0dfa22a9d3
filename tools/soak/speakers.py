"""A process with real speakers on a null output that keeps the rehearsal's pace: `python -m tools.soak.speakers FILE`.

FILE is a JSON file with the fields of `Group`. Whole speakers decode with libvlc; for the others a constant sound
stands for each track that they have fetched. All else is the speaker's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from devices import attempt, fetching, plan, playlog, speaker, telling
from devices.decoder import PcmStore, Wanted
from devices.output import NullOutput, Output
from devices.pcm import CHANNELS, RATE, Pcm
from devices.player import Player
from devices.speaker import Parts, SpeakerSettings
from devices.timebase import Timebase
from unmissable.running import end_with_parent, log_to_stderr, stop_on_signals
from wire.address import BrokerAddress, Credentials

from .ears import Ear
from .pace import Pace, real_s
from .paced import Drifting

SWITCH_S = 0.0005
"""Many speakers share this interpreter: with Python's 5 ms, one would hear the time late while another mixes."""
LEVEL = 30_000
LOOK_S = 0.2
LATE_S = 1.0
HELD_UP_S = 600.0
"""School time of half a minute: longer than speakers that share a machine hold each other up, shorter than any jump."""


_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Group:
    """The speakers of one process: `zones` by speaker; the rest is where things are."""

    zones: dict[str, str]
    whole: bool
    ppm: float
    pace: str
    broker: str
    site: str
    credentials: str
    state: str
    ears: str

    def save(self, path: Path) -> None:
        """Write it for the process."""
        path.write_text(json.dumps(dataclasses.asdict(self)), encoding="utf-8")


class ConstantSound(PcmStore):
    """The store of decoded tracks with the decoding left out: what was fetched and wanted is there at once."""

    def __init__(self, folder: Path, on_change: Callable[[], None]) -> None:
        super().__init__(folder, on_change)
        self._poked = asyncio.Event()
        self._said = on_change
        self._given: dict[str, Pcm] = {}
        self._asked: tuple[Wanted, ...] = ()

    def want(self, wanted: Sequence[Wanted]) -> None:
        """Have these tracks, and forget the others."""
        if tuple(wanted) != self._asked:
            self._asked = tuple(wanted)
            self._poked.set()

    def poke(self) -> None:
        """Look again: a file arrived."""
        self._poked.set()

    def get(self, track: str) -> Pcm | None:
        """The track's constant sound."""
        return self._given.get(track)

    def spare_memory(self) -> None:
        """Nothing is mapped."""

    async def run(self) -> None:
        """Give what is wanted and fetched, until cancelled."""
        while True:
            self._poked.clear()
            self._given |= {one.track: _constant(one) for one in self._asked if one.source.exists()}
            self._said()
            await self._poked.wait()


def _constant(one: Wanted) -> Pcm:
    level = np.full((1, 1), LEVEL, dtype=np.int16)
    return Pcm(one.source, np.broadcast_to(level, (round(one.duration_s * RATE), CHANNELS)))


class PacedOutput(NullOutput):
    """The null output where a second takes less than one: its rests are shorter, and rounded up to a wake or two."""

    BLOCK_FRAMES = RATE // 4
    BEHIND_S = HELD_UP_S
    speed = 1.0
    shortest_rest_s = 0.03

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(max(self.shortest_rest_s, seconds / self.speed))


def keep_pace(speed: float, *, whole: bool) -> None:
    """What bounds real work by school seconds must bear that those go by faster.

    A whole speaker does all as often as in life; the others tell of themselves as often as in life in real time.
    A look or an output that comes late by HELD_UP_S makes good what it missed, as one that is late by a second does in
    life. Everything else that the loop sleeps through stays in real time, and so comes rarer in school time.
    """
    PacedOutput.speed = speed
    plan.PAST_S = speaker.STALE_S = playlog.LATEST_LOOK_S = HELD_UP_S
    playlog.SHORT_LACK_S *= speed
    attempt.TIMEOUT_S *= speed
    attempt.STALL_S *= speed
    fetching.SLOW_S *= speed
    if whole:
        speaker.TICK_S = max(0.02, speaker.TICK_S / speed)
        PacedOutput.shortest_rest_s = 0.005
        PacedOutput.BLOCK_FRAMES = NullOutput.BLOCK_FRAMES
        return
    speaker.WANT_AGAIN_S *= speed
    telling.STATE_PLAYING_S *= speed
    telling.STATE_IDLE_S *= speed


def parts_of(name: str, group: Group, machine: Drifting, file: TextIO) -> Parts:
    """The parts of one speaker."""

    def output(_wanted: str, player: Player, timebase: Timebase, _zone: str) -> Output:
        def true_s(instant_s: float) -> float:
            return machine.true_s(instant_s - timebase.at_steady(0.0))

        return PacedOutput(player, timebase, Ear(name, file, true_s).hear)

    return Parts(output=output, decoded=PcmStore if group.whole else ConstantSound)


async def _tell_when_held_up() -> None:
    """Log when this process did not get its turn: then what is late is the machine's fault."""
    while True:
        before_s = real_s()
        await asyncio.sleep(LOOK_S)
        late_s = real_s() - before_s - LOOK_S
        if late_s > LATE_S:
            _log.info("held up for %.1f s", late_s)


async def _main(group: Group, machine: Drifting, file: TextIO) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    watch = asyncio.create_task(_tell_when_held_up())
    async with asyncio.TaskGroup() as tasks:
        for name, zone in group.zones.items():
            settings = SpeakerSettings(
                id=name,
                zone=zone,
                site=group.site,
                state=Path(group.state) / name,
                broker=BrokerAddress.parse(group.broker),
                credentials=Credentials.load(Path(group.credentials) / f"{name}.json"),
                output="null",
            )
            parts = parts_of(name, group, machine, file)
            tasks.create_task(speaker.serve(settings, stop, lambda: None, parts=parts))
    watch.cancel()


def main(path: Path) -> None:
    """Run the speakers of a file until SIGTERM."""
    group = Group(**json.loads(path.read_text(encoding="utf-8")))
    pace = Pace.load(Path(group.pace))
    machine = Drifting(pace, group.ppm)
    machine.live()
    keep_pace(pace.speed, whole=group.whole)
    sys.setswitchinterval(SWITCH_S)
    log_to_stderr()
    end_with_parent()
    with Path(group.ears).open("a", encoding="utf-8") as file, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(group, machine, file))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
