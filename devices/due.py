"""What a speaker should have ready: the tracks to decode next and the order in which to fetch; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from devices.fetching import Source
from devices.playhead import track_spans
from wire.programme import Call, Programme, Track

AHEAD_S = 600.0
"""So long before its instant a track is decoded: long enough to find a bad one, short enough to spare the disk."""
MOST_AHEAD = 4
CALLS_READY_S = 300.0
"""So much of what staff may call for is kept decoded: a call has to sound at once."""


def _timed(programme: Programme) -> Iterator[tuple[float, float, Track]]:
    valid_until_s = programme.valid_until.timestamp()
    for music in programme.sets:
        for span in track_spans(music, valid_until_s):
            yield span.start_s, span.end_s, span.track
    for bell in programme.bells:
        start_s = bell.at.timestamp()
        yield start_s, start_s + bell.track.duration_s, bell.track


def _in_order(programme: Programme, now_s: float) -> list[tuple[float, Track]]:
    found = [(start_s, track) for start_s, end_s, track in _timed(programme) if end_s > now_s]
    return sorted(found, key=lambda one: one[0])


def tracks_to_decode(programme: Programme | None, now_s: float, calls: Iterable[Call] = ()) -> tuple[Track, ...]:
    """The tracks that sound now or soon, next due first, each once: called ones, the day's, what may be called."""
    found = {call.track.id: call.track for call in calls}
    if programme is None:
        return tuple(found.values())
    day: dict[str, Track] = {}
    for start_s, track in _in_order(programme, now_s):
        if start_s < now_s + AHEAD_S and len(day) < MOST_AHEAD:
            day.setdefault(track.id, track)
    found |= day
    left_s = CALLS_READY_S
    for track in programme.calls:
        left_s -= track.duration_s
        if left_s >= 0:
            found.setdefault(track.id, track)
    return tuple(found.values())


def fetch_order(own: Programme | None, others: Iterable[Programme], now_s: float) -> tuple[Source, ...]:
    """Where to fetch each track of every zone from: the own zone's first, next due first, then the other zones'."""
    found: dict[str, Source] = {}
    if own is not None:
        for track in (*(track for _, track in _in_order(own, now_s)), *own.calls):
            found.setdefault(track.id, Source(track.id, own.media))
    rest = [(start_s, track, one.media) for one in others for start_s, track in _in_order(one, now_s)]
    for _, track, media in sorted(rest, key=lambda one: one[0]):
        found.setdefault(track.id, Source(track.id, media))
    return tuple(found.values())


def all_tracks(programmes: Iterable[Programme]) -> frozenset[str]:
    """Every track that any of the programmes names."""
    timed = (track.id for one in programmes for _, _, track in _timed(one))
    return frozenset(timed) | {track.id for one in programmes for track in one.calls}
