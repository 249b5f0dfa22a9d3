"""School time as the audio thread reads it."""

from __future__ import annotations

import time

import pytest

from devices.timebase import Timebase
from wire.clock import HeardClock, steady_s


def heard_clock(offset_s: float) -> HeardClock:
    """A clock that has heard a scheduler whose time is so far ahead of this machine's."""
    clock = HeardClock()
    for _ in range(5):
        now = steady_s()
        clock.hear(now, time.time() + offset_s, time.time() + offset_s, now)
    return clock


def test_school_time_is_what_the_clock_heard() -> None:
    base = Timebase()
    clock = heard_clock(100.0)
    assert base.refresh(clock)
    assert not base.refresh(clock)
    assert base.known
    assert base.unix_s() == pytest.approx(time.time() + 100.0, abs=0.02)


def test_a_reading_of_the_steady_clock_has_its_school_time_and_no_other() -> None:
    base = Timebase()
    base.refresh(heard_clock(100.0))
    assert base.at_steady(7.0) == base.at_steady(5.0) + 2.0
    assert base.at_steady(steady_s()) == pytest.approx(base.unix_s(), abs=0.02)


def test_without_an_answer_a_wall_clock_that_is_kept_will_do() -> None:
    base = Timebase()
    base.refresh(HeardClock(wall_is_kept=lambda: True))
    assert base.known
    assert base.unix_s() == pytest.approx(time.time(), abs=0.02)


def test_without_either_there_is_no_school_time() -> None:
    base = Timebase()
    assert not base.refresh(HeardClock(wall_is_kept=lambda: False))
    assert not base.known
