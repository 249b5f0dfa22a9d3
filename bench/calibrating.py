"""The meter checked before anything is measured: a player of known timing in both rooms must sound as one.

The known player is pasimple over libpulse's simple API: it writes a track so that its second 0 falls on an instant by
PulseAudio's own latency. Now and then one calibration is bad (the machine took the player's time), so it is repeated
until one is good; with none good in ATTEMPTS, nothing is measured. `python -m bench.calibrating` is one known player.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
import time
import wave
from pathlib import Path

import numpy as np

from bench.children import Children
from bench.figures import Spread, spread_of_sizes
from bench.meter import SINKS, Span, hear, listening
from tests.sound import RATE, Mono, PrivatePulse

GOOD_MS = 0.12
ATTEMPTS = 8
SECONDS = 5.0
_FRAME_BYTES = 4


class BadMeter(Exception):
    """The meter does not see a known player as it is."""


@dataclasses.dataclass(frozen=True)
class Calibration:
    """What the meter saw of the known player in the good attempt, and the medians of all attempts."""

    skew_ms: Spread
    error_ms: Spread
    medians_ms: tuple[float, ...]
    blocks_ms: tuple[float, float]


async def calibrate(pulse: PrivatePulse, started: Children, wav: Path, track: Mono) -> Calibration:
    """Try until a calibration is good; raises BadMeter."""
    medians: list[float] = []
    for _ in range(ATTEMPTS):
        with listening(pulse) as heard:
            start_s = await play_known(pulse, started, wav)
        rooms = heard[0]
        found = hear(rooms, Span(track, start_s, 0.5, SECONDS - 1.0))
        if not found.looks:
            continue
        skew_ms = spread_of_sizes(look.skew_ms for look in found.looks)
        medians.append(skew_ms.median)
        if skew_ms.median <= GOOD_MS:
            errors = [error for look in found.looks for error in (look.east_ms, look.west_ms)]
            return Calibration(skew_ms, spread_of_sizes(errors), tuple(medians), rooms.blocks_ms)
    seen = ", ".join(f"{median:.2f}" for median in medians) or "no sound"
    raise BadMeter(f"a known player reads {seen} ms between the rooms in {ATTEMPTS} tries: this machine is too busy")


async def play_known(pulse: PrivatePulse, started: Children, wav: Path) -> float:
    """Let the known player play in both rooms; returns the instant of its second 0."""
    start_s = time.time() + 2.5
    players = [
        started.start(
            "known-player",
            [sys.executable, "-m", "bench.calibrating", str(start_s), str(wav)],
            pulse.environment(sink),
        )
        for sink in SINKS
    ]
    await asyncio.sleep(start_s + SECONDS - 0.5 - time.time())
    for player in players:
        started.end(player)
    return start_s


def play(start_unix_s: float, wav: Path) -> None:
    """Play a file in the room of PULSE_SINK with its second 0 at an instant, by PulseAudio's own latency."""
    import pasimple

    with wave.open(str(wav)) as file:
        frames = np.frombuffer(file.readframes(round(SECONDS * RATE)), dtype="<i2").reshape(-1, 2)
    stream = pasimple.PaSimple(
        pasimple.PA_STREAM_PLAYBACK,
        pasimple.PA_SAMPLE_S16LE,
        2,
        RATE,
        device_name=os.environ["PULSE_SINK"],
        server_name=os.environ["PULSE_SERVER"],
        tlength=RATE * _FRAME_BYTES // 10,
        minreq=RATE * _FRAME_BYTES // 50,
        prebuf=0,
    )
    piece = RATE // 50
    silence = bytes(piece * _FRAME_BYTES)
    starts: list[float] = []
    written = 0
    # One reading of the latency may be off, so the median of the last ones tells when the next frame sounds.
    while True:
        stream.write(silence)
        written += piece
        starts.append(time.time() + stream.get_latency() / 1e6 - written / RATE)
        next_s = float(np.median(starts[-51:])) + written / RATE
        if next_s > start_unix_s - 2 * piece / RATE:
            break
    gap = round((start_unix_s - next_s) * RATE)
    if gap > 0:
        stream.write(bytes(gap * _FRAME_BYTES))
    for first in range(max(0, -gap), len(frames), piece):
        stream.write(frames[first : first + piece].tobytes())
    stream.drain()


if __name__ == "__main__":
    play(float(sys.argv[1]), Path(sys.argv[2]))
