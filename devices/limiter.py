"""The zone's limit as the last thing before the output: no frame passes the ceiling, whatever was added together.

A track alone never needs it, since its gain is held under the limit already; a bell over music, a crossfade or a
call may. It turns down as a whole, quickly, and comes back slowly, so that it is heard as a softer moment rather than
as distortion.
"""

from __future__ import annotations

import numpy as np

from devices.pcm import RATE, Samples

RELEASE_S = 0.3
"""How long it takes to come back from silence to full; a small reduction comes back in its part of that."""
SHORTEST_ATTACK_FRAMES = 32
"""Where the loud frame comes at once, what passes in these first frames is cut off."""


class Limiter:
    """Holds blocks under a ceiling; it remembers how far it has turned down."""

    def __init__(self) -> None:
        self._gain = 1.0

    def hold(self, block: Samples, ceiling: float) -> Samples:
        """The block with no frame above the ceiling (full scale is 1), the same array where nothing had to be done."""
        peaks = np.maximum(np.abs(block[:, 0]), np.abs(block[:, 1]))
        peak = float(peaks.max()) if len(peaks) else 0.0
        if peak <= ceiling and self._gain >= 1.0:
            return block
        count = len(block)
        wanted = min(1.0, ceiling / peak) if peak > 0 else 1.0
        if wanted < self._gain:
            loud = int(np.argmax(peaks * self._gain > ceiling))
            attack = min(count, max(loud, SHORTEST_ATTACK_FRAMES))
            gains = np.full(count, wanted, dtype=np.float32)
            gains[:attack] = np.linspace(self._gain, wanted, attack, dtype=np.float32)
            self._gain = wanted
        else:
            end = min(1.0, wanted, self._gain + count / RATE / RELEASE_S)
            gains = np.linspace(self._gain, end, count, dtype=np.float32)
            self._gain = end
        held: Samples = np.clip(block * gains[:, None], -ceiling, ceiling).astype(np.float32, copy=False)
        return held
