"""From plans to blocks of samples: one plan sounds, and a new one takes over by a crossfade, never by a cut.

Behind the plans stand the limiter, with the zone's limit, and the mute, which needs no plan and waits for none: the
word of staff for silence is a short ramp of all that sounds. Called by the output's thread alone, but for `play` and
`mute`, which the loop calls.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from devices.limiter import Limiter
from devices.pcm import CHANNELS, RATE, Samples
from devices.plan import SILENT, Plan, Sound

QUICK_FADE_S = 0.25
"""How long a change by staff, a late join or a new programme takes to be heard whole."""
MUTE_FADE_S = 0.04
"""How long all sound takes to end, or to come back: as short as can be without a click."""


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
        self._muted = False
        self._level = 1.0
        self._limiter = Limiter()

    def play(self, plan: Plan, fade_s: float = QUICK_FADE_S) -> None:
        """Change to a plan from the next block on; while another change is on its way the newest plan waits."""
        # One assignment, and nobody else assigns: the audio thread sees either the old or the new.
        self._newest = _Change(plan, max(1, round(fade_s * RATE)))

    def mute(self, on: bool) -> None:
        """End all sound from the next block on, or let it come back."""
        self._muted = on

    def render(self, frame: int, count: int) -> Samples | None:
        """The `count` frames of the school clock from `frame` on; None when nothing sounds there."""
        block = self._render(frame, count)
        wanted = 0.0 if self._muted else 1.0
        if self._level == wanted:
            return block if wanted else None
        levels = self._ramp_to(wanted, count)
        return None if block is None else block * levels[:, None]

    def peek(self, frame: int, count: int) -> Samples | None:
        """What the plan in force would render, without moving a change on: for the short crossfade of a jump."""
        block = _mix(self._plan, frame, count)
        if block is None or self._level == 0.0:
            return None
        ceiling = self._plan.ceiling
        peeked: Samples = np.clip(block, -ceiling, ceiling) * np.float32(self._level)
        return peeked

    def sounding(self, frame: int) -> Sound | None:
        """The voice that is heard at a frame."""
        plan = self._plan if self._coming is None else self._coming.plan
        return plan.sounding(frame)

    def _ramp_to(self, wanted: float, count: int) -> Samples:
        step = count / RATE / MUTE_FADE_S
        end = max(wanted, self._level - step) if wanted < self._level else min(wanted, self._level + step)
        frames = max(1, round(abs(end - self._level) * MUTE_FADE_S * RATE))
        levels = np.full(count, end, dtype=np.float32)
        levels[:frames] = np.linspace(self._level, end, frames, dtype=np.float32)[:count]
        self._level = end
        return levels

    def _render(self, frame: int, count: int) -> Samples | None:
        newest = self._newest
        if self._coming is None and newest is not self._taken:
            self._coming = self._taken = newest
            self._faded = 0
        change = self._coming
        if change is None:
            return self._limited(_mix(self._plan, frame, count), self._plan.ceiling)
        ceiling = min(self._plan.ceiling, change.plan.ceiling)
        old, new = _mix(self._plan, frame, count), _mix(change.plan, frame, count)
        share = np.clip((self._faded + np.arange(1, count + 1)) / change.frames, 0.0, 1.0).astype(np.float32)[:, None]
        self._faded += count
        if self._faded >= change.frames:
            self._plan, self._coming = change.plan, None
        if old is None:
            return self._limited(None if new is None else new * share, ceiling)
        return self._limited(old * (1 - share) if new is None else old + (new - old) * share, ceiling)

    def _limited(self, block: Samples | None, ceiling: float) -> Samples | None:
        return None if block is None else self._limiter.hold(block, ceiling)


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
