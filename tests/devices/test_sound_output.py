"""A real sound server: what a speaker plays is recorded and found in the track."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from devices.mixer import Mixer
from devices.pcm import Pcm
from devices.plan import Label, Plan, Voice, frame_at
from devices.player import Player
from devices.sound_output import SoundOutput
from devices.timebase import Timebase
from tests.sound import PrivatePulse, first_channel, music, pulse
from tests.waiting import until

__all__ = ["pulse"]


def plan_of(pcm: Pcm, start_unix_s: float) -> Plan:
    """One track from an instant on."""
    first = frame_at(start_unix_s)
    return Plan((Voice(Label("2026-11-23/lunch", "a" * 64, "Tune"), pcm, first, first, first + pcm.length, 0.7),))


async def test_a_track_sounds_at_its_instant_and_again_after_a_jump(
    pulse: PrivatePulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in pulse.environment("nodeA").items():
        monkeypatch.setenv(name, value)
    track = music(7, 12.0)
    frames = (track[:, None] * 32_767).astype("<i2").repeat(2, axis=1)
    player, mixer = _player()
    output = SoundOutput(player, Timebase(), "pulse")
    recorder = pulse.record("nodeA")
    await output.start()
    assert output.fault is None
    start_s = time.time() + 1.5
    mixer.play(plan_of(Pcm(Path("tune.pcm"), frames), start_s))
    try:
        await until(lambda: time.time() > start_s + 5.0, 8.0)
    finally:
        await output.stop()
        recording = await asyncio.to_thread(recorder.stop)
    assert first_channel(frames).shape == track.shape
    errors = [recording.error_ms(track, start_s, start_s + second) for second in (0.1, 1.0, 2.0, 3.0, 4.0)]
    assert max(abs(error) for error in errors) < 10.0
    assert recording.loudness(start_s - 0.3, 0.25) == 0.0


def _player() -> tuple[Player, Mixer]:
    mixer = Mixer()
    return Player(mixer), mixer
