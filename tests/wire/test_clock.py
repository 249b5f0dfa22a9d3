"""The school clock: steered clocks in the pure tests, a real exchange over Mosquitto in the last ones."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from pathlib import Path

import pytest

import wire.clock
from tests.brokers import ENROLMENT, LinkFor
from tests.waiting import until
from wire.asking import Answerer, Asker, Request
from wire.clock import (
    HeardClock,
    KeptClock,
    boot_id,
    follow,
    kernel_keeps_time,
    live_by,
    steady_s,
    wall_s,
)
from wire.requests import CLOCK, ClockAnswer, ClockAsk, Service


class Hands:
    """A steady clock and a wall clock that a test sets."""

    def __init__(self) -> None:
        self.steady_s = 1_000.0
        self.wall_s = 1_790_000_000.0

    def pass_by(self, seconds: float) -> None:
        self.steady_s += seconds
        self.wall_s += seconds

    def steady(self) -> float:
        return self.steady_s

    def wall(self) -> float:
        return self.wall_s


def heard_clock(hands: Hands, saved: Path | None = None) -> HeardClock:
    return HeardClock(saved, wall=hands.wall, steady=hands.steady, wall_is_kept=lambda: False)


def exchange(clock: HeardClock, hands: Hands, true_offset_s: float, *, there_s: float, back_s: float) -> None:
    """One exchange with a scheduler whose time is steady + true_offset_s."""
    sent = hands.steady_s
    received = sent + there_s + true_offset_s
    answered = received + 0.0003
    hands.pass_by(there_s + 0.0003 + back_s)
    clock.hear(sent, received, answered, hands.steady_s)


def test_a_clock_that_has_heard_nothing_is_the_wall_clock_and_says_so() -> None:
    hands = Hands()
    clock = heard_clock(hands)
    assert not clock.known
    assert clock.offset_ms is None
    assert clock.unix_s() == hands.wall_s


def test_a_synchronised_kernel_is_believed_until_the_scheduler_is_heard() -> None:
    hands = Hands()
    clock = HeardClock(wall=hands.wall, steady=hands.steady, wall_is_kept=lambda: True)
    assert clock.known
    assert clock.unix_s() == hands.wall_s
    for _ in range(5):
        exchange(clock, hands, hands.wall_s - hands.steady_s + 0.02, there_s=0.0002, back_s=0.0002)
    assert clock.unix_s() == pytest.approx(hands.wall_s + 0.02, abs=1e-4)


def test_the_kernel_is_asked_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert wire.clock.kernel_keeps_time() in (True, False)


def test_a_clock_minutes_off_is_right_after_five_exchanges() -> None:
    hands = Hands()
    clock = heard_clock(hands)
    true_offset_s = hands.wall_s - hands.steady_s + 431.5
    for _ in range(5):
        exchange(clock, hands, true_offset_s, there_s=0.0002, back_s=0.0002)
    assert clock.known
    assert clock.unix_s() == pytest.approx(hands.steady_s + true_offset_s, abs=1e-5)
    assert clock.offset_ms == pytest.approx(431_500, abs=0.1)


def test_slow_and_lopsided_exchanges_are_outweighed_by_the_quick_ones() -> None:
    hands, chance = Hands(), random.Random(7)
    clock = heard_clock(hands)
    true_offset_s = hands.wall_s - hands.steady_s + 5
    for _ in range(60):
        slow_s = chance.choice([0.0, 0.0, 0.02, 0.04])
        exchange(clock, hands, true_offset_s, there_s=0.0002 + slow_s, back_s=0.0002)
        hands.pass_by(0.5)
    assert clock.unix_s() - (hands.steady_s + true_offset_s) == pytest.approx(0, abs=0.0002)


def test_a_step_of_the_own_wall_clock_is_not_heard() -> None:
    hands = Hands()
    clock = heard_clock(hands)
    true_offset_s = hands.wall_s - hands.steady_s
    for _ in range(5):
        exchange(clock, hands, true_offset_s, there_s=0.0002, back_s=0.0002)
    before = clock.unix_s()
    hands.wall_s += 3_600
    hands.pass_by(1)
    assert clock.unix_s() - before == pytest.approx(1, abs=1e-6)


def test_a_small_change_is_approached_slower_than_anyone_hears() -> None:
    hands = Hands()
    clock = heard_clock(hands)
    true_offset_s = hands.wall_s - hands.steady_s
    for _ in range(60):
        exchange(clock, hands, true_offset_s, there_s=0.0002, back_s=0.0002)
    worst = 0.0
    for _ in range(100):
        before_s, before_steady = clock.unix_s(), hands.steady_s
        exchange(clock, hands, true_offset_s + 0.010, there_s=0.0001, back_s=0.0001)
        hands.pass_by(1)
        worst = max(worst, abs(clock.unix_s() - before_s - (hands.steady_s - before_steady)) / 1.0005)
    assert worst <= 501e-6
    assert clock.unix_s() == pytest.approx(hands.steady_s + true_offset_s + 0.010, abs=0.0005)


def test_a_scheduler_with_another_time_is_followed_at_once() -> None:
    hands = Hands()
    clock = heard_clock(hands)
    first = hands.wall_s - hands.steady_s
    for offset in (first, first + 3_600):
        for _ in range(6):
            exchange(clock, hands, offset, there_s=0.0002, back_s=0.0002)
    assert clock.unix_s() == pytest.approx(hands.steady_s + first + 3_600, abs=1e-4)


def test_what_was_heard_before_a_break_is_forgotten() -> None:
    hands = Hands()
    clock = heard_clock(hands)
    first = hands.wall_s - hands.steady_s
    for _ in range(60):
        exchange(clock, hands, first, there_s=0.0001, back_s=0.0001)
    hands.pass_by(400)
    drifted_s = first + 0.040  # 100 ppm of 400 s: too little to be another clock, and too much to be mixed in
    for _ in range(5):
        exchange(clock, hands, drifted_s, there_s=0.0002, back_s=0.0002)
    hands.pass_by(100)
    assert clock.unix_s() == pytest.approx(hands.steady_s + drifted_s, abs=0.001)


def test_a_process_may_live_by_other_clocks_that_the_kernel_does_not_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire.clock, "_machine", wire.clock._machine)  # and back again when the test ends
    monkeypatch.setattr("wire.clock.ctypes.CDLL", lambda _name: pytest.fail("the kernel was asked"))
    live_by(steady=lambda: 50.0, wall=lambda: 1_795_000_000.0)
    assert (steady_s(), wall_s(), kernel_keeps_time()) == (50.0, 1_795_000_000.0, False)
    assert KeptClock().unix_s() == 1_795_000_000.0
    assert not HeardClock().known


def test_the_offset_outlives_the_program_within_one_boot_only(tmp_path: Path) -> None:
    saved, hands = tmp_path / "state" / "clock.json", Hands()
    true_offset_s = hands.wall_s - hands.steady_s + 77
    first = heard_clock(hands, saved)
    for _ in range(5):
        exchange(first, hands, true_offset_s, there_s=0.0002, back_s=0.0002)
    second = heard_clock(hands, saved)
    assert second.known
    assert second.unix_s() == pytest.approx(first.unix_s(), abs=1e-3)
    saved.write_text(json.dumps({"boot": boot_id() + "x", "offset_s": true_offset_s}))
    assert not heard_clock(hands, saved).known
    saved.write_text("{half")
    assert not heard_clock(hands, saved).known


def test_a_better_estimate_is_saved_soon_and_not_at_every_exchange(tmp_path: Path) -> None:
    saved, hands = tmp_path / "clock.json", Hands()
    true_offset_s = hands.wall_s - hands.steady_s
    clock = heard_clock(hands, saved)
    for _ in range(5):
        exchange(clock, hands, true_offset_s, there_s=0.020, back_s=0.0002)  # a busy start: 10 ms wrong
    first = json.loads(saved.read_text())["offset_s"]
    assert abs(first - true_offset_s) == pytest.approx(0.0099, abs=0.001)
    for _ in range(40):
        exchange(clock, hands, true_offset_s, there_s=0.0002, back_s=0.0002)
        hands.pass_by(0.2)
    assert json.loads(saved.read_text())["offset_s"] == pytest.approx(true_offset_s, abs=0.0006)
    written = saved.stat().st_mtime_ns
    for _ in range(40):
        exchange(clock, hands, true_offset_s, there_s=0.0002, back_s=0.0002)
        hands.pass_by(0.2)
    assert saved.stat().st_mtime_ns == written


def test_the_scheduler_follows_its_wall_clock_slowly_and_alerts() -> None:
    hands = Hands()
    clock = KeptClock(wall=hands.wall, steady=hands.steady)
    start = clock.unix_s()
    hands.wall_s += 3_600
    hands.pass_by(10)
    assert clock.unix_s() - start == pytest.approx(10.005, abs=1e-4)
    assert clock.stepped
    hands.wall_s -= 3_600
    hands.pass_by(20)
    assert clock.unix_s() == pytest.approx(hands.wall_s, abs=1e-6)
    assert not clock.stepped


async def test_over_a_real_broker_the_clock_is_right_to_a_millisecond(link_for: LinkFor) -> None:
    def answer(request: Request[ClockAsk]) -> ClockAnswer:
        return ClockAnswer(
            sent=request.body.sent, received=request.arrived_unix_s + 1_000, answered=time.time() + 1_000
        )

    answerer = Answerer(await link_for("scheduler"), Service.SCHEDULER, ENROLMENT.role_of, time.time)
    answerer.on(CLOCK, answer, repeatable=True)
    clock = HeardClock()
    asker = Asker(await link_for("east"), clock.unix_s)
    following = asyncio.create_task(follow(clock, asker))
    try:
        await until(lambda: clock.known)
        await asyncio.sleep(0.2)
        assert clock.unix_s() - time.time() == pytest.approx(1_000, abs=0.001)
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following


def test_a_hurried_first_estimate_is_put_right_at_once_and_a_later_one_when_nobody_hears_it() -> None:
    hands = Hands()
    clock = heard_clock(hands)
    true_offset_s = hands.wall_s - hands.steady_s
    for _ in range(5):
        exchange(clock, hands, true_offset_s, there_s=0.020, back_s=0.0002)  # a busy start: 10 ms wrong
    assert abs(clock.unix_s() - (hands.steady_s + true_offset_s)) == pytest.approx(0.0099, abs=0.001)
    for _ in range(10):
        exchange(clock, hands, true_offset_s, there_s=0.0002, back_s=0.0002)
    assert clock.unix_s() == pytest.approx(hands.steady_s + true_offset_s, abs=0.0001)
    hands.pass_by(60.0)
    for _ in range(120):
        exchange(clock, hands, true_offset_s + 0.005, there_s=0.0001, back_s=0.0001)
    assert abs(clock.unix_s() - (hands.steady_s + true_offset_s)) < 0.004, "what sounds is not hurried"
    clock.settle()
    assert clock.unix_s() == pytest.approx(hands.steady_s + true_offset_s + 0.005, abs=0.0005)
