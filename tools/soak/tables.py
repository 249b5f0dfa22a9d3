"""What a check of the rehearsal gives: its lines and the failures that it found; and what a kill excuses. Pure."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable

from .rehearsal import Kill, Lived

RECOVERY_REAL_S = 5.0
"""A speaker that is started again sounds where it should within this."""
EDGE_S = 1.0
"""What a killed speaker sounded last is known to a block and a look of its own."""


@dataclasses.dataclass(frozen=True)
class Table:
    """What one check found; each failure is a sentence."""

    title: str
    lines: tuple[str, ...]
    failures: tuple[str, ...] = ()


def was_away(lived: Lived, speaker: str, *instants_s: float) -> bool:
    """Whether one kill explains that a speaker was silent at these instants."""
    return any(
        all(kill.at_s - EDGE_S <= one <= recovered_s(lived, kill) for one in instants_s)
        for kill in kills_of(lived, speaker)
    )


def kills_of(lived: Lived, speaker: str) -> list[Kill]:
    """The kills of one speaker."""
    return [kill for kill in lived.kills if kill.speaker == speaker]


def recovered_s(lived: Lived, kill: Kill) -> float:
    """Until when, in school time, a kill excuses silence."""
    return kill.back_s + RECOVERY_REAL_S * lived.size.speed


def median_and_worst(errors: Iterable[float]) -> str:
    """Two figures, as they stand in a table."""
    known = tuple(errors)
    return f"{statistics.median(known):.1f} / {max(known):.1f}"
