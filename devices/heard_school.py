"""What a speaker has heard of the school: its zone's programme, the other zones', silence, hold and calls.

What must outlive a restart is on disk. Nonsense is refused here, and what was good before stays in force.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from devices.saved import Saved
from devices.sense import nonsense_of, nonsense_of_call
from wire.link import Heard, Link
from wire.programme import Call, Programme
from wire.states import Hold, Silence

_log = logging.getLogger(__name__)

OVER_S = 5.0
"""A call is forgotten so long after its end."""


class HeardSchool:
    """The newest of everything; `on_urgent` is called for the word of staff, `on_change` for all the rest.

    `now` is the school's time. `on_urgent` runs before anything is written to the disk, which may take its time.
    """

    def __init__(
        self,
        zone: str,
        saved: Saved,
        now: Callable[[], dt.datetime],
        *,
        on_urgent: Callable[[], None],
        on_change: Callable[[], None],
    ) -> None:
        self._zone = zone
        self._saved = saved
        self._now = now
        self._on_urgent = on_urgent
        self._on_change = on_change
        # Named by the zone: a speaker that is moved to another one must not play what it remembers of the last.
        self.programme = self._sensible(saved.load(f"programme-{zone}", Programme))
        self.hold = saved.load(f"hold-{zone}", Hold)
        self.silence = saved.load("silence", Silence)
        self.others: dict[str, Programme] = {}
        self.fault: str | None = None
        self._calls: dict[str, Call] = {}

    def listen(self, link: Link) -> None:
        """Hear all of it on a link."""
        link.listen(link.topics.programme(), Programme, self._hear_programme)
        link.listen(link.topics.silence, Silence, self._hear_silence)
        link.listen(link.topics.hold(self._zone), Hold, self._hear_hold)
        link.listen(link.topics.call(self._zone), Call, self._hear_call)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls that sound or are about to."""
        return tuple(self._calls.values())

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """Every zone's, the own one first."""
        return (*([self.programme] if self.programme else []), *self.others.values())

    def forget_old_calls(self) -> None:
        """Drop the calls that are over."""
        now = self._now()
        for call in self.calls:
            if (now - call.at).total_seconds() > call.track.duration_s + OVER_S:
                del self._calls[call.id]

    def hush(self, silence: Silence) -> bool:
        """Take in a silence or its lifting, the newest wins; whether it was news."""
        before = self.silence
        if before is not None and (silence.at < before.at or silence == before):
            return False
        self.silence = silence
        self._on_urgent()
        if before is None or silence.on != before.on:
            _log.info("silence %s", "on" if silence.on else "lifted")
        self._saved.save("silence", silence)
        return True

    def _hear_programme(self, heard: Heard[Programme]) -> None:
        zone, programme = heard.tail[-1], heard.message
        if programme is not None and programme.zone != zone:
            _log.warning("a programme for %s came on the topic of %s: ignored", programme.zone, zone)
            return
        if zone != self._zone:
            if programme is None:
                self.others.pop(zone, None)
            elif nonsense_of(programme) is None:
                self.others[zone] = programme
            self._on_change()
            return
        if programme is not None and (wrong := nonsense_of(programme)) is not None:
            self._complain(f"a programme that cannot be meant was refused ({wrong}); the one before stays in force")
            return
        self.fault = None
        if programme == self.programme:
            return
        if programme is None or self.programme is None or programme.revision != self.programme.revision:
            _log.info("programme %s", "withdrawn" if programme is None else programme.revision)
        self.programme = programme
        self._on_change()
        self._saved.save(f"programme-{zone}", programme)

    def _hear_silence(self, heard: Heard[Silence]) -> None:
        # A topic that was cleared lifts nothing: only a newer word of staff does.
        if heard.message is not None:
            self.hush(heard.message)

    def _hear_hold(self, heard: Heard[Hold]) -> None:
        if heard.message is not None and self.hold is not None and heard.message.at < self.hold.at:
            return  # a broker that came back with what it had saved: the scheduler says it again
        self.hold = heard.message
        self._on_urgent()
        self._saved.save(f"hold-{self._zone}", heard.message)

    def _hear_call(self, heard: Heard[Call]) -> None:
        call = heard.message
        if call is None or heard.retained or call.id in self._calls:
            return
        if (wrong := nonsense_of_call(call, self._now())) is not None:
            _log.warning("call %s is not played: %s", call.track.title, wrong)
            return
        _log.info("call: %s", call.track.title)
        self._calls[call.id] = call
        self._on_urgent()

    def _sensible(self, programme: Programme | None) -> Programme | None:
        return programme if programme is None or nonsense_of(programme) is None else None

    def _complain(self, fault: str) -> None:
        if self.fault != fault:
            _log.warning("%s", fault)
        self.fault = fault
        self._on_change()
