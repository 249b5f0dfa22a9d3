"""The chime that ends break: two soft bells, the second a third lower, over in two seconds."""

import numpy as np

from .instruments import struck
from .loudness import level
from .rendering import convolve, room
from .sound import RATE, Samples, fade_tail

CHIME_S = 2.0


def chime() -> Samples:
    """The chime: two channels at `RATE`, exactly `CHIME_S` long."""
    length = int(CHIME_S * RATE)
    sound = np.zeros((2, length))
    for at_s, hz, sides in ((0.03, 783.99, (0.75, 0.6)), (0.48, 622.25, (0.6, 0.75))):
        partials = ((0.5, 0.18, 0.5), (1, 0.7, 0.34), (2, 0.25, 0.22), (3.0, 0.1, 0.12), (4.1, 0.05, 0.05))
        bell = struck(hz, CHIME_S - at_s, partials, 0.003)
        start = int(at_s * RATE)
        for channel, side in enumerate(sides):
            sound[channel, start : start + bell.size] += side * bell[: length - start]
    return fade_tail(level(sound + 0.3 * convolve(sound, room(1.2))), 0.5)
