"""School time for the audio thread: one number that the loop refreshes, so that no lock stands in the sound's way."""

from __future__ import annotations

from wire.clock import SchoolClock, steady_s, wall_s

STEP_S = 0.5


class Timebase:
    """School time as the machine's steady clock plus an offset."""

    def __init__(self) -> None:
        self._offset_s: float | None = None

    @property
    def known(self) -> bool:
        """Whether there is a school time to play by."""
        return self._offset_s is not None

    def refresh(self, clock: SchoolClock) -> bool:
        """Take the school clock's offset, once that is known.

        Tells whether time is another now: known for the first time, or moved by more than STEP_S.
        """
        before = self._offset_s
        if clock.known:
            steady = steady_s()
            self._offset_s = clock.at_steady(steady) - steady
        if self._offset_s is None:
            return False
        return before is None or abs(self._offset_s - before) > STEP_S

    def unix_s(self) -> float:
        """School time in Unix seconds; the machine's wall clock while nothing better is known."""
        return self.at_steady(steady_s())

    def at_steady(self, steady: float) -> float:
        """School time in Unix seconds at a reading of the steady clock."""
        offset_s = self._offset_s
        return wall_s() - steady_s() + steady if offset_s is None else steady + offset_s
