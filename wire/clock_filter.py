"""From exchanges to an estimate of school time: offset and rate of one crystal against the scheduler's. Pure.

Of the exchanges of one burst the quickest is believed, as NTP's clock filter does (RFC 5905 10). Through those of the
last minute or so goes a line, because two crystals are 20 to 100 ppm apart: a mere median of a minute would be late by
milliseconds on a machine of its own, and hours alone would cost a third of a second. A line is believed only where it
is sure: on a network that is too slow for that, the rate that was known before holds, or none.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence

from wire.errors import WireError

BURST_GAP_S = 0.5
"""Exchanges further apart than this belong to different bursts."""
ENOUGH = 5
RATE_NEEDS_S = 20.0
"""Over a shorter time the noise of the network would pass for a rate."""
RATE_NEEDS = 6
EQUALS_NEEDED = 4.0
MOST_RATE = 500e-6
MOST_UNSURE = 5e-6
"""The standard error of a rate that is believed: an hour alone then costs some 20 ms at the most."""
_OUTLIER = 4.5
"""In median deviations (3 standard deviations of a normal distribution)."""
_SLIGHT_S = 20e-6
_NOISE_S = 20e-6
_NOISE_OF_DELAY = 0.1


@dataclasses.dataclass(frozen=True)
class Sample:
    """One exchange: the offset of school time to the steady clock, how long the network took, when it was; seconds."""

    offset_s: float
    delay_s: float
    arrived_steady_s: float = 0.0


@dataclasses.dataclass(frozen=True)
class Estimate:
    """The offset of school time to the steady clock at an instant of that, and by how much it grows in a second."""

    offset_s: float
    rate: float
    at_steady_s: float

    def offset_at(self, steady_s: float) -> float:
        """The offset at another instant of the steady clock, in seconds."""
        return self.offset_s + self.rate * (steady_s - self.at_steady_s)


def estimate(samples: Sequence[Sample], known_rate: float = 0.0) -> Estimate:
    """The estimate at the last sample's instant; raises WireError without one.

    `known_rate` is that of the estimate before, for exchanges that are too few or too slow to tell.
    """
    if not samples:
        raise WireError("no exchange for the time yet")
    at_s = samples[-1].arrived_steady_s
    best = _quickest_of_each_burst(samples)
    if len(best) < RATE_NEEDS or best[-1].arrived_steady_s - best[0].arrived_steady_s < RATE_NEEDS_S:
        return _level(samples, at_s, known_rate)
    line, _ = _line(best, at_s)
    misses = [abs(sample.offset_s - line.offset_at(sample.arrived_steady_s)) for sample in best]
    tolerance_s = max(_SLIGHT_S, _OUTLIER * statistics.median(misses))
    near = [sample for sample, miss_s in zip(best, misses, strict=True) if miss_s <= tolerance_s]
    if len(near) < RATE_NEEDS:
        return _level(samples, at_s, known_rate)
    line, unsure = _line(near, at_s)
    return line if unsure < MOST_UNSURE and abs(line.rate) < MOST_RATE else _level(samples, at_s, known_rate)


def _level(samples: Sequence[Sample], at_s: float, rate: float) -> Estimate:
    """The median of the quickest quarter, laid level by a rate."""
    quick = sorted(samples, key=lambda sample: sample.delay_s)[: max(ENOUGH, len(samples) // 4)]
    return Estimate(
        statistics.median(sample.offset_s + rate * (at_s - sample.arrived_steady_s) for sample in quick), rate, at_s
    )


def _quickest_of_each_burst(samples: Sequence[Sample]) -> list[Sample]:
    best = [samples[0]]
    begun_s = samples[0].arrived_steady_s
    for sample in samples[1:]:
        if sample.arrived_steady_s - begun_s > BURST_GAP_S:
            best.append(sample)
            begun_s = sample.arrived_steady_s
        elif sample.delay_s < best[-1].delay_s:
            best[-1] = sample
    return best


def _line(samples: Sequence[Sample], at_s: float) -> tuple[Estimate, float]:
    """The weighted least-squares line through some samples at an instant, and the standard error of its rate.

    An exchange that took longer than the quickest is wrong by half of the difference at the most: that is its weight.
    """
    quickest_s = min(sample.delay_s for sample in samples)
    noise_s = _NOISE_S + quickest_s * _NOISE_OF_DELAY
    weights = [1.0 / ((sample.delay_s - quickest_s) / 2 + noise_s) ** 2 for sample in samples]
    times, offsets = [one.arrived_steady_s for one in samples], [one.offset_s for one in samples]
    middle_s = statistics.fmean(times, weights)
    mean_s = statistics.fmean(offsets, weights)
    spread = sum(weight * (time_s - middle_s) ** 2 for weight, time_s in zip(weights, times, strict=True))
    common = sum(
        weight * (time_s - middle_s) * (offset_s - mean_s)
        for weight, time_s, offset_s in zip(weights, times, offsets, strict=True)
    )
    if spread <= 0:
        return Estimate(mean_s, 0.0, at_s), math.inf
    line = Estimate(mean_s + common / spread * (at_s - middle_s), common / spread, at_s)
    left = sum(
        weight * (offset_s - line.offset_at(time_s)) ** 2
        for weight, time_s, offset_s in zip(weights, times, offsets, strict=True)
    )
    # As many samples of equal weight would tell as much: where two outweigh all others, any line fits.
    equal = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    return line, math.sqrt(left / (equal - 2) / spread) if equal >= EQUALS_NEEDED else math.inf
