"""Puts frame n of the school clock at its instant: one rule for each block that an output asks for.

The output says at which instant the block's first frame will sound. More than JUMP_S wrong: jump, under a short
crossfade; more than DEAD_BAND_S: drop or double one frame; else nothing. That is the start, the late join, the
resume, the drift of a crystal, an underrun and a device that comes back. What is believed of the output's readings
is in `latency`.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from devices.latency import FIRST_READINGS, Latency
from devices.mixer import Mixer
from devices.pcm import CHANNELS, RATE, Frames, Samples
from devices.plan import Label

FIRST_READINGS_LOST = 8
"""While an output fills its buffer its readings mean nothing."""
JUMP_S = 0.012
DEAD_BAND_S = 0.00004
SMOOTHING_S = 1.0
JUMP_FADE_FRAMES = 220
_FULL_SCALE = 32_767.0


@dataclasses.dataclass(frozen=True)
class Sounding:
    """What an output sounds: `position_s` of the labelled track at an instant of the school clock."""

    label: Label
    position_s: float
    at_unix_s: float

    def position_at(self, unix_s: float) -> float:
        """The position a little earlier or later."""
        return self.position_s + unix_s - self.at_unix_s


@dataclasses.dataclass(frozen=True)
class _Start:
    frame: int
    delivered: int


class Player:
    """Renders the blocks of one output; everything but the three public fields belongs to the output's thread.

    With `delay_s` everything sounds that much later: a trim for a room that hears another one.
    """

    def __init__(self, mixer: Mixer, delay_s: float = 0.0) -> None:
        self.sounding: Sounding | None = None
        self.start_error_ms: float | None = None
        self.jumps = 0
        self._mixer = mixer
        self._delay_s = delay_s
        self._readings = Latency()
        self._enough = FIRST_READINGS
        self._to_ignore = FIRST_READINGS_LOST
        self._delivered = 0
        self._cursor: int | None = None
        self._error_frames = 0.0
        self._quiet = True
        self._started: _Start | None = None

    def reset(self, *, exact: bool = False) -> None:
        """Begin a new time line, of an output that was opened; `exact` readings are believed from the first on."""
        self._readings.clear()
        self._enough = 1 if exact else FIRST_READINGS
        self._to_ignore = 0 if exact else FIRST_READINGS_LOST
        self._cursor = None
        self._quiet = True
        self.sounding = None

    def underrun(self) -> None:
        """The output ran dry: its time line is another one from here on."""
        self._readings.clear()

    def block(self, count: int, instant_s: float, school_offset_s: float = 0.0) -> Frames | None:
        """The next `count` frames, the first of which will sound at an instant of the steady clock; None is silence.

        School time is that much ahead of the steady clock, in seconds. The two are kept apart, because an output's
        readings are believed over many seconds, and a clock that was put right is followed at once.
        """
        delivered = self._delivered
        self._delivered += count
        if self._to_ignore > 0:
            self._to_ignore -= 1
            return None
        self._readings.add(delivered / RATE, instant_s - self._delay_s - delivered / RATE)
        if self._cursor is None and len(self._readings) < self._enough:
            return None
        base_s = self._readings.at(delivered / RATE) + school_offset_s
        due = (delivered / RATE + base_s) * RATE
        if self._cursor is None or (self._quiet and len(self._readings) >= self._enough):
            self._cursor = round(due)
            self._error_frames = 0.0
        # While there are too few readings to believe, the time line goes on as it was.
        samples = self._place(count, due if len(self._readings) >= self._enough else float(self._cursor))
        self._report(samples, count, delivered, base_s)
        return None if samples is None else _to_frames(samples)

    def _place(self, count: int, due: float) -> Samples | None:
        cursor = self._cursor or 0
        error = cursor - due
        if abs(error) > JUMP_S * RATE:
            return self._jump(count, cursor, round(due))
        self._error_frames += (error - self._error_frames) * min(1.0, count / RATE / SMOOTHING_S)
        if abs(self._error_frames) <= DEAD_BAND_S * RATE:
            self._cursor = cursor + count
            return self._mixer.render(cursor, count)
        step = -1 if self._error_frames > 0 else 1
        self._error_frames += step
        self._cursor = cursor + count + step
        samples = self._mixer.render(cursor, count + step)
        return None if samples is None else _one_more(samples) if step < 0 else _one_less(samples)

    def _jump(self, count: int, old: int, new: int) -> Samples | None:
        self.jumps += 1
        self._error_frames = 0.0
        self._cursor = new + count
        fade = min(JUMP_FADE_FRAMES, count)
        leaving = self._mixer.peek(old, fade)
        samples = self._mixer.render(new, count)
        if leaving is None and samples is None:
            return None
        if samples is None:
            samples = np.zeros((count, CHANNELS), dtype=np.float32)
        share = ((np.arange(fade) + 1) / fade).astype(np.float32)[:, None]
        samples[:fade] *= share
        if leaving is not None:
            samples[:fade] += leaving * (1 - share)
        return samples

    def _report(self, samples: Samples | None, count: int, delivered: int, base_s: float) -> None:
        end = self._cursor or 0
        voice = None if samples is None else self._mixer.sounding(end - 1)
        was_quiet, self._quiet = self._quiet, samples is None
        if voice is None:
            self.sounding = None
        else:
            ends_at_s = (delivered + count) / RATE + base_s + self._delay_s
            self.sounding = Sounding(voice.label, (end - voice.origin) / RATE, ends_at_s)
            if was_quiet:
                self._started = _Start(end, delivered + count)
        if self._started is not None and delivered - self._started.delivered > RATE:
            # A second later the readings of both sides of the start tell when that frame really sounded.
            sounded_s = self._started.delivered / RATE + base_s
            self.start_error_ms = round((sounded_s - self._started.frame / RATE) * 1e3, 3)
            self._started = None


def _to_frames(samples: Samples) -> Frames:
    return (np.clip(samples, -1.0, 1.0) * _FULL_SCALE).astype(np.int16)


def _flattest(samples: Samples) -> int:
    """Where one frame more or less is heard least: between the two frames that are most alike."""
    return int(np.argmin(np.abs(np.diff(samples[:, 0])) + np.abs(np.diff(samples[:, 1]))))


def _one_more(samples: Samples) -> Samples:
    place = _flattest(samples)
    return np.concatenate([samples[: place + 1], samples[place:]])


def _one_less(samples: Samples) -> Samples:
    place = _flattest(samples)
    return np.concatenate([samples[:place], samples[place + 1 :]])
