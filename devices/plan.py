"""A programme as frames: which decoded track sounds at which frame of the school clock, and how loud.

Frame n of the school clock is the instant n / RATE Unix seconds. A plan is immutable: the audio thread reads it while
the loop makes the next one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from devices.levels import (
    EDGE_S,
    Envelope,
    amplitude,
    bell_volume,
    duck_envelopes,
    limited_gain_db,
    set_envelope,
    trapezium,
)
from devices.pcm import RATE, Pcm, Samples
from devices.playhead import hold_in_force, set_volume, track_spans
from wire.programme import Bell, Call, MusicSet, Programme, Track
from wire.states import Hold, Silence
from wire.values import instant_of, volume_gain_db

HORIZON_S = 1800.0
"""How far a plan reaches: long enough to finish a slot should the loop stop, short enough to be made in a blink."""
PART_AHEAD_S = 1.5
"""A decoding that is under way must be so far ahead: it is a hundred times faster than life, but not on a machine that
is too busy, where the first second would come in pieces."""
PAST_S = 2.0
"""An output that was held up for so long makes good what it has not rendered yet."""
_FULL_SCALE = 32_768.0


@dataclasses.dataclass(frozen=True)
class Label:
    """What a voice is: a track of a set (`2026-11-23/break`), or a bell, whose set is empty."""

    set: str
    track: str
    title: str
    artist: str = ""
    duration_s: float = 0.0
    start_unix_s: float = 0.0
    """When the track's second 0 is due: tells two plays of one track apart."""
    crossed_s: float = 0.0
    """So long before its end the next one takes over, by a crossfade."""


@dataclasses.dataclass(frozen=True, eq=False)
class Ramp:
    """An envelope in frames of the school clock; of `equal_power`, two that cross keep the loudness of one."""

    frames: NDArray[np.float64]
    factors: NDArray[np.float64]
    equal_power: bool = False

    def over(self, first: int, end: int) -> float | Samples:
        """The factors of the frames from `first` up to `end`: one number where they are all the same."""
        left = int(np.searchsorted(self.frames, first, side="right"))
        right = int(np.searchsorted(self.frames, end - 1, side="left"))
        if left == right:
            before = self.factors[max(left - 1, 0)]
            if left in (0, len(self.frames)) or before == self.factors[left]:
                return float(np.sqrt(before)) if self.equal_power else float(before)
        factors = np.interp(np.arange(first, end, dtype=np.float64), self.frames, self.factors)
        if self.equal_power:
            factors = np.sqrt(factors)
        return factors.astype(np.float32)[:, None]


@dataclasses.dataclass(frozen=True, eq=False)
class Voice:
    """One track in its place: its frame 0 is at the school clock's frame `origin`, it sounds from `first` to `end`."""

    label: Label
    pcm: Pcm
    origin: int
    first: int
    end: int
    gain: float
    ramps: tuple[Ramp, ...] = ()

    @property
    def last(self) -> int:
        """The frame behind its last one: where it is cut, or where its sound ends or is not decoded yet."""
        return min(self.end, self.origin + self.pcm.length)

    def sounds_in(self, frame: int, count: int) -> bool:
        """Whether it has a part in the `count` frames from `frame` on."""
        return max(self.first, frame) < min(self.last, frame + count)

    def add_to(self, block: Samples, frame: int) -> None:
        """Add this voice's part of a block that begins at a frame."""
        first, end = max(self.first, frame), min(self.last, frame + len(block))
        part = self.pcm.frames[first - self.origin : end - self.origin] * np.float32(self.gain / _FULL_SCALE)
        for ramp in self.ramps:
            part *= ramp.over(first, end)
        block[first - frame : end - frame] += part


class Sound(Protocol):
    """What a plan is made of: a track in its place, or a turn of a live stream (`live_voice`)."""

    @property
    def label(self) -> Label:
        """What it is called."""

    @property
    def origin(self) -> int:
        """The frame of the school clock from which its position counts."""

    @property
    def first(self) -> int:
        """The frame of the school clock at which it begins."""

    @property
    def end(self) -> int:
        """The frame of the school clock at which it is over, or cut."""

    def sounds_in(self, frame: int, count: int) -> bool:
        """Whether it has a part in the `count` frames from `frame` on."""

    def add_to(self, block: Samples, frame: int) -> None:
        """Add its part of a block that begins at a frame."""


class LiveSet(Protocol):
    """The live stream of a set, and what it leaves to the set's tracks."""

    def voices(self, set_key: str, first: int, end: int, gain: float, ramps: tuple[Ramp, ...]) -> Iterable[Sound]:
        """The stream's turns between two frames of the school clock."""

    def left_of(self, voice: Voice) -> Iterable[Voice]:
        """The parts of a track that sound in the stream's place."""


def no_stream(_music: MusicSet) -> LiveSet | None:
    """For a speaker that plays no streams: the set's tracks stand in for it."""
    return None


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """All voices up to the horizon, in the order of their beginning; together they stay below the ceiling.

    `ceiling` is the zone's limit as an amplitude.
    """

    voices: tuple[Sound, ...] = ()
    ceiling: float = 1.0

    def sounding(self, frame: int) -> Sound | None:
        """The voice of a set (or else the bell) that has sound at a frame, the newest first."""
        found = [voice for voice in self.voices if voice.sounds_in(frame, 1)]
        return max(found, key=lambda voice: (voice.label.set != "", voice.first), default=None)


