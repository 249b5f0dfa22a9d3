"""From plans to blocks of samples: one plan sounds, and a new one takes over by a crossfade, never by a cut.

Called by the output's thread alone, but for `play`, which the loop calls.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from devices.pcm import CHANNELS, RATE, Samples
from devices.plan import SILENT, Plan, Voice

QUICK_FADE_S = 0.25
"""How long a change by staff, a late join or a new programme takes to be heard whole."""


@dataclasses.dataclass(frozen=True)
class _Change:
    plan: Plan
    frames: int


class Mixer:
    """Renders blocks of the plan in force."""

    def __init__(self) -> None:
        self._plan = SILENT
        self._coming: _Change | None = None
        self._newest: _Change | None = None
        self._taken: _Change | None = None
        self._faded = 0

    def play(self, plan: Plan, fade_s: float = QUICK_FADE_S) -> None:
        """Change to a plan from the next block on; while another change is on its way the newest plan waits."""
        # One assignment, and nobody else assigns: the audio thread sees either the old or the new.
        self._newest = _Change(plan, max(1, round(fade_s * RATE)))

    def render(self, frame: int, count: int) -> Samples | None:
        """The `count` frames of the school clock from `frame` on; None when nothing sounds there."""
        newest = self._newest
        if self._coming is None and newest is not self._taken:
            self._coming = self._taken = newest
            self._faded = 0
        change = self._coming
        if change is None:
            return _mix(self._plan, frame, count)
        old, new = _mix(self._plan, frame, count), _mix(change.plan, frame, count)
        share = np.clip((self._faded + np.arange(1, count + 1)) / change.frames, 0.0, 1.0).astype(np.float32)[:, None]
        self._faded += count
        if self._faded >= change.frames:
            self._plan, self._coming = change.plan, None
        if old is None:
            return None if new is None else new * share
        return old * (1 - share) if new is None else old + (new - old) * share

    def peek(self, frame: int, count: int) -> Samples | None:
        """What the plan in force would render, without moving a change on: for the short crossfade of a jump."""
        return _mix(self._plan, frame, count)

    def sounding(self, frame: int) -> Voice | None:
        """The voice that is heard at a frame."""
        plan = self._plan if self._coming is None else self._coming.plan
        return plan.sounding(frame)


def _mix(plan: Plan, frame: int, count: int) -> Samples | None:
    block: Samples | None = None
    for voice in plan.voices:
        if voice.first >= frame + count:
            break
        if voice.sounds_in(frame, count):
            if block is None:
                block = np.zeros((count, CHANNELS), dtype=np.float32)
            voice.add_to(block, frame)
    return block
