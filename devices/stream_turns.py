"""Which sounds in a set with a live stream: the stream or the playlist to fall back on. Pure.

The stream sounds when it has come steadily and enough of it is held; the playlist, at its own place in the programme,
whenever the stream does not. What fetches is `stream`, what places is `radio`.
"""

from __future__ import annotations

import dataclasses
import math
from enum import StrEnum

from devices.levels import Envelope

STALL_S = 5.0
"""A stream from which nothing came for so long has stalled (the design)."""
STEADY_S = 5.0
"""Sound must have come without a gap for so long before it is trusted."""
TARGET_S = 7.5
"""So much of the stream is held when it begins to sound: more than STALL_S, so that no stall is heard as silence."""
MOST_S = 15.0
"""With more than this held, what is too old is dropped."""
DRY_S = 2.0
"""With less than this held the playlist takes over, while there is still something to fade."""
CROSSFADE_S = 1.5


@dataclasses.dataclass(frozen=True)
class Heard:
    """What is known of a stream at a look.

    `held_s` is what came from this connection, `ahead_s` what of it is still to sound where it sounds now (None while
    it has no place), `silent_s` how long nothing came, `steady_s` how long it has come without a gap.
    """

    held_s: float
    ahead_s: float | None
    silent_s: float
    steady_s: float


class Do(StrEnum):
    """What to do after a look; PLACE is to the stream with a new place in it."""

    STAY = "stay"
    PLACE = "place"
    FALL_BACK = "fall-back"


def decide(sounds: bool, heard: Heard) -> Do:
    """What to do when the stream sounds, or does not."""
    steady = heard.steady_s >= STEADY_S and heard.held_s >= TARGET_S
    if not sounds:
        return Do.PLACE if steady else Do.STAY
    if heard.silent_s >= STALL_S:
        return Do.FALL_BACK
    ahead_s = 0.0 if heard.ahead_s is None else heard.ahead_s
    if DRY_S <= ahead_s <= MOST_S:
        return Do.STAY
    if steady or ahead_s > MOST_S:
        # Its clock and ours have drifted apart, a clock was set, or a server sent more at once than it should.
        return Do.PLACE
    return Do.FALL_BACK


@dataclasses.dataclass(frozen=True)
class Turn:
    """A time in which one of the two sounds, in Unix seconds, from its first frame to the end of its last fade."""

    from_s: float = -math.inf
    to_s: float = math.inf

    @property
    def share(self) -> Envelope:
        """How much of it is heard: it rises over CROSSFADE_S while the other falls, and the other way round."""
        points: list[tuple[float, float]] = []
        if self.from_s > -math.inf:
            points += [(self.from_s, 0.0), (self.from_s + CROSSFADE_S, 1.0)]
        if self.to_s < math.inf:
            points += [(max(self.to_s - CROSSFADE_S, points[-1][0] + 1e-3 if points else -math.inf), 1.0)]
            points += [(max(self.to_s, points[-1][0] + 1e-3), 0.0)]
        return Envelope(tuple(points))


KEPT = 6


@dataclasses.dataclass(frozen=True)
class Turns:
    """The instants at which the stream and the playlist took over from each other, the stream at the first."""

    changes: tuple[float, ...] = ()

    @property
    def stream_sounds(self) -> bool:
        """Whether it is the stream's turn."""
        return len(self.changes) % 2 == 1

    def changed(self, at_s: float) -> Turns:
        """With the other one from an instant on; only the newest changes are kept, the others are long over."""
        changes = (*self.changes, at_s)
        return Turns(changes[2:] if len(changes) > KEPT else changes)

    @property
    def of_stream(self) -> tuple[Turn, ...]:
        """When the stream sounds."""
        return self._turns(self.changes)

    @property
    def of_playlist(self) -> tuple[Turn, ...]:
        """When the playlist sounds."""
        return self._turns((-math.inf, *self.changes))

    @staticmethod
    def _turns(changes: tuple[float, ...]) -> tuple[Turn, ...]:
        padded = (*changes, math.inf) if len(changes) % 2 else changes
        return tuple(Turn(from_s, to_s + CROSSFADE_S) for from_s, to_s in zip(padded[::2], padded[1::2], strict=True))
