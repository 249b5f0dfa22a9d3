"""How loud: volumes, track gains and the zone's limit in dB, and envelopes that change a gain without a click.

Pure numbers; what they are applied to lives in `playhead` and `plan`.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence

from wire.programme import Bell, Call, MusicSet, Programme
from wire.values import volume_gain_db

EDGE_S = 0.02
"""The shortest ramp at the beginning and end of a set: short enough to be exact, long enough not to click."""

DUCK_RAMP_S = 0.3
"""How long the music takes to step back before a bell, and to return after it."""


def amplitude(gain_db: float | None) -> float:
    """The factor of a gain in dB; None is silence."""
    return 0.0 if gain_db is None else 10.0 ** (gain_db / 20.0)


def limited_gain_db(volume: int, gain_db: float, limit: int) -> float | None:
    """The gain of a track at a volume; the zone's limit comes last, so that no track's own gain passes it."""
    volume_db = volume_gain_db(volume)
    limit_db = volume_gain_db(limit)
    if volume_db is None or limit_db is None:
        return None
    return min(volume_db + gain_db, limit_db)


@dataclasses.dataclass(frozen=True)
class Envelope:
    """A factor over time: straight lines between points of (seconds, factor), level before and after them."""

    points: tuple[tuple[float, float], ...] = ()

    def at(self, time_s: float) -> float:
        """The factor at a time."""
        if not self.points:
            return 1.0
        if time_s <= self.points[0][0]:
            return self.points[0][1]
        for (start_s, start), (end_s, end) in itertools.pairwise(self.points):
            if time_s < end_s:
                return start + (end - start) * (time_s - start_s) / (end_s - start_s)
        return self.points[-1][1]


def trapezium(start_s: float, end_s: float, rise_s: float, fall_s: float) -> Envelope:
    """From 0 at the start up to 1, and down to 0 exactly at the end; slopes that overlap are shortened together."""
    length_s = end_s - start_s
    if length_s <= 0:
        return Envelope(((start_s, 0.0),))
    scale = min(1.0, length_s / (rise_s + fall_s)) if rise_s + fall_s > 0 else 1.0
    points = [
        (start_s, 0.0 if rise_s > 0 else 1.0),
        (start_s + rise_s * scale, 1.0),
        (end_s - fall_s * scale, 1.0),
        (end_s, 0.0 if fall_s > 0 else 1.0),
    ]
    kept = [points[0]]
    for point in points[1:]:
        if point[0] > kept[-1][0] + 1e-9:
            kept.append(point)
    return Envelope(tuple(kept))


def set_envelope(music: MusicSet, valid_until_s: float) -> Envelope:
    """The fades of a set in Unix seconds: silent exactly at its end, or where the programme's validity ends."""
    start_s = music.start_at.timestamp()
    end_s = min(music.end_at.timestamp(), valid_until_s)
    fade_out_s = music.fade_out_s if end_s == music.end_at.timestamp() else 0.0
    return trapezium(start_s, end_s, max(music.fade_in_s, EDGE_S), max(fade_out_s, EDGE_S))


def bell_volume(programme: Programme, volume: int | None) -> int:
    """A bell or call without a volume of its own sounds at the zone's limit: a whole playground has to hear it."""
    return programme.limit if volume is None else min(volume, programme.limit)


def duck_envelopes(over: Iterable[Bell | Call]) -> tuple[Envelope, ...]:
    """One envelope for each bell or call, in Unix seconds, that takes down what sounds under it."""
    found: list[Envelope] = []
    for one in over:
        start_s = one.at.timestamp()
        end_s = start_s + one.track.duration_s
        low = amplitude(one.duck_db)
        points = ((start_s - DUCK_RAMP_S, 1.0), (start_s, low), (end_s, low), (end_s + DUCK_RAMP_S, 1.0))
        kept = [points[0], points[1], *([points[2]] if end_s > start_s else []), points[3]]
        found.append(Envelope(tuple(kept)))
    return tuple(found)


def product_at(envelopes: Sequence[Envelope], time_s: float) -> float:
    """Several envelopes at once."""
    factor = 1.0
    for envelope in envelopes:
        factor *= envelope.at(time_s)
    return factor
