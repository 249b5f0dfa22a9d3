"""School time: one clock for the whole school, kept by the scheduler and heard by everything else.

Every clock here is the machine's steady clock plus an offset, so that a step of the machine's own wall clock is not
heard. The scheduler's offset follows its wall clock slowly; the others' follow the scheduler by question and answer:
how offset and rate are found in the exchanges is in `clock_filter`.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import dataclasses
import datetime as dt
import json
import logging
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from wire.clock_filter import ENOUGH, Estimate, Sample, estimate
from wire.errors import WireError
from wire.requests import CLOCK, ClockAsk
from wire.values import instant_of

if TYPE_CHECKING:
    from wire.asking import Asker

_log = logging.getLogger(__name__)

SLEW = 500e-6
"""Seconds of correction in each second: slow enough that nobody hears it."""
SAMPLE_LIVES_S = 120.0
"""A crystal drifts by 100 ppm: an exchange from before a break of half an hour is wrong by 180 ms, and is forgotten."""
JUMP_S = 0.05
"""An offset that is wrong by more than this is corrected at once, by a clock that hears."""
SETTLING_S = 5.0
"""So long after the first answer the estimate is still that of a machine that is busy starting: a better one is taken
at once, since what sounds follows it without a jump."""
STEP_ALERT_S = 1.0
SAVE_EVERY_S = 60.0
SAVE_AT_MOST_EVERY_S = 2.0
SAVE_WHEN_BETTER_S = 0.0005
"""The first estimate of a machine that is busy starting may be milliseconds off: a better one is saved soon."""
_TIMEX_BYTES = 512
"""More than `struct timex` has on any machine; all zero, it only asks."""
_TIME_ERROR = 5


@dataclasses.dataclass(frozen=True)
class MachineClocks:
    """The clocks that this process runs on, in seconds; `kept`: whether the kernel is asked about NTP."""

    steady: Callable[[], float]
    wall: Callable[[], float]
    kept: bool


def _boot_time_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


_machine = MachineClocks(_boot_time_s, time.time, kept=True)


def live_by(steady: Callable[[], float], wall: Callable[[], float]) -> None:
    """Have this process live by other clocks than the machine's, as a rehearsal of a whole week in an hour does.

    Called once, before anything else looks at a clock; the wall clock then counts as one that nobody keeps.
    """
    global _machine
    _machine = MachineClocks(steady, wall, kept=False)


def steady_s() -> float:
    """Seconds of a clock that is never set and also runs while the machine sleeps."""
    return _machine.steady()


def wall_s() -> float:
    """Unix seconds as the machine's own wall clock has them."""
    return _machine.wall()


def boot_id() -> str:
    """A name of this boot of the machine, within which `steady_s` is one time line."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return f"pid-less-{round(wall_s() - steady_s())}"


def kernel_keeps_time() -> bool:
    """Whether the kernel says that its clock is synchronised, by NTP or the like (adjtimex(2): not TIME_ERROR)."""
    if not _machine.kept:
        return False
    try:
        status = int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    except (OSError, AttributeError):
        return False
    return 0 <= status < _TIME_ERROR


class SchoolClock(Protocol):
    """What programs ask for the time."""

    @property
    def known(self) -> bool:
        """Whether this is school time, rather than a guess."""

    @property
    def offset_ms(self) -> float | None:
        """How far this machine's wall clock is behind school time, in milliseconds."""

    def unix_s(self) -> float:
        """School time in Unix seconds."""

    def at_steady(self, steady: float) -> float:
        """School time in Unix seconds at a reading of `steady_s`."""

    def now(self) -> dt.datetime:
        """School time as an aware datetime in UTC."""


class KeptClock:
    """The scheduler's clock: it starts at the machine's wall clock and follows that by at most SLEW."""

    def __init__(self, wall: Callable[[], float] = wall_s, steady: Callable[[], float] = steady_s) -> None:
        self._wall = wall
        self._steady = steady
        self._offset_s = wall() - steady()
        self._set_at = steady()

    @property
    def known(self) -> bool:
        """Always: this clock is the school's time."""
        return True

    @property
    def offset_ms(self) -> float:
        """How far the machine's wall clock is behind school time, in milliseconds."""
        return (self.unix_s() - self._wall()) * 1e3

    @property
    def stepped(self) -> bool:
        """Whether the machine's wall clock was set to something else and is only being approached: worth an alert."""
        return abs(self.offset_ms) > STEP_ALERT_S * 1e3

    def at_steady(self, steady: float) -> float:
        """School time in Unix seconds at a reading of the steady clock."""
        self._follow()
        return steady + self._offset_s

    def unix_s(self) -> float:
        """School time in Unix seconds."""
        return self.at_steady(self._steady())

    def now(self) -> dt.datetime:
        """School time as an aware datetime in UTC."""
        return instant_of(self.unix_s())

    def _follow(self) -> None:
        now = self._steady()
        wrong_s = self._wall() - now - self._offset_s
        most_s = SLEW * max(0.0, now - self._set_at)
        self._offset_s += max(-most_s, min(most_s, wrong_s))
        self._set_at = now


