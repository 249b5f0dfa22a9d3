"""A live stream as a voice of a plan, and the voices of a playlist where it stands in for the stream.

A stream has no frame 0 on the school clock: a placement says which of its frames sounds from which frame of the clock
on. The loop makes placements a moment ahead; the audio thread reads them, and crosses over from one to the next.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np

from devices.pcm import RATE, Samples
from devices.plan import Label, Ramp, Voice, frame_at, ramp_of
from devices.stream_ring import Ring
from devices.stream_turns import Turn, Turns

CROSS_FRAMES = RATE // 20


@dataclasses.dataclass(frozen=True)
class Placement:
    """From a frame of the school clock on, the clock's frame n is the stream's frame n - origin."""

    frame: int
    origin: int


class LiveSound:
    """The stream as the audio thread hears it; `placements` and `title` are each replaced whole by the loop."""

    def __init__(self, ring: Ring) -> None:
        self.placements: tuple[Placement, ...] = ()
        self.title = ""
        self._ring = ring

    def place(self, frame: int, origin: int) -> None:
        """Sound at another place from a frame of the school clock on."""
        self.placements = (*self.placements[-1:], Placement(frame, origin))

    def ahead_s(self, frame: int) -> float | None:
        """How much of what came is still to sound behind a frame of the school clock; None without a place."""
        if not self.placements:
            return None
        return (self._ring.written - (frame - self.placements[-1].origin)) / RATE

    def part(self, first: int, end: int) -> Samples:
        """What sounds in the frames of the school clock from `first` up to `end`."""
        placements = self.placements
        if not placements:
            return self._ring.read(0, 0)
        newest = placements[-1]
        if first >= newest.frame + CROSS_FRAMES or len(placements) == 1:
            return self._ring.read(first - newest.origin, end - newest.origin)
        before = placements[0]
        leaving = self._ring.read(first - before.origin, end - before.origin)
        if end <= newest.frame:
            return leaving
        coming = self._ring.read(first - newest.origin, end - newest.origin)
        share = np.clip((np.arange(first, end) - newest.frame) / CROSS_FRAMES, 0.0, 1.0).astype(np.float32)[:, None]
        crossed: Samples = leaving + (coming - leaving) * share
        return crossed


@dataclasses.dataclass(frozen=True, eq=False)
class LiveVoice:
    """A turn of the stream in a set; `origin` is the frame of the set's start."""

    sound: LiveSound
    set_key: str
    origin: int
    first: int
    end: int
    gain: float
    ramps: tuple[Ramp, ...] = ()

    @property
    def label(self) -> Label:
        """What is heard at this moment: a stream has a title, and no track."""
        return Label(self.set_key, "", self.sound.title, start_unix_s=self.origin / RATE)

    def sounds_in(self, frame: int, count: int) -> bool:
        """Whether it has a part in the `count` frames from `frame` on."""
        return max(self.first, frame) < min(self.end, frame + count)

    def add_to(self, block: Samples, frame: int) -> None:
        """Add this voice's part of a block that begins at a frame."""
        first, end = max(self.first, frame), min(self.end, frame + len(block))
        part = self.sound.part(first, end)
        if len(part) == 0:
            return
        part *= np.float32(self.gain)
        for ramp in self.ramps:
            part *= ramp.over(first, end)
        block[first - frame : end - frame] += part


@dataclasses.dataclass(frozen=True)
class Live:
    """The stream of one set: its sound, and whose turn it is when."""

    sound: LiveSound
    turns: Turns

    def voices(self, set_key: str, first: int, end: int, gain: float, ramps: tuple[Ramp, ...]) -> Iterator[LiveVoice]:
        """The stream's turns between the frames of the school clock at which a set begins and ends."""
        for turn in self.turns.of_stream:
            turn_first, turn_end = _within(turn, first, end)
            if turn_first < turn_end:
                faded = (*ramps, _share(turn))
                yield LiveVoice(self.sound, set_key, first, turn_first, turn_end, gain, faded)

    def left_of(self, voice: Voice) -> Iterator[Voice]:
        """What the stream leaves of a voice of the playlist, in its own place."""
        for turn in self.turns.of_playlist:
            first, end = _within(turn, voice.first, voice.end)
            if first < end:
                ramps = (*voice.ramps, _share(turn)) if turn.share.points else voice.ramps
                yield dataclasses.replace(voice, first=first, end=end, ramps=ramps)


def _share(turn: Turn) -> Ramp:
    return dataclasses.replace(ramp_of(turn.share), equal_power=True)


def _within(turn: Turn, first: int, end: int) -> tuple[int, int]:
    return (
        first if turn.from_s == -math.inf else max(first, frame_at(turn.from_s)),
        end if turn.to_s == math.inf else min(end, frame_at(turn.to_s)),
    )
