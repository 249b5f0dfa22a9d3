"""What a speaker tells of itself: its state, published when something changes and now and then besides."""

from __future__ import annotations

import dataclasses

from devices.player import Sounding
from devices.playhead import Playhead, Why
from devices.timebase import Timebase
from wire.clock import SchoolClock
from wire.link import Link
from wire.states import Cache, Playing, SpeakerState
from wire.values import instant_of

STATE_PLAYING_S = 5.0
STATE_IDLE_S = 30.0
LONGEST_FAULT = 300
WAITS_FOR_TIME = "waits for school time from the scheduler"
_OF_THE_PROGRAMME = {
    Why.NO_PROGRAMME: "waits for its first programme",
    Why.OUT_OF_DATE: "its programme is out of date, so it is silent",
}


@dataclasses.dataclass(frozen=True)
class Seen:
    """What one look at the parts of a speaker found; `faults` are sentences that staff understand."""

    sounding: Sounding | None
    head: Playhead
    revision: str | None
    cache: Cache
    start_error_ms: float | None
    output: str
    faults: tuple[str | None, ...]


class Telling:
    """Publishes the state of one speaker."""

    def __init__(self, link: Link, speaker: str, zone: str, version: str, clock: SchoolClock, time: Timebase) -> None:
        self._link = link
        self._topic = link.topics.speaker(speaker)
        self._zone = zone
        self._version = version
        self._clock = clock
        self._time = time
        self._told: SpeakerState | None = None
        self._told_at_s = float("-inf")

    def hurry(self) -> None:
        """Tell at the next look, also when nothing but the time has changed."""
        self._told_at_s = float("-inf")

    def tell(self, seen: Seen, now_s: float) -> bool:
        """Publish the state if that is due; whether it was."""
        state = self._state(seen, now_s)
        age_s = now_s - self._told_at_s
        due = age_s >= (STATE_PLAYING_S if state.playing else STATE_IDLE_S) or age_s < 0
        if not due and self._told is not None and _essence(state) == _essence(self._told):
            return False
        self._told, self._told_at_s = state, now_s
        self._link.keep(self._topic, state)
        return True

    def _state(self, seen: Seen, now_s: float) -> SpeakerState:
        sounding = seen.sounding
        playing = None
        if sounding is not None and sounding.label.set:
            playing = Playing(
                set=sounding.label.set,
                track=sounding.label.track or None,
                title=sounding.label.title,
                position_s=round(max(0.0, sounding.position_at(now_s)), 3),
                at=instant_of(now_s),
            )
        offset_ms = self._clock.offset_ms
        return SpeakerState(
            online=True,
            zone=self._zone,
            playing=playing,
            volume=seen.head.volume,
            revision=seen.revision,
            cache=seen.cache,
            clock_offset_ms=None if offset_ms is None else round(offset_ms, 2),
            start_error_ms=seen.start_error_ms,
            output=seen.output,
            silent=seen.head.why in (Why.SILENCE, Why.MUTE),
            fault=self._fault(seen),
            version=self._version,
        )

    def _fault(self, seen: Seen) -> str | None:
        own = (None if self._time.known else WAITS_FOR_TIME, _OF_THE_PROGRAMME.get(seen.head.why))
        faults = [fault for fault in (*own, *seen.faults) if fault]
        return "; ".join(faults)[:LONGEST_FAULT] or None


def _essence(state: SpeakerState) -> SpeakerState:
    """What of a state is worth telling at once when it changes: all but what always moves."""
    playing = state.playing
    if playing is not None:
        playing = playing.model_copy(update={"position_s": 0.0, "at": instant_of(0.0)})
    return state.model_copy(update={"playing": playing, "clock_offset_ms": None})
