"""What is made of many measured values: median, 95th percentile, worst, and one beside another; pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np


@dataclasses.dataclass(frozen=True)
class Spread:
    """Many values in short: how many, the middle one, two high percentiles, the worst. No values, no figures."""

    count: int
    median: float
    p95: float
    p99: float
    worst: float


def spread(values: Iterable[float]) -> Spread:
    """The spread of values as they are; raises ValueError when there are none."""
    found = np.array(list(values), dtype=np.float64)
    if not len(found):
        raise ValueError("nothing was measured")
    median, p95, p99 = (float(one) for one in np.percentile(found, [50, 95, 99]))
    return Spread(len(found), median, p95, p99, float(found.max()))


def spread_of_sizes(values: Iterable[float]) -> Spread:
    """The spread of values without their sign."""
    return spread(abs(value) for value in values)


def number(value: float) -> str:
    """A figure with as many digits as say something: `0.08`, `1.2`, `47`."""
    size = abs(value)
    return f"{value:.2f}" if size < 1 else f"{value:.1f}" if size < 10 else f"{value:.0f}"


def times(ours: float, theirs: float) -> str:
    """Our figure as so many times theirs: `0.5 x`; `-` when theirs is nothing to compare with."""
    return "-" if theirs <= 0 else f"{number(ours / theirs)} x"