SILENT = Plan()


def frame_at(unix_s: float) -> int:
    """The frame of the school clock that is nearest to an instant."""
    return round(unix_s * RATE)


def build_plan(
    programme: Programme | None,
    hold: Hold | None,
    silence: Silence | None,
    now_s: float,
    pcm_of: Callable[[str], Pcm | None],
    calls: Iterable[Call] = (),
    live_of: Callable[[MusicSet], LiveSet | None] = no_stream,
) -> Plan:
    """The plan of an instant in Unix seconds; tracks without decoded sound are left out, so their span is silent."""
    if programme is None or (silence is not None and silence.on) or now_s >= programme.valid_until.timestamp():
        return SILENT
    held = hold_in_force(hold, instant_of(now_s))
    if held is not None and held.mute:
        return SILENT
    called = tuple(calls)
    under_calls = tuple(ramp_of(envelope) for envelope in duck_envelopes(called))
    voices: list[Sound] = [
        *_music(programme, held, now_s, pcm_of, under_calls, live_of),
        *_over(programme, programme.bells, now_s, pcm_of, under_calls),
        *_over(programme, called, now_s, pcm_of, ()),
    ]
    ceiling = amplitude(volume_gain_db(programme.limit))
    return Plan(tuple(sorted(voices, key=lambda voice: voice.first)), ceiling)


def _near(start_s: float, end_s: float, now_s: float) -> bool:
    return start_s < now_s + HORIZON_S and end_s > now_s - PAST_S


def _music(
    programme: Programme,
    held: Hold | None,
    now_s: float,
    pcm_of: Callable[[str], Pcm | None],
    under_calls: tuple[Ramp, ...],
    live_of: Callable[[MusicSet], LiveSet | None],
) -> list[Sound]:
    valid_until_s = programme.valid_until.timestamp()
    ducks = (*(ramp_of(envelope) for envelope in duck_envelopes(programme.bells)), *under_calls)
    voices: list[Sound] = []
    for music in programme.sets:
        if not _near(music.start_at.timestamp(), music.end_at.timestamp(), now_s):
            continue
        fades = ramp_of(set_envelope(music, valid_until_s))
        volume = set_volume(programme, music, held)
        live = live_of(music)
        if live is not None:
            ends_s = min(music.end_at.timestamp(), valid_until_s)
            gain = amplitude(limited_gain_db(volume, 0.0, programme.limit))
            begins = frame_at(music.start_at.timestamp())
            voices += live.voices(music.key, begins, frame_at(ends_s), gain, (fades, *ducks))
        for span in track_spans(music, valid_until_s):
            pcm = pcm_of(span.track.id) if _near(span.start_s, span.end_s, now_s) else None
            if pcm is None or _would_stutter(pcm, now_s - span.start_s):
                continue
            ramps = [fades, *ducks]
            if span.rise_s or span.fall_s:
                cross = trapezium(span.start_s, span.end_s, span.rise_s, span.fall_s)
                ramps.append(dataclasses.replace(ramp_of(cross), equal_power=True))
            gain = amplitude(limited_gain_db(volume, span.track.gain_db, programme.limit))
            label = label_of(span.track, music.key, span.start_s, span.fall_s)
            voice = _voice(label, pcm, span.start_s, span.end_s, gain, tuple(ramps))
            voices += [voice] if live is None else live.left_of(voice)
    return voices


def _would_stutter(pcm: Pcm, position_s: float) -> bool:
    """Whether a track whose decoding is under way would run out of sound right behind its beginning here."""
    return not pcm.whole and pcm.length < (max(0.0, position_s) + PART_AHEAD_S) * RATE


def _over(
    programme: Programme,
    sounds: Iterable[Bell | Call],
    now_s: float,
    pcm_of: Callable[[str], Pcm | None],
    ducks: tuple[Ramp, ...],
) -> list[Voice]:
    """The voices of what sounds over the music: bells or calls."""
    voices: list[Voice] = []
    for one in sounds:
        start_s = one.at.timestamp()
        end_s = min(start_s + one.track.duration_s, programme.valid_until.timestamp())
        pcm = pcm_of(one.track.id) if _near(start_s, end_s, now_s) else None
        if pcm is not None and end_s > start_s:
            volume = bell_volume(programme, one.volume)
            gain = amplitude(limited_gain_db(volume, one.track.gain_db, programme.limit))
            edge = ramp_of(trapezium(start_s, end_s, 0.0, EDGE_S))
            voices.append(_voice(label_of(one.track, "", start_s), pcm, start_s, end_s, gain, (edge, *ducks)))
    return voices


def label_of(track: Track, set_key: str, start_unix_s: float, crossed_s: float = 0.0) -> Label:
    """The label of a track that is due at an instant."""
    return Label(set_key, track.id, track.title, track.artist, track.duration_s, start_unix_s, crossed_s)


def _voice(label: Label, pcm: Pcm, start_s: float, end_s: float, gain: float, ramps: tuple[Ramp, ...]) -> Voice:
    origin = frame_at(start_s)
    return Voice(label, pcm, origin, origin, frame_at(end_s), gain, ramps)


def ramp_of(envelope: Envelope) -> Ramp:
    """An envelope in Unix seconds as a ramp."""
    frames = np.array([time_s for time_s, _ in envelope.points], dtype=np.float64) * RATE
    return Ramp(frames, np.array([factor for _, factor in envelope.points], dtype=np.float64))
