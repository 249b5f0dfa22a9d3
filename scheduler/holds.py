"""Holds: staff mute a zone or give it another volume until an instant, never beyond the day.

A hold that ends is followed by one that is over already, rather than by a cleared topic: a speaker that was away
remembers the hold, and would hear nothing of its end. What was said last of each zone is also on disk, so that neither
a restart nor a broker that forgets loses a hold, or brings one back.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from scheduler.calling import known_zones
from scheduler.instants import day_begins
from scheduler.timetable import Timetable
from wire.asking import Answerer, Request
from wire.clock import KeptClock
from wire.errors import Refused
from wire.link import Heard, Link
from wire.requests import HOLD, HoldAnswer, HoldAsk
from wire.states import Hold
from wire.values import Id, WireModel

_log = logging.getLogger(__name__)

_TICK = dt.timedelta(milliseconds=1)
_TOLD_FOR = dt.timedelta(hours=25)
"""The longest local day: what was said of a zone longer ago is over in every speaker's memory."""


class _Saved(WireModel):
    """The file: the last hold of each zone, one that was ended among them."""

    version: Literal[1] = 1
    holds: dict[Id, Hold] = Field(default_factory=dict)


class Holds:
    """Answers `hold`, and keeps the last one of each zone on the broker; `file` is where they outlive the program."""

    def __init__(
        self,
        answerer: Answerer,
        link: Link,
        clock: KeptClock,
        *,
        timetable: Callable[[], Timetable | None],
        file: Path,
    ) -> None:
        self._link = link
        self._clock = clock
        self._timetable = timetable
        self._file = file
        self._last = self._load()
        self._settled = False
        self._saving = asyncio.Lock()
        link.listen(link.topics.hold(), Hold, self._hear)
        answerer.on(HOLD, self.hold)

    def settle(self) -> None:
        """What the last run left has been heard: say the newest of each zone again, whatever the broker lost."""
        self._settled = True
        for zone in sorted(self._last):
            self._put(zone)

    async def hold(self, request: Request[HoldAsk]) -> HoldAnswer:
        """Hold zones, or end their hold; the answer comes when it is on disk. Raises Refused."""
        asked = request.body
        timetable = self._timetable()
        if timetable is None:
            raise Refused("not-ready", "there is no timetable yet, and so no zone to hold")
        zones = tuple(dict.fromkeys(asked.zones))
        known_zones(timetable, zones)
        now = self._clock.now()
        ends = not asked.mute and asked.volume is None
        until = now if ends else _until(asked.until, now, timetable)
        if ends and asked.until is not None:
            raise Refused("nothing", "neither a mute nor a volume; name one, or leave out the end to end the hold")
        for zone in zones:
            limit = timetable.zones[zone].limit
            volume = None if asked.volume is None else min(asked.volume, limit)
            # Later than the one before even if the clock was set back: the newest counts.
            at = max(now, self._last[zone].at + _TICK) if zone in self._last else now
            hold = Hold(mute=asked.mute, volume=volume, at=at, until=at if ends else until, by=request.who)
            self._last[zone] = hold
            self._put(zone)
        _log.info("hold of %s %s by %s", ", ".join(zones), "ended" if ends else f"until {until}", request.who)
        async with self._saving:
            await asyncio.to_thread(self._save, _Saved(holds=dict(self._last)))
        return HoldAnswer(zones=zones, until=None if ends else until)

    def _put(self, zone: str) -> None:
        """Keep a zone's last hold on the broker, as long as a speaker may remember an older one that is in force."""
        hold = self._last[zone]
        left_s = (hold.at + _TOLD_FOR - self._clock.now()).total_seconds()
        if left_s > 0:
            self._link.keep(self._link.topics.hold(zone), hold, expiry_s=left_s)
        else:
            self._link.keep(self._link.topics.hold(zone), None)
            del self._last[zone]

    def _hear(self, heard: Heard[Hold]) -> None:
        """Take what the last run left, where it is newer than what is on disk."""
        zone, hold = heard.tail[-1], heard.message
        if self._settled or not heard.retained or hold is None:
            return
        if zone not in self._last or hold.at > self._last[zone].at:
            self._last[zone] = hold

    def _load(self) -> dict[str, Hold]:
        try:
            return dict(_Saved.model_validate_json(self._file.read_bytes()).holds)
        except FileNotFoundError:
            return {}
        except (OSError, ValidationError) as wrong:
            _log.warning("%s: the last holds cannot be read; those on the broker stay: %s", self._file, wrong)
            return {}

    def _save(self, saved: _Saved) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside = self._file.with_suffix(".new")
            beside.write_text(saved.model_dump_json() + "\n", encoding="utf-8")
            beside.replace(self._file)
        except OSError as wrong:
            _log.warning("%s: the holds are not on disk: %s", self._file, wrong.strerror)


def _until(until: dt.datetime | None, now: dt.datetime, timetable: Timetable) -> dt.datetime:
    """When a hold ends: at the instant asked for, else with the local day; raises Refused for one out of bounds."""
    today = now.astimezone(timetable.timezone).date()
    day_ends = day_begins(today + dt.timedelta(days=1), timetable.timezone)
    if until is None:
        return day_ends
    if until <= now:
        raise Refused("too-late", f"{until.astimezone(timetable.timezone):%H:%M} is past; a hold ends later than now")
    if until > day_ends:
        local = until.astimezone(timetable.timezone)
        raise Refused("too-long", f"{local:%d %B %H:%M} is another day; a hold ends with the day, at midnight")
    return until
