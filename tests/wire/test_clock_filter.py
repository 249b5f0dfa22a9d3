"""Offset and rate out of exchanges, by tables and by chance that is always the same."""

from __future__ import annotations

import random

import pytest

from wire.clock_filter import Sample, estimate
from wire.errors import WireError


def bursts(seconds: float, rate: float = 0.0, noise_s: float = 0.0, slow: float = 0.0, seed: int = 1) -> list[Sample]:
    """Five exchanges each three seconds; a share of them is held up on one of the two ways."""
    chance = random.Random(seed)
    samples = []
    at_s = 0.0
    while at_s < seconds:
        for number in range(5):
            instant_s = at_s + number * 0.02
            late_s = chance.expovariate(1 / 0.01) if chance.random() < slow else 0.0
            noisy_s = abs(chance.gauss(0.0, noise_s))
            offset_s = 100.0 + rate * instant_s + (late_s + noisy_s) / 2 * chance.choice([-1, 1])
            samples.append(Sample(offset_s, 0.0002 + late_s + noisy_s, instant_s))
        at_s += 3.0
    return samples


def test_there_is_no_estimate_without_an_exchange() -> None:
    with pytest.raises(WireError, match="no exchange"):
        estimate([])


def test_at_first_it_is_the_median_of_the_quickest_quarter_but_five_at_least() -> None:
    samples = [Sample(offset_s=float(n), delay_s=float(n)) for n in range(8)]
    assert estimate(samples).offset_s == 2.0
    assert estimate([Sample(1.0, 0.1)] * 20 + [Sample(9.0, 0.2)] * 30).offset_s == 1.0


@pytest.mark.parametrize("rate", [0.0, 20e-6, -100e-6, 400e-6])
def test_a_crystal_that_is_off_is_followed_without_a_lag(rate: float) -> None:
    samples = bursts(72.0, rate, noise_s=50e-6)
    found = estimate(samples)
    end_s = samples[-1].arrived_steady_s
    assert found.offset_s == pytest.approx(100.0 + rate * end_s, abs=30e-6)
    assert found.rate == pytest.approx(rate, abs=2e-6)
    assert found.offset_at(end_s + 3_600.0) == pytest.approx(100.0 + rate * (end_s + 3_600.0), abs=0.007)


@pytest.mark.parametrize("seed", range(5))
def test_exchanges_that_were_held_up_on_one_way_move_nothing(seed: int) -> None:
    samples = bursts(72.0, 50e-6, noise_s=50e-6, slow=0.5, seed=seed)
    assert estimate(samples).offset_s == pytest.approx(100.0 + 50e-6 * samples[-1].arrived_steady_s, abs=60e-6)


def test_a_burst_that_was_held_up_whole_is_left_out() -> None:
    samples = bursts(72.0, 20e-6, noise_s=20e-6)
    late = [Sample(one.offset_s + 0.008, 0.016, one.arrived_steady_s) for one in samples[-5:]]
    found = estimate([*samples[:-5], *late])
    assert found.offset_s == pytest.approx(100.0 + 20e-6 * late[-1].arrived_steady_s, abs=60e-6)


def test_no_rate_is_believed_that_no_crystal_has() -> None:
    assert estimate(bursts(72.0, 0.01)).rate == 0.0


def jittery(seed: int, noise_s: float = 0.010) -> list[Sample]:
    """Bursts whose errors are not to be seen in their delays."""
    chance = random.Random(seed)
    even = bursts(72.0, 50e-6)
    return [Sample(one.offset_s + chance.gauss(0.0, noise_s), 0.004, one.arrived_steady_s) for one in even]


@pytest.mark.parametrize("seed", range(8))
def test_a_network_too_slow_to_tell_a_rate_leaves_the_one_that_was_known(seed: int) -> None:
    samples = jittery(seed)
    assert estimate(samples).rate == 0.0
    found = estimate(samples, known_rate=50e-6)
    assert found.rate == 50e-6
    assert found.offset_s == pytest.approx(100.0 + 50e-6 * samples[-1].arrived_steady_s, abs=0.006)


def test_two_quick_exchanges_among_slow_ones_tell_no_rate() -> None:
    samples = [Sample(one.offset_s, 0.080, one.arrived_steady_s) for one in jittery(1)]
    samples[7] = Sample(samples[7].offset_s, 0.0002, samples[7].arrived_steady_s)
    samples[-3] = Sample(samples[-3].offset_s, 0.0002, samples[-3].arrived_steady_s)
    assert estimate(samples).rate == 0.0
