"""Calls: staff have a sound heard now, or at an instant soon, and every speaker of its zones plays it as one.

A call goes out well before it begins, as all play it on the school clock. Which sounds there are is `call_sounds`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping

from scheduler.call_sounds import not_callable
from scheduler.fields import nearest
from scheduler.programme import zone_volume
from scheduler.timetable import CallSound, Timetable
from scheduler.tracks import Library
from wire.asking import Answerer, Request
from wire.clock import KeptClock
from wire.errors import Refused
from wire.link import Link
from wire.programme import Call, Programme, Track
from wire.requests import CALL, CallAnswer, CallAsk

_log = logging.getLogger(__name__)

LEAD = dt.timedelta(seconds=0.6)
"""From the request to the sound: time for the network, and for the 0.25 s that outputs are handed ahead."""
LATEST_BEGIN = dt.timedelta(seconds=10)
"""A speaker that hears of a call later than this after its instant leaves it out."""
FURTHEST = dt.timedelta(hours=1)


class Calls:
    """Answers `call`: checks it against the timetable and what speakers were told to fetch, and sends it out."""

    def __init__(
        self,
        answerer: Answerer,
        link: Link,
        clock: KeptClock,
        *,
        timetable: Callable[[], Timetable | None],
        library: Callable[[], Library],
        programmes: Callable[[], Mapping[str, Programme]],
    ) -> None:
        self._link = link
        self._clock = clock
        self._timetable = timetable
        self._library = library
        self._programmes = programmes
        answerer.on(CALL, self.call)

    def call(self, request: Request[CallAsk]) -> CallAnswer:
        """Send a call to its zones, under the request's id; raises Refused with what there is instead."""
        asked = request.body
        timetable = self._timetable()
        if timetable is None:
            raise Refused("not-ready", "there is no timetable yet, and so nothing to call")
        zones = tuple(dict.fromkeys(asked.zones))
        known_zones(timetable, zones)
        sound = timetable.calls.get(asked.call)
        if sound is None:
            raise Refused("no-call", f"there is no call {asked.call!r}; {nearest(asked.call, timetable.calls)}")
        track = self._track(sound, zones)
        at = self._instant(asked.at)
        for zone in zones:
            call = Call(
                id=request.id,
                track=track,
                duck_db=sound.duck_db,
                volume=zone_volume(timetable.zones[zone], sound.volume),
                at=at,
                valid_until=at + LATEST_BEGIN,
            )
            left_s = (call.valid_until - self._clock.now()).total_seconds()
            self._link.publish(self._link.topics.call(zone), call, expiry_s=left_s)
        _log.info("call %s in %s, asked by %s", sound.name, ", ".join(zones), request.who)
        return CallAnswer(at=at, zones=zones)

    def _track(self, sound: CallSound, zones: tuple[str, ...]) -> Track:
        """The sound as the programmes of the zones name it, so that their speakers have fetched it."""
        library = self._library()
        if why := not_callable(library, sound):
            raise Refused("not-ready", f"call {sound.name}: {why}")
        wanted = library.by_path(sound.sound)
        told: dict[str, Track] = {}
        for zone in zones:
            programme = self._programmes().get(zone)
            for track in programme.calls if programme is not None else ():
                if wanted is not None and track.id == wanted.id:
                    told[zone] = track
        untold = [zone for zone in zones if zone not in told]
        if untold:
            raise Refused(
                "not-ready", f"call {sound.name}: the speakers of {', '.join(untold)} are yet to fetch it; ask again"
            )
        return told[zones[0]]

    def _instant(self, at: dt.datetime | None) -> dt.datetime:
        now = self._clock.now()
        if at is None:
            return now + LEAD
        if at < now:
            raise Refused("too-late", f"{at:%H:%M:%S} UTC is past; should be from now to an hour ahead, or left out")
        if at > now + FURTHEST:
            raise Refused("too-early", f"{at:%Y-%m-%d %H:%M} UTC is more than an hour ahead; put it into the timetable")
        return max(at, now + LEAD)


def known_zones(timetable: Timetable, zones: tuple[str, ...]) -> None:
    """Raises Refused for the first zone that the timetable does not have, with the one that was probably meant."""
    for zone in zones:
        if zone not in timetable.zones:
            raise Refused("no-zone", f"there is no zone {zone!r}; {nearest(zone, timetable.zones)}")
