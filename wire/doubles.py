"""Two programs with one identity: how a link knows it, and how long it leaves the identity to the other.

Mosquitto closes the older connection of a client id whenever a newer one comes, and paho is told no reason. So many
short connections in a row, at a broker that goes on listening, mean that another program has the same identity.
"""

from __future__ import annotations

import secrets

SHORT_S = 5.0
TAKEOVERS = 6
"""At least so many connections in a row of less than SHORT_S each mean another program."""
YIELD_S = 60.0
"""A program that leaves the identity to the other tries again after so long."""


class Doubles:
    """What is known of another program with this identity; all instants are seconds of the steady clock."""

    def __init__(self) -> None:
        # Not the same for two programs that fight over one identity: else both might give up in the same second.
        self.most_short = TAKEOVERS + 2 * secrets.randbelow(5)
        self.met = False
        """Whether another program was met, and not seen to be gone since."""
        self._short = 0
        self._connected_at_s = 0.0
        self._yields_until_s = 0.0

    def connected(self, now_s: float) -> None:
        """A connection came."""
        self._connected_at_s = now_s

    def lost(self, now_s: float, *, broker_listens: bool) -> bool:
        """A connection went; whether it was another program that took it."""
        short = now_s - self._connected_at_s < SHORT_S
        self._short = self._short + 1 if short and broker_listens else 0
        self.met = self.met or self._short >= self.most_short
        return self._short >= self.most_short

    def leave(self, now_s: float) -> None:
        """Leave the identity to the other for a while: not so long each time, so that two do not come back together."""
        self._yields_until_s = now_s + YIELD_S * (1 + secrets.randbelow(501) / 1_000)
        self._short = self.most_short - 1  # one more is enough to know that the other is still there

    def leaves(self, now_s: float) -> bool:
        """Whether it is still left to the other."""
        return now_s < self._yields_until_s

    def is_gone(self, now_s: float) -> bool:
        """Whether a connection has lasted by now, which the other would have taken; this is said once."""
        gone = self.met and now_s - self._connected_at_s >= SHORT_S
        if gone:
            self.met, self._short = False, 0
        return gone
