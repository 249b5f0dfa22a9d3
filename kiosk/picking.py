"""A School DJ's picks while they are made: which tracks, in which order, how much of the slot they fill. Pure."""

from __future__ import annotations

import dataclasses

from wire.requests import ApprovedTrack, TurnOffer


@dataclasses.dataclass(frozen=True)
class Picks:
    """The picks in the pupil's order, out of the approved tracks, for a slot of `slot_s`."""

    approved: tuple[ApprovedTrack, ...]
    slot_s: float
    chosen: tuple[str, ...] = ()

    @classmethod
    def of_offer(cls, offer: TurnOffer, approved: tuple[ApprovedTrack, ...]) -> Picks:
        """What was picked before for a turn, without tracks that are no longer approved."""
        known = {track.id for track in approved}
        slot_s = (offer.end_at - offer.start_at).total_seconds()
        return cls(approved, slot_s, tuple(track for track in offer.picks if track in known))

    @property
    def filled_s(self) -> float:
        """The length of all picks together."""
        lengths = {track.id: track.duration_s for track in self.approved}
        return sum(lengths[track] for track in self.chosen)

    @property
    def full(self) -> bool:
        """Whether the slot has no room left; the last track may run over, it fades out in time."""
        return self.filled_s >= self.slot_s

    def place(self, track: str) -> int | None:
        """The number of a track in the order, from 1, or None."""
        return self.chosen.index(track) + 1 if track in self.chosen else None

    def touched(self, track: str) -> Picks:
        """The picks after a touch: a new track is added while there is room, a picked one is taken away."""
        if track in self.chosen:
            return dataclasses.replace(self, chosen=tuple(other for other in self.chosen if other != track))
        if self.full or all(track != known.id for known in self.approved):
            return self
        return dataclasses.replace(self, chosen=(*self.chosen, track))
