"""`unmissable …` in a process that lives by the rehearsal's pace: `python -m tools.soak.paced PACE ARGUMENT…`.

A machine whose crystal is off lives by the same pace, a few millionths faster: `drifting` is for the speakers'.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from devices import spool
from unmissable.command import main
from wire import clock, doubles, link
from wire.requests import CLOCK, PLAYED

from .pace import Pace

_STEADY_FIRST_S = 1_000.0
WALL_IS_WRONG_S = 4_000.0
"""The speakers' machine has no NTP: its wall clock is an hour off, and school time must not come from it."""


def live_by(pace: Pace) -> None:
    """Have this process live by the pace, as a machine whose clocks are right."""
    clock.live_by(pace.now_s, pace.now_s)
    network_in_real_time(pace.speed)


def network_in_real_time(speed: float) -> None:
    """The broker is as quick as ever: its silence and the age of a question are counted in real seconds."""
    vars(clock)["CLOCK"] = dataclasses.replace(CLOCK, valid_s=CLOCK.valid_s * speed)
    vars(spool)["PLAYED"] = dataclasses.replace(PLAYED, valid_s=PLAYED.valid_s * speed)
    link.QUIET_S *= speed
    link.DEAD_S *= speed
    doubles.SHORT_S *= speed


@dataclasses.dataclass(frozen=True)
class Drifting:
    """A machine whose steady clock runs `ppm` millionths too fast and whose wall clock is wrong."""

    pace: Pace
    ppm: float

    @property
    def rate(self) -> float:
        """Seconds of this machine in a second of school time."""
        return 1.0 + self.ppm * 1e-6

    def steady_s(self) -> float:
        """Its steady clock."""
        first_s = self.pace.stretches[0].from_s
        return (self.pace.now_s() - first_s) * self.rate + _STEADY_FIRST_S

    def true_s(self, steady: float) -> float:
        """True school time, in Unix seconds, at a reading of its steady clock."""
        return self.pace.stretches[0].from_s + (steady - _STEADY_FIRST_S) / self.rate

    def live(self) -> None:
        """Have this process be on that machine."""
        clock.live_by(self.steady_s, lambda: self.pace.now_s() - WALL_IS_WRONG_S)
        network_in_real_time(self.pace.speed)


if __name__ == "__main__":
    live_by(Pace.load(Path(sys.argv[1])))
    main(sys.argv[2:])
