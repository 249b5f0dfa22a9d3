"""What a tap says: the session it falls in, and the mark it would propose to the member of staff who makes marks.

The rules are regulation 10 of The School Attendance (Pupil Registration) (England) Regulations 2024; pure functions of
the calendar's register times. Nothing here makes a mark.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal
from zoneinfo import ZoneInfo

from wire.programme import CalendarDay, RegisterTimes

Session = Literal["am", "pm", "none"]
Proposal = Literal["/", "\\", "L", "U"]

CLOSE_IS_LATE = True
"""A tap at the very instant of `close` is late (L), not after the register closed (U); regulation 10 does not say."""

DEFAULT_ENDS = (dt.time(12, 0), dt.time(15, 15))
"""The sessions' ends for a date that the calendar never told: those of a timetable without `registers`."""


def session_of(at: dt.datetime, day: CalendarDay) -> Session:
    """The session a tap falls in: am up to the end of the morning's register, pm up to the afternoon's, else none."""
    if day.am is not None and at <= day.am.end:
        return "am"
    if day.pm is not None and at <= day.pm.end:
        return "pm"
    return "none"


def session_by_default(at: dt.datetime, zone: ZoneInfo) -> Session:
    """The session a tap falls in on a date that the calendar never told."""
    local_time = at.astimezone(zone).time()
    am_end, pm_end = DEFAULT_ENDS
    if local_time <= am_end:
        return "am"
    return "pm" if local_time <= pm_end else "none"


def proposal(at: dt.datetime, session: Literal["am", "pm"], register: RegisterTimes) -> Proposal | None:
    """The mark that arriving at an instant proposes for a session: present, late, after it closed, or nothing.

    `U` needs a member of staff to confirm it or to give a better code.
    """
    if at <= register.start:
        return "/" if session == "am" else "\\"
    if at < register.close or (at == register.close and CLOSE_IS_LATE):
        return "L"
    return "U" if at <= register.end else None
