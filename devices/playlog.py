"""Which tracks began and ended, told from what an output really sounds: pure, looked at a few times a second."""

from __future__ import annotations

import dataclasses
from typing import Literal

from devices.plan import Label
from devices.player import Sounding
from wire.requests import PlayedRecord
from wire.values import instant_of

NEAR_S = 0.5
"""A track that was heard to within this of its end has ended; with more left it was cut."""

LATEST_LOOK_S = 3.0
"""On a busy machine a look may come as late as this, and what passed meanwhile is taken as heard."""

SHORT_LACK_S = 2.0
"""A speaker that starts in mid-track needs a moment to decode it: that is no missing track."""

WhyEnded = Literal["ended", "cut", "missing", "stopped"]


@dataclasses.dataclass(frozen=True)
class Current:
    """A track that sounds: when it was first heard, from where in the track, and when last."""

    label: Label
    started_unix_s: float
    from_s: float
    heard_unix_s: float
    heard_to_s: float


@dataclasses.dataclass(frozen=True)
class Step:
    """What changed since the last look: the track that began, and the record of the one that is over."""

    began: Current | None = None
    ended: PlayedRecord | None = None


class PlayLog:
    """Follows one output; bells and live streams are not logged."""

    def __init__(self, zone: str, speaker: str) -> None:
        self.current: Current | None = None
        self._lacked: Current | None = None
        self._zone = zone
        self._speaker = speaker

    def look(self, sounding: Sounding | None, now_unix_s: float) -> Step:
        """Take in what sounds now; tells what began and what ended."""
        before = self.current
        stream = sounding is not None and bool(sounding.label.set) and not sounding.label.track
        if sounding is None or stream or not sounding.label.set:
            # A bell in front of the music is no end of it; nothing at all is, and a live stream, which is no track.
            if (sounding is not None and not stream) or before is None:
                return Step()
            self.current = None
            return Step(ended=self._record(before, _why(before, now_unix_s)))
        position_s = max(0.0, sounding.position_at(now_unix_s))
        if before is not None and _same(before.label, sounding.label):
            self.current = dataclasses.replace(before, heard_unix_s=now_unix_s, heard_to_s=position_s)
            return Step()
        from_s = 0.0 if position_s < NEAR_S else position_s
        started_s = now_unix_s - (position_s - from_s)
        self.current = Current(sounding.label, started_s, from_s, now_unix_s, position_s)
        ended = None if before is None else self._record(before, _why(before, now_unix_s))
        return Step(began=self.current, ended=ended)

    def so_far(self) -> PlayedRecord | None:
        """The record of the track that sounds, as if it stopped now."""
        return None if self.current is None else self._record(self.current, "stopped")

    def lack(self, due: Label | None, now_unix_s: float) -> PlayedRecord | None:
        """Take in the track that is due and not here, if any; the record of one whose silent span is over."""
        before = self._lacked
        if before is not None and due is not None and _same(before.label, due):
            self._lacked = dataclasses.replace(before, heard_unix_s=now_unix_s)
            return None
        self._lacked = None if due is None else Current(due, now_unix_s, 0.0, now_unix_s, 0.0)
        if before is None or before.heard_unix_s - before.started_unix_s < SHORT_LACK_S:
            return None
        return self._record(before, "missing")

    def _record(self, one: Current, why: WhyEnded) -> PlayedRecord:
        ended_s = one.heard_unix_s
        if why == "ended":
            ended_s = one.started_unix_s + one.label.duration_s - one.from_s
        return PlayedRecord(
            zone=self._zone,
            speaker=self._speaker,
            set=one.label.set,
            track=one.label.track,
            title=one.label.title,
            artist=one.label.artist,
            started_at=instant_of(one.started_unix_s),
            ended_at=instant_of(ended_s),
            from_s=one.from_s,
            why=why,
        )


def _why(one: Current, now_unix_s: float) -> WhyEnded:
    """Whether a track that is over was heard to its end, as far as looks that came late can tell."""
    late_s = min(now_unix_s - one.heard_unix_s, LATEST_LOOK_S)
    to_s = one.label.duration_s - one.label.crossed_s
    return "ended" if one.heard_to_s > to_s - max(NEAR_S, late_s) else "cut"


def _same(one: Label, other: Label) -> bool:
    near = abs(one.start_unix_s - other.start_unix_s) < 1.0
    return near and (one.set, one.track) == (other.set, other.track)
