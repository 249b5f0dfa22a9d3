"""Whose School DJ turn it is: a pure rota.

Fewest turns this term first; who was away or is new catches up by one round at most, so that nobody is DJ for a week;
within a round the order is shuffled by a seed and stays.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass

MOVES_ON_BEFORE_LOCK = dt.timedelta(minutes=10)
"""A turn moves on this long before its picks close at the latest, so that whoever gets it has time to pick."""


@dataclass(frozen=True)
class Claim:
    """Whose turn a slot is just now: `settled` when the pupil is in, else the slot still waits for the pupil."""

    pupil: str
    settled: bool


def turn_counts(pupils: Collection[str], taken: Sequence[str]) -> dict[str, int]:
    """How many turns each pupil counts as having had, after the term's turns in their order.

    The round is the median of the counts; a pupil more than one round behind counts as one behind, at each
    turn and at the end.
    """
    counts = dict.fromkeys(pupils, 0)
    if not counts:
        return counts
    for pupil in taken:
        if pupil in counts:
            counts[pupil] = max(counts[pupil], _round(counts) - 1) + 1
    least = _round(counts) - 1
    return {pupil: max(count, least) for pupil, count in counts.items()}


def rota(pupils: Collection[str], taken: Sequence[str], *, seed: str) -> tuple[str, ...]:
    """All pupils, the next turn's first."""
    counts = turn_counts(pupils, taken)
    return tuple(sorted(pupils, key=lambda pupil: (counts[pupil], _shuffle(seed, pupil), pupil)))


def moves_on_at(am_close: dt.datetime | None, locks_at: dt.datetime) -> dt.datetime:
    """When a turn no longer waits for a pupil who is not in: at the register's close, or shortly before the lock."""
    before_lock = locks_at - MOVES_ON_BEFORE_LOCK
    return before_lock if am_close is None else min(am_close, before_lock)


def claim(
    order: Sequence[str], *, present: Collection[str], busy: Collection[str], waits: bool, holds_for: str | None = None
) -> Claim | None:
    """Whose a slot is, of an order: the first, if in or still waited for, else the next who is in.

    `busy` are pupils with another turn that day; `holds_for` is a pupil for whom staff keep this slot
    as long as it is open.
    """
    free = [pupil for pupil in order if pupil not in busy]
    if not free:
        return None
    first = free[0]
    if first in present:
        return Claim(first, settled=True)
    if waits or first == holds_for:
        return Claim(first, settled=False)
    in_now = next((pupil for pupil in free if pupil in present), None)
    return Claim(in_now, settled=True) if in_now else None


def _round(counts: dict[str, int]) -> int:
    return statistics.median_low(counts.values())


def _shuffle(seed: str, pupil: str) -> bytes:
    return hashlib.sha256(f"{seed} {pupil}".encode()).digest()
