"""When the next frame will sound, out of an output's readings of its own latency, which jump about.

Each block brings one reading: the instant that the output says for it, less the sound before it. Were output and clock
perfect, all readings were the same. They are not. A thread that was woken late spoils the readings of the seconds that
follow, always to the early side (28 ms late made 17 ms for 1.6 s; measured): so of the last ten seconds the upper
quartile is believed. And a crystal is 20 to 500 ppm off: so the readings are first laid level by a slope, which is
learned only while the readings agree on one.
"""

from __future__ import annotations

import itertools
import statistics
from collections import deque

import numpy as np

READINGS = 500
"""Ten seconds at 20 ms a block."""
FIRST_READINGS = 25
"""So few are believed at the start, because music should not wait for more."""
QUARTILE = 0.75
PIECE = 100
"""Two seconds: so many are believed while nothing is known of the crystal, and the slope is looked for between such
pieces."""
ENOUGH_PIECES = 3
MOST_PIECES = 30
"""A minute: outputs whose readings go in steps of 0.4 ms tell no slope in less."""
AGREE_S = 0.0003
MANY_PIECES = 15
AGREED = 0.9
"""So large a part of many pieces, and each of few, must lie so near to one line: others were spoiled."""
MOST_DRIFT = 0.002
"""No sound card is further off."""


class Latency:
    """The readings of one output since its time line began; all values in seconds."""

    def __init__(self) -> None:
        self._times = np.zeros(READINGS)
        self._readings = np.zeros(READINGS)
        self._count = 0
        self._pieces: deque[tuple[float, float]] = deque(maxlen=MOST_PIECES)
        self._slope = 0.0
        self._slope_known = False

    def __len__(self) -> int:
        return min(self._count, READINGS)

    def clear(self) -> None:
        """Forget the readings, as the output begins another time line; its crystal stays the same."""
        self._count = 0
        self._pieces.clear()

    def add(self, at_s: float, reading_s: float) -> None:
        """Take in the reading of the block that begins `at_s` seconds of sound after the first."""
        place = self._count % READINGS
        self._times[place], self._readings[place] = at_s, reading_s
        self._count += 1
        if self._count % PIECE == 0:
            self._learn_slope()

    def at(self, at_s: float) -> float:
        """What the reading of the block at `at_s` should be; there must be one reading at least."""
        count = len(self)
        level = self._readings[:count] - self._slope * (self._times[:count] - at_s)
        if not self._slope_known and count > PIECE:
            # Where ten seconds brought no slope to light, the readings are spoiled more than the crystal is off.
            few = PIECE if self._count < READINGS else count
            level = level[np.arange(self._count - few, self._count) % READINGS]
            count = few
        place = min(count - 1, int(count * QUARTILE))
        return float(np.partition(level, place)[place])

    def _learn_slope(self) -> None:
        """The slope of the line through the pieces (Theil and Sen), where there is one that most of them lie on."""
        newest = np.arange(self._count - PIECE, self._count) % READINGS
        level = float(np.quantile(self._readings[newest], QUARTILE))
        self._pieces.append((float(self._times[newest].mean()), level))
        if len(self._pieces) < ENOUGH_PIECES:
            return
        slope = statistics.median((y - b) / (x - a) for (a, b), (x, y) in itertools.combinations(self._pieces, 2))
        middle = statistics.median(y - slope * x for x, y in self._pieces)
        near = sum(abs(y - slope * x - middle) < AGREE_S for x, y in self._pieces)
        wanted = len(self._pieces) if len(self._pieces) < MANY_PIECES else AGREED * len(self._pieces)
        if abs(slope) < MOST_DRIFT and near >= wanted:
            self._slope, self._slope_known = slope, True
