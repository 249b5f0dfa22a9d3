"""Many values in short."""

from __future__ import annotations

import pytest

from bench.figures import number, spread, spread_of_sizes, times


def test_a_spread_has_the_middle_the_high_percentiles_and_the_worst() -> None:
    found = spread(range(1, 102))
    assert (found.count, found.median, found.p95, found.p99, found.worst) == (101, 51, 96, 100, 101)


def test_a_spread_of_sizes_forgets_the_sign() -> None:
    found = spread_of_sizes([-3.0, 1.0, 2.0])
    assert (found.median, found.worst) == (2.0, 3.0)


def test_nothing_measured_is_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        spread([])


@pytest.mark.parametrize(
    ("value", "text"), [(0.0834, "0.08"), (1.24, "1.2"), (9.94, "9.9"), (47.4, "47"), (-0.5, "-0.50")]
)
def test_a_number_has_the_digits_that_say_something(value: float, text: str) -> None:
    assert number(value) == text


def test_a_figure_is_told_as_so_many_times_the_peers() -> None:
    assert times(0.05, 0.1) == "0.50 x"
    assert times(3.0, 1.5) == "2.0 x"
    assert times(3.0, 0.0) == "-"
