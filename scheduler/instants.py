"""From the school's wall time to instants, also on the two nights when the clocks change.

A time that the spring change skips means the instant at which the clocks go forward; a time that the autumn change
brings twice means the first of the two. So later wall times never give earlier instants, a slot wholly inside the
skipped hour is empty, and one around the repeated hour is an hour longer.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def instant_at(date: dt.date, time: dt.time, timezone: ZoneInfo) -> dt.datetime:
    """The instant of a wall time on a date, in UTC."""
    wall = dt.datetime.combine(date, time, timezone)
    instant = wall.astimezone(dt.UTC)
    if instant.astimezone(timezone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _change_between(wall.replace(fold=1).astimezone(dt.UTC), instant, timezone)


def day_begins(date: dt.date, timezone: ZoneInfo) -> dt.datetime:
    """The instant at which a date begins, in UTC."""
    return instant_at(date, dt.time(0, 0), timezone)


def wall_clock(instant: dt.datetime, timezone: ZoneInfo) -> str:
    """An instant as people read it in school: `10:30:00`."""
    return f"{instant.astimezone(timezone):%H:%M:%S}"


def _change_between(before: dt.datetime, after: dt.datetime, timezone: ZoneInfo) -> dt.datetime:
    """The instant, to the second, at which the offset becomes what it is at `after`."""
    offset = after.astimezone(timezone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if dt.datetime.fromtimestamp(middle, timezone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return dt.datetime.fromtimestamp(high, dt.UTC)
