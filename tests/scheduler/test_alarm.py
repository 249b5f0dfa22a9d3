"""The alarm clock: it rings, late rather than never, and a failing ring is in the log and not the last."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from zoneinfo import ZoneInfo

import pytest

from scheduler.alarm import Alarm
from tests.waiting import until


class Rings:
    """Counts what rang."""

    def __init__(self) -> None:
        self.changes = 0
        self.ticks = 0
        self.days = 0
        self.alarm: Alarm | None = None

    def change(self) -> None:
        self.changes += 1

    def tick(self) -> None:
        self.ticks += 1

    def day(self) -> None:
        self.days += 1


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def started(rings: Rings, on_tick: Callable[[], None] | None = None, tick_s: float = 60.0) -> Alarm:
    alarm = Alarm(now=now, on_change=rings.change, on_tick=on_tick or rings.tick, on_day=rings.day, tick_s=tick_s)
    alarm.start()
    rings.alarm = alarm
    return alarm


@pytest.fixture
async def rings() -> AsyncIterator[Rings]:
    rings = Rings()
    yield rings
    if rings.alarm is not None:
        await rings.alarm.stop()


async def test_it_rings_once_at_the_next_change(rings: Rings) -> None:
    alarm = started(rings)
    alarm.ring_at(now() + dt.timedelta(seconds=0.2))
    begun = time.monotonic()
    await until(lambda: rings.changes)
    assert time.monotonic() - begun >= 0.15
    alarm.ring_at(now() + dt.timedelta(seconds=0.05))
    await until(lambda: rings.changes == 2)


async def test_a_new_change_takes_the_place_of_the_one_before(rings: Rings) -> None:
    alarm = started(rings)
    alarm.ring_at(now() + dt.timedelta(hours=1))
    alarm.ring_at(now() + dt.timedelta(seconds=0.05))
    await until(lambda: rings.changes == 1)


async def test_a_change_in_the_past_rings_at_once(rings: Rings) -> None:
    started(rings).ring_at(now() - dt.timedelta(days=1))
    await until(lambda: rings.changes == 1)


async def test_it_counts_by_school_time_not_by_the_machines(rings: Rings) -> None:
    alarm = Alarm(
        now=lambda: now() + dt.timedelta(hours=2), on_change=rings.change, on_tick=rings.tick, on_day=rings.day
    )
    rings.alarm = alarm
    alarm.start()
    alarm.ring_at(now() + dt.timedelta(hours=2, seconds=0.1))
    await until(lambda: rings.changes == 1)


async def test_a_ring_that_is_more_than_a_second_late_still_rings(rings: Rings) -> None:
    started(rings).ring_at(now() + dt.timedelta(seconds=0.02))
    time.sleep(1.3)  # noqa: ASYNC251 - the event loop is held up, as by a machine that is busy
    await until(lambda: rings.changes == 1)


async def test_the_tick_goes_on_after_one_that_failed_which_is_in_the_log(
    rings: Rings, caplog: pytest.LogCaptureFixture
) -> None:
    def fail_once() -> None:
        rings.tick()
        if rings.ticks == 1:
            raise ValueError("a fault of the first tick")

    started(rings, fail_once, tick_s=0.05)
    await until(lambda: rings.ticks >= 3)
    assert "the tick failed" in caplog.text
    assert "a fault of the first tick" in caplog.text


@pytest.mark.parametrize("step", [dt.timedelta(hours=-1), dt.timedelta(hours=1)])
async def test_the_tick_goes_on_when_the_machines_clock_is_set(
    rings: Rings, monkeypatch: pytest.MonkeyPatch, step: dt.timedelta
) -> None:
    class SetClock(dt.datetime):
        """The machine's wall clock as the library reads it, after somebody set it."""

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> SetClock:
            return cls.fromtimestamp(time.time() + step.total_seconds(), tz)

    started(rings, tick_s=0.05)
    await until(lambda: rings.ticks)
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", SetClock)
    before = rings.ticks
    await until(lambda: rings.ticks > before + 3)


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Auckland"])
async def test_the_day_turns_at_three_of_the_schools_clock(rings: Rings, zone: str) -> None:
    alarm = started(rings)
    alarm.ring_daily(ZoneInfo(zone))
    job = alarm._jobs.get_job("daily")
    assert job is not None
    local = job.next_run_time.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute) == (3, 0)
    assert dt.timedelta() < local - now() <= dt.timedelta(hours=25)
