"""The meter: both rooms recorded at once, and where in a track each of them is at one instant.

The recorder and the search in a track are the tests' own. Two traps are kept out: one sink heard through two remaps,
and two sinks whose blocks have one length and phase; both read a false 0 ms. Here each room has a sink of its own, and
blocks of another length than the other room's, so that their phases sweep past each other.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
from collections.abc import Iterator, Sequence

import numpy as np

from tests.sound import RATE, Mono, PrivatePulse, Recorder, Recording, locate

SINKS = ("nodeA", "nodeB")
BLOCKS_MS = (20, 23)
WINDOW_S = 8192 / RATE
HOP_S = 0.25
SEARCH_S = 0.15
WIDE_SEARCH_S = 1.5
ALIKE = 0.8
"""Music that is another is up to 0.6 alike, where both have a long note; the same through a codec is 0.99."""
SOUND = 0.003
"""Above this a sample is sound; full scale is 1."""
URGENCY = 5
"""Of the recorder as a real-time thread: between two sessions Linux does not heed niceness (autogroup)."""


class UrgentRecorder(Recorder):
    """A recorder that does not wait for its turn on a busy machine, where the system allows that."""

    def __init__(self, server: str, sink: str, latency_ms: int) -> None:
        super().__init__(server, sink, latency_ms)
        _hurry(self._process.pid)

    def _read(self) -> None:
        _hurry(threading.get_native_id())
        super()._read()

    @property
    def block_ms(self) -> float:
        """How long the blocks are that came."""
        places = np.array([place for place, _ in self._stamps[5:]])
        return float(np.median(np.diff(places))) / RATE * 1e3


def _hurry(thread: int) -> bool:
    try:
        os.sched_setscheduler(thread, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(URGENCY))
    except OSError:
        return False
    return True


def can_hurry() -> bool:
    """Whether this system lets the meter go before other programs."""
    allowed: list[bool] = []
    asking = threading.Thread(target=lambda: allowed.append(_hurry(threading.get_native_id())))
    asking.start()
    asking.join()
    return allowed == [True]


@dataclasses.dataclass(frozen=True)
class Rooms:
    """What was recorded in the two rooms."""

    east: Recording
    west: Recording
    blocks_ms: tuple[float, float]


class Listening:
    """Both rooms being recorded."""

    def __init__(self, pulse: PrivatePulse) -> None:
        self._recorders = [
            UrgentRecorder(pulse.server, sink, block_ms) for sink, block_ms in zip(SINKS, BLOCKS_MS, strict=True)
        ]

    def stop(self) -> Rooms:
        """End both recordings."""
        blocks = [recorder.block_ms for recorder in self._recorders]
        east, west = [recorder.stop() for recorder in self._recorders]
        return Rooms(east, west, (blocks[0], blocks[1]))


@contextlib.contextmanager
def listening(pulse: PrivatePulse) -> Iterator[list[Rooms]]:
    """Record within the block; afterwards the list has what was heard."""
    heard: list[Rooms] = []
    ears = Listening(pulse)
    try:
        yield heard
    finally:
        heard.append(ears.stop())


@dataclasses.dataclass(frozen=True)
class Span:
    """A stretch of a track that both rooms should sound: its second 0 is due at an instant, look from one second to
    another. `kind` names what is compared: a codec, say."""

    track: Mono
    second_0_unix_s: float
    from_s: float
    to_s: float
    kind: str = ""


@dataclasses.dataclass(frozen=True)
class Look:
    """Both rooms at one instant: how late each is, in milliseconds."""

    unix_s: float
    east_ms: float
    west_ms: float

    @property
    def skew_ms(self) -> float:
        """How much later the western room is."""
        return self.west_ms - self.east_ms


@dataclasses.dataclass(frozen=True)
class Heard:
    """One span as it was heard: where both rooms sounded the track, and how often one of them did not."""

    span: Span
    looks: tuple[Look, ...]
    missed: int


def hear(rooms: Rooms, span: Span) -> Heard:
    """Look at a span every HOP_S."""
    looks: list[Look] = []
    missed = 0
    for at_s in np.arange(span.from_s, span.to_s - WINDOW_S, HOP_S):
        unix_s = span.second_0_unix_s + float(at_s)
        east, west = (late_ms(room, span.track, span.second_0_unix_s, unix_s) for room in (rooms.east, rooms.west))
        if east is None or west is None:
            missed += 1
        else:
            looks.append(Look(unix_s, east, west))
    return Heard(span, tuple(looks), missed)


def hear_all(rooms: Rooms, spans: Sequence[Span]) -> list[Heard]:
    """Look at several spans."""
    return [hear(rooms, span) for span in spans]


def late_ms(recording: Recording, track: Mono, second_0_unix_s: float, unix_s: float) -> float | None:
    """How late a room sounds a track at an instant, looked for nearby first; None when it sounds something else."""
    first = round((unix_s - recording.start_unix_s) * RATE)
    piece = recording.sound[max(0, first) : max(0, first) + round(WINDOW_S * RATE)]
    if first < 0 or len(piece) < round(WINDOW_S * RATE) or float(np.abs(piece).max()) < SOUND:
        return None
    exact_unix_s = recording.start_unix_s + first / RATE
    for search_s in (SEARCH_S, WIDE_SEARCH_S):
        due = round((exact_unix_s - second_0_unix_s - search_s) * RATE)
        end = due + len(piece) + round(2 * search_s * RATE)
        before = np.zeros(max(0, -due), dtype=np.float32)
        part = np.concatenate([before, track[max(0, due) : max(0, end)]])
        if len(part) <= len(piece):
            return None
        place = locate(piece, part)
        if place.likeness > ALIKE:
            return (exact_unix_s - second_0_unix_s - due / RATE - place.position_s) * 1e3
    return None


def first_sound_s(recording: Recording, after_unix_s: float, within_s: float) -> float | None:
    """The instant of the first sound after another one; None when there is none in time."""
    first = round((after_unix_s - recording.start_unix_s) * RATE)
    sounds = np.flatnonzero(np.abs(recording.sound[first : first + round(within_s * RATE)]) > SOUND)
    return recording.start_unix_s + (first + int(sounds[0])) / RATE if len(sounds) else None


def last_sound_s(recording: Recording, after_unix_s: float, within_s: float) -> float | None:
    """The instant behind the last sample that is not zero in a stretch; None when the stretch is silent."""
    first = round((after_unix_s - recording.start_unix_s) * RATE)
    sounds = np.flatnonzero(np.abs(recording.sound[first : first + round(within_s * RATE)]) > 0.5 / 32_768)
    return recording.start_unix_s + (first + int(sounds[-1]) + 1) / RATE if len(sounds) else None
