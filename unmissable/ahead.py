"""What a technician wants to know first of a school that is up: what plays now or next, or why nothing does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from wire.link import Heard, Link
from wire.programme import Calendar, CalendarSlot


def ahead(calendar: Calendar, now: dt.datetime) -> str:
    """A line on the slot that is on, else on the next one, with the reason when today has none."""
    timezone = ZoneInfo(calendar.timezone)
    slots = [slot for day in calendar.days for slot in day.slots]
    on = [slot for slot in slots if slot.start_at <= now < slot.end_at]
    if on:
        ends = ", ".join(f"{_what(slot)} until {slot.end_at.astimezone(timezone):%H:%M}" for slot in on)
        return f"music now: {ends}"
    today = next((day for day in calendar.days if day.date == now.astimezone(timezone).date()), None)
    why = f"; today is {today.day} ({today.rule})" if today is not None and not today.slots else ""
    coming = min((slot for slot in slots if slot.start_at > now), key=lambda slot: slot.start_at, default=None)
    if coming is None:
        return f"no music in the next {len(calendar.days)} days{why}"
    starts = coming.start_at.astimezone(timezone)
    return f"next music: {_what(coming)}, {starts:%A} {starts.day} {starts:%B} {starts:%H:%M}{why}"


def _what(slot: CalendarSlot) -> str:
    return f"{slot.slot} in {' and '.join(slot.zones)}"


def zones_of(calendar: Calendar) -> frozenset[str]:
    """The zones that have music on the calendar's days."""
    return frozenset(zone for day in calendar.days for slot in day.slots for zone in slot.zones)


class Ahead:
    """Says what is ahead when the calendar is first heard, and again when that changed with it.

    `speakers_in` gives the zones for which a speaker is enrolled now: a zone with music and without one is told.
    """

    def __init__(
        self,
        link: Link,
        say: Callable[[str], None],
        now: Callable[[], dt.datetime],
        *,
        speakers_in: Callable[[], frozenset[str]],
    ) -> None:
        self._speakers_in = speakers_in
        self._say = say
        self._now = now
        self._said = ""
        link.listen(link.topics.calendar, Calendar, self._hear)

    def _hear(self, heard: Heard[Calendar]) -> None:
        if heard.message is None:
            return
        text = ahead(heard.message, self._now())
        if text != self._said:
            self._said = text
            self._say(text)
            for zone in sorted(zones_of(heard.message) - self._speakers_in()):
                self._say(f"no speaker is enrolled for {zone}: nothing is heard there")