class HeardClock:
    """A clock that hears the scheduler's; before the first answer it is the machine's wall clock.

    That is `known` only if `wall_is_kept`: by default, if the kernel says that it is synchronised. `saved` is a file in
    which the offset outlives the program, within one boot of the machine.
    """

    def __init__(
        self,
        saved: Path | None = None,
        *,
        wall: Callable[[], float] = wall_s,
        steady: Callable[[], float] = steady_s,
        wall_is_kept: Callable[[], bool] | None = None,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._saved = saved
        self._saved_at_s = float("-inf")
        self._on_disk: Estimate | None = None
        self._samples: deque[Sample] = deque(maxlen=120)
        self._offset_s = wall() - steady()
        self._target = Estimate(self._offset_s, 0.0, steady())
        self._set_at = steady()
        self._wall_is_kept = wall_is_kept or kernel_keeps_time
        self._known = False
        self._heard = False
        self._first_heard_s = float("-inf")
        self._load()

    @property
    def known(self) -> bool:
        """Whether the scheduler was heard, now or earlier in the same boot, or the kernel's clock is synchronised."""
        if not self._known and self._wall_is_kept():
            self._take(Estimate(self._wall() - self._steady(), 0.0, self._steady()))
            self._known = True
        return self._known

    @property
    def offset_ms(self) -> float | None:
        """How far this machine's wall clock is behind school time, in milliseconds; None while not known."""
        return (self.unix_s() - self._wall()) * 1e3 if self.known else None

    def at_steady(self, steady: float) -> float:
        """School time in Unix seconds at a reading of the steady clock."""
        self._approach()
        return steady + self._offset_s

    def unix_s(self) -> float:
        """School time in Unix seconds."""
        return self.at_steady(self._steady())

    def now(self) -> dt.datetime:
        """School time as an aware datetime in UTC."""
        return instant_of(self.unix_s())

    def hear(self, sent_steady_s: float, received: float, answered: float, arrived_steady_s: float) -> None:
        """Take one exchange in: two readings of the own steady clock and two of school time, in seconds."""
        offset_s = ((received - sent_steady_s) + (answered - arrived_steady_s)) / 2
        delay_s = (arrived_steady_s - sent_steady_s) - (answered - received)
        while self._samples and arrived_steady_s - self._samples[0].arrived_steady_s > SAMPLE_LIVES_S:
            self._samples.popleft()
        last = self._samples[-1] if self._samples else None
        if last is not None and abs(offset_s - last.offset_s) > JUMP_S + delay_s + last.delay_s:
            self._samples.clear()  # another scheduler, or its clock was set: what was heard before is of no use
        self._samples.append(Sample(offset_s, delay_s, arrived_steady_s))
        if len(self._samples) < ENOUGH:
            return
        self._approach()
        self._target = estimate(list(self._samples), self._target.rate)
        now = self._steady()
        hurried = not self._heard or now - self._first_heard_s < SETTLING_S
        if hurried or abs(self._target.offset_at(now) - self._offset_s) > JUMP_S:
            if not self._heard:
                self._first_heard_s = now
            self._take(self._target)
            self._known = self._heard = True
            self._save(force=True)
        self._save()

    def settle(self) -> None:
        """Be at the newest estimate at once: for a moment in which nobody hears it."""
        if self._heard:
            self._take(self._target)

    def _approach(self) -> None:
        now = self._steady()
        most_s = SLEW * max(0.0, now - self._set_at)
        self._offset_s += max(-most_s, min(most_s, self._target.offset_at(now) - self._offset_s))
        self._set_at = now

    def _take(self, target: Estimate) -> None:
        """Follow an estimate from here on, and be there at once."""
        self._target = target
        self._set_at = self._steady()
        self._offset_s = target.offset_at(self._set_at)

    def _load(self) -> None:
        if self._saved is None:
            return
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data = json.loads(self._saved.read_text(encoding="utf-8"))
            if data["boot"] == boot_id():
                at_s = float(data.get("at_steady_s", self._steady()))
                self._take(Estimate(float(data["offset_s"]), float(data.get("rate", 0.0)), at_s))
                self._known = self._heard = True

    def _save(self, *, force: bool = False) -> None:
        if self._saved is None:
            return
        now = self._steady()
        age_s = now - self._saved_at_s
        moved_s = float("inf") if self._on_disk is None else self._target.offset_s - self._on_disk.offset_at(now)
        better = abs(moved_s) > SAVE_WHEN_BETTER_S and age_s >= SAVE_AT_MOST_EVERY_S
        if not (force or better or age_s >= SAVE_EVERY_S):
            return
        self._saved_at_s, self._on_disk = now, self._target
        data = {"boot": boot_id(), **dataclasses.asdict(self._target)}
        try:
            self._saved.parent.mkdir(parents=True, exist_ok=True)
            beside = self._saved.with_suffix(".new")
            beside.write_text(json.dumps(data), encoding="utf-8")
            beside.replace(self._saved)
        except OSError as wrong:
            _log.warning("%s: the clock's offset is not saved: %s", self._saved, wrong.strerror)


async def follow(clock: HeardClock, asker: Asker) -> None:
    """Ask the scheduler for the time until cancelled: quickly until it is known, then in bursts every few seconds."""
    while True:
        for _ in range(5):
            try:
                sent_steady_s = steady_s()
                exchange = await asker.exchange(CLOCK, ClockAsk(sent=wall_s()), wait_s=1.0, resend=False, qos=0)
            except WireError:
                await asyncio.sleep(0.2)
                continue
            clock.hear(sent_steady_s, exchange.body.received, exchange.body.answered, exchange.arrived_steady_s)
            await asyncio.sleep(0.02)
        await asyncio.sleep(3.0 if clock.known else 0.2)
