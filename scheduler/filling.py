"""What plays in one slot: the DJ's picks first, then the playlist; pure, and the same for the same inputs.

The order of a playlist depends on the date, the slot, when each track was last heard (by date), and on nothing else,
so that a track that is approved or goes missing moves no other out of its order. Tracks follow each other without a
gap. The last one may reach past the slot's end: the player fades the set out over its `fade_out_s` and cuts it at
`end_at`, where it is silent by then.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from scheduler.tracks import LibraryTrack

SHORTEST_TRACK_S = 1.0
"""What is shorter is not music, and would make a programme of thousands of tracks."""

MOST_TRACKS = 500
"""In one slot; so many always fit into a message."""


@dataclasses.dataclass(frozen=True)
class SlotToFill:
    """One slot on one date: how long it is, and by how much its tracks overlap."""

    date: dt.date
    slot: str
    length_s: float
    crossfade_s: float = 0.0


@dataclasses.dataclass(frozen=True)
class Heard:
    """What was heard before a slot: the last date of each track in the weeks before, and today's tracks in order."""

    dates: Mapping[str, dt.date] = dataclasses.field(default_factory=dict)
    today: Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class PlacedTrack:
    """A track in a set: `at_s` counts from the set's start, `picked` by the DJ."""

    track: LibraryTrack
    at_s: float
    picked: bool


def fill(
    slot: SlotToFill, *, picks: Iterable[LibraryTrack], playlist: Iterable[LibraryTrack], heard: Heard
) -> tuple[PlacedTrack, ...]:
    """The tracks of a slot until its end is reached, empty only when there is nothing to play.

    No track comes twice in a day and no artist twice in a row where that can be avoided; a pick is played where it was
    picked even so, once. When everything was heard today, tracks come again, the one not heard for longest first.
    """
    layout = _Layout(slot)
    for track in _each_once(picks):
        layout.add(track, picked=True)
    pool = _in_order(slot, _each_once(playlist), heard.dates)
    heard_today = {*heard.today, *(placed.track.id for placed in layout.placed)}
    for track in _fresh(layout.copy(), [track for track in pool if track.id not in heard_today]):
        layout.add(track)
    order = [*heard.today, *(placed.track.id for placed in layout.placed)]
    last_place = {track_id: place for place, track_id in enumerate(order)}
    queue = sorted(pool, key=lambda track: last_place.get(track.id, -1))
    while queue and not layout.full:
        track = _first_by_another_artist(queue, layout.last)
        layout.add(track)
        queue.remove(track)
        queue.append(track)
    return tuple(layout.placed)


class _Layout:
    """Puts tracks one behind the other until the slot is full."""

    def __init__(self, slot: SlotToFill) -> None:
        self._slot = slot
        self._end_s = 0.0
        self.placed: list[PlacedTrack] = []

    @property
    def full(self) -> bool:
        return self._end_s >= self._slot.length_s or len(self.placed) >= MOST_TRACKS

    @property
    def last(self) -> LibraryTrack | None:
        return self.placed[-1].track if self.placed else None

    def add(self, track: LibraryTrack, *, picked: bool = False) -> None:
        """Place a track behind the last, unless the slot is full."""
        if self.full:
            return
        overlap = overlap_s(self.last, track, self._slot.crossfade_s) if self.last else 0.0
        at_s = round(self._end_s - overlap, 6)
        self.placed.append(PlacedTrack(track, at_s, picked))
        self._end_s = at_s + track.duration_s

    def copy(self) -> _Layout:
        """The same, to try something out."""
        copied = _Layout(self._slot)
        copied._end_s, copied.placed = self._end_s, list(self.placed)
        return copied


def overlap_s(before: LibraryTrack, after: LibraryTrack, crossfade_s: float) -> float:
    """By how much two tracks overlap: the crossfade, or nothing where a track is too short to bear one at each end."""
    return crossfade_s if min(before.duration_s, after.duration_s) >= 2 * crossfade_s else 0.0


def _each_once(tracks: Iterable[LibraryTrack]) -> list[LibraryTrack]:
    """The tracks that are music, each content once, in their order."""
    once: dict[str, LibraryTrack] = {}
    for track in tracks:
        if track.duration_s >= SHORTEST_TRACK_S:
            once.setdefault(track.id, track)
    return list(once.values())


def _in_order(slot: SlotToFill, tracks: Iterable[LibraryTrack], dates: Mapping[str, dt.date]) -> list[LibraryTrack]:
    """A playlist in the order of a slot: never heard first, then longest ago, and by lot within a date."""

    def rank(track: LibraryTrack) -> tuple[int, bytes]:
        heard_on = dates.get(track.id)
        lot = hashlib.sha256(f"{slot.date.isoformat()}/{slot.slot}/{track.id}".encode()).digest()
        return heard_on.toordinal() if heard_on else 0, lot

    return sorted(tracks, key=rank)


def _fresh(trial: _Layout, unheard: Sequence[LibraryTrack]) -> list[LibraryTrack]:
    """Tracks not heard today, as many as the slot needs, in the order of the playlist but for the artists."""
    before = trial.last
    left = list(unheard)
    chosen: list[LibraryTrack] = []
    while left and not trial.full:
        track = _first_by_another_artist(left, trial.last)
        left.remove(track)
        trial.add(track)
        chosen.append(track)
    row = chosen if before is None else [before, *chosen]
    if any(_same_artist(one, other) for one, other in itertools.pairwise(row)):
        return _spread(chosen, before)
    return chosen


def _spread(tracks: Sequence[LibraryTrack], before: LibraryTrack | None) -> list[LibraryTrack]:
    """The same tracks with each artist's as far apart as can be, else in their order."""
    left = list(tracks)
    spread: list[LibraryTrack] = []
    while left:
        last = spread[-1] if spread else before
        count = Counter(_artist(track) for track in left if _artist(track))
        others = [track for track in left if not _same_artist(track, last)]
        most = max((count[_artist(track)] for track in others), default=0)
        pressing = 2 * most > len(left)
        track = next((track for track in others if not pressing or count[_artist(track)] == most), left[0])
        left.remove(track)
        spread.append(track)
    return spread


def _first_by_another_artist(tracks: Sequence[LibraryTrack], last: LibraryTrack | None) -> LibraryTrack:
    """The first track by another artist than the last one's, else the first."""
    return next((track for track in tracks if not _same_artist(track, last)), tracks[0])


def _artist(track: LibraryTrack) -> str:
    return track.artist.strip().casefold()


def _same_artist(track: LibraryTrack, other: LibraryTrack | None) -> bool:
    return other is not None and bool(_artist(track)) and _artist(track) == _artist(other)
