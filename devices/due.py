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
DAY_S = 86_400.0
MOST_BYTES_S = 2_000_000
"""A file has no more bytes for a second than this: WAV of 96 kHz with six channels of 24 bits has 1,728,000."""
PICTURES_BYTES = 64_000_000
"""What a file may have beside its sound: pictures and words."""


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
    """Where to fetch each track of every zone from, most wanted first.

    What sounds within DAY_S goes before all else, because wet play moves music to another zone at once; of both, the
    own zone's goes first, and of that what is due next.
    """
    placed = [(False, *one, own.media) for one in _in_order(own, now_s)] if own is not None else []
    if own is not None:
        # What may be called for belongs to the day, behind what is sure to sound.
        placed += [(False, now_s + DAY_S, track, own.media) for track in own.calls]
    placed += [(True, *one, other.media) for other in others for one in _in_order(other, now_s)]
    found: dict[str, Source] = {}
    for _, start_s, track, media in sorted(placed, key=lambda one: (one[1] > now_s + DAY_S, one[0], one[1])):
        most_bytes = round(track.duration_s * MOST_BYTES_S) + PICTURES_BYTES
        found.setdefault(track.id, Source(track.id, media, start_s <= now_s + DAY_S, most_bytes))
    return tuple(found.values())


def all_tracks(programmes: Iterable[Programme]) -> frozenset[str]:
    """Every track that any of the programmes names."""
    timed = (track.id for one in programmes for _, _, track in _timed(one))
    return frozenset(timed) | {track.id for one in programmes for track in one.calls}
