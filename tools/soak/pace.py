"""How fast the rehearsal's time goes: real seconds to school time, in stretches that run and jumps between them.

Pure but for the file that tells every process the same. A jump is for the programs as if all machines had slept.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from collections.abc import Iterable
from pathlib import Path


def real_s() -> float:
    """The machine's own steady clock, the same for every process of one boot."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclasses.dataclass(frozen=True)
class Stretch:
    """A span of school time, in Unix seconds, that is lived through."""

    from_s: float
    to_s: float

    @property
    def length_s(self) -> float:
        """How long it is in school time."""
        return self.to_s - self.from_s


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The stretches in order, those that touch made one."""
    found: list[Stretch] = []
    for one in sorted(stretches, key=lambda each: each.from_s):
        if found and one.from_s <= found[-1].to_s:
            found[-1] = Stretch(found[-1].from_s, max(found[-1].to_s, one.to_s))
        else:
            found.append(one)
    return tuple(found)


@dataclasses.dataclass(frozen=True)
class Pace:
    """School time from a real instant on: `speed` school seconds each second through each stretch, then the next one.

    Behind the last stretch time runs on at the same speed.
    """

    began_real_s: float
    speed: float
    stretches: tuple[Stretch, ...]

    def school_s(self, real: float) -> float:
        """School time in Unix seconds at a reading of `real_s`."""
        left_s = (real - self.began_real_s) * self.speed
        for one in self.stretches[:-1]:
            if left_s < one.length_s:
                return one.from_s + left_s
            left_s -= one.length_s
        return self.stretches[-1].from_s + left_s

    def real_s(self, school_s: float) -> float:
        """When it is so late in school; an instant in a jump is the real instant of the jump."""
        passed_s = 0.0
        for one in self.stretches[:-1]:
            if school_s < one.to_s:
                return self.began_real_s + (passed_s + max(0.0, school_s - one.from_s)) / self.speed
            passed_s += one.length_s
        return self.began_real_s + (passed_s + max(0.0, school_s - self.stretches[-1].from_s)) / self.speed

    def now_s(self) -> float:
        """School time now, in Unix seconds."""
        return self.school_s(real_s())

    def now(self) -> dt.datetime:
        """School time now, in UTC."""
        return dt.datetime.fromtimestamp(self.now_s(), dt.UTC)

    def save(self, path: Path) -> None:
        """Write it for the processes of the rehearsal."""
        path.write_text(json.dumps(dataclasses.asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Pace:
        """Read it."""
        told = json.loads(path.read_text(encoding="utf-8"))
        stretches = tuple(Stretch(**one) for one in told["stretches"])
        return cls(float(told["began_real_s"]), float(told["speed"]), stretches)
