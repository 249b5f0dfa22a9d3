"""School time for the audio thread: one number that the loop refreshes, so that no lock stands in the sound's way."""

from __future__ import annotations

import ctypes
import time

from wire.clock import SchoolClock, steady_s

STEP_S = 0.5
_STA_UNSYNC = 0x0040
_TIMEX_BYTES = 512
_STATUS_OFFSET = 40


class Timebase:
    """School time as the machine's steady clock plus an offset."""

    def __init__(self) -> None:
        self._offset_s: float | None = None

    @property
    def known(self) -> bool:
        """Whether there is a school time to play by."""
        return self._offset_s is not None

    def refresh(self, clock: SchoolClock) -> bool:
        """Take the school clock's offset, or without an answer that of a kernel clock which NTP keeps.

        Tells whether time is another now: known for the first time, or moved by more than STEP_S.
        """
        before = self._offset_s
        if clock.known:
            steady = steady_s()
            self._offset_s = clock.at_steady(steady) - steady
        elif kernel_clock_is_kept():
            self._offset_s = time.time() - steady_s()
        if self._offset_s is None:
            return False
        return before is None or abs(self._offset_s - before) > STEP_S

    def unix_s(self) -> float:
        """School time in Unix seconds; the machine's wall clock while nothing better is known."""
        offset_s = self._offset_s
        return time.time() if offset_s is None else steady_s() + offset_s


def kernel_clock_is_kept() -> bool:
    """Whether the kernel says that NTP synchronises its clock (adjtimex(2), status without STA_UNSYNC)."""
    timex = (ctypes.c_char * _TIMEX_BYTES)()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except AttributeError:
        return False
    status = ctypes.c_int.from_buffer(timex, _STATUS_OFFSET).value
    return state >= 0 and not status & _STA_UNSYNC
