"""What is believed of readings that are spoiled, that drift, and that are few."""

from __future__ import annotations

import numpy as np
import pytest

from devices.latency import FIRST_READINGS, Latency

BLOCK_S = 0.02


def fed(
    seconds: float, ppm: float = 0.0, noise_s: float = 0.00005, spoiled: tuple[float, float] = (0.0, 0.0)
) -> Latency:
    """The readings of so many seconds, true value 5 s at first; between two instants they are spoiled by 17 ms."""
    random = np.random.default_rng(2)
    latency = Latency()
    for number in range(round(seconds / BLOCK_S)):
        at_s = number * BLOCK_S
        late_s = 0.017 if spoiled[0] <= at_s < spoiled[1] else 0.0
        latency.add(at_s, 5.0 + ppm * 1e-6 * at_s - late_s - abs(float(random.normal())) * noise_s)
    return latency


def test_few_readings_are_enough_to_begin() -> None:
    latency = fed(FIRST_READINGS * BLOCK_S)
    assert len(latency) == FIRST_READINGS
    assert latency.at(1.0) == pytest.approx(5.0, abs=0.0001)


@pytest.mark.parametrize("ppm", [-500.0, -50.0, 0.0, 50.0, 500.0])
def test_a_crystal_that_is_off_costs_no_lag_once_it_is_known(ppm: float) -> None:
    assert fed(30.0, ppm).at(30.0) == pytest.approx(5.0 + ppm * 1e-6 * 30.0, abs=0.0001)


@pytest.mark.parametrize("ppm", [0.0, 50.0])
@pytest.mark.parametrize("since_s", [30.0, 34.0, 38.0])
def test_some_spoiled_seconds_move_nothing(ppm: float, since_s: float) -> None:
    latency = fed(40.0, ppm, spoiled=(since_s, since_s + 2.0))
    assert latency.at(40.0) == pytest.approx(5.0 + ppm * 1e-6 * 40.0, abs=0.0003)


def test_a_time_line_that_begins_anew_is_not_judged_by_the_last() -> None:
    latency = fed(30.0, 50.0)
    latency.clear()
    assert len(latency) == 0
    for number in range(FIRST_READINGS):
        latency.add(60.0 + number * BLOCK_S, 7.0)
    assert latency.at(60.5) == pytest.approx(7.0, abs=0.0001)


@pytest.mark.parametrize("ppm", [-250.0, 250.0])
def test_readings_that_go_in_steps_hide_no_slope_for_long(ppm: float) -> None:
    latency = Latency()
    for number in range(round(40.0 / BLOCK_S)):
        at_s = number * BLOCK_S
        true_s = 5.0 + ppm * 1e-6 * at_s
        latency.add(at_s, round(true_s / 0.0004) * 0.0004)
    assert latency.at(40.0) == pytest.approx(5.0 + ppm * 1e-6 * 40.0, abs=0.0004)
