"""A sound server that moves streams about, as a desktop's does: the sound is on its own sink or nowhere."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from devices.mixer import Mixer
from devices.pcm import Pcm
from devices.plan import Label, Plan, Voice, frame_at
from devices.player import Player
from devices.sound_output import SoundOutput
from devices.timebase import Timebase
from tests.sound import PrivatePulse, Recording, music, pulse
from tests.waiting import until

__all__ = ["pulse"]

TRACK = music(7, 40.0)
NODE_A = ("module-null-sink", "sink_name=nodeA", "rate=44100", "channels=2", "format=s16le", "norewinds=1")


@pytest.fixture
async def start_s(pulse: PrivatePulse, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[float]:
    """A track that plays on nodeA from an instant on, on a server that rescues streams from sinks that go."""
    pulse.control("load-module", "module-rescue-streams")
    for name, value in pulse.environment("nodeA").items():
        monkeypatch.setenv(name, value)
    mixer = Mixer()
    player = Player(mixer)
    output = SoundOutput(player, Timebase(), "pulse")
    began_s = time.time()
    first = frame_at(began_s)
    frames = (TRACK[:, None] * 32_767).astype("<i2").repeat(2, axis=1)
    label = Label("2026-11-23/lunch", "a" * 64, "Tune")
    mixer.play(Plan((Voice(label, Pcm(Path("tune.pcm"), frames), first, first, first + len(frames), 0.7),)))
    await output.start()
    try:
        await until(lambda: player.sounding, 5.0)
        yield began_s
    finally:
        await output.stop()


def gone(pulse: PrivatePulse) -> bool:
    return "nodeA" not in pulse.control("list", "short", "sinks")


async def test_a_sink_that_goes_leaves_silence_elsewhere_and_gets_the_sound_again_when_it_is_back(
    start_s: float, pulse: PrivatePulse, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = await asyncio.to_thread(pulse.record, "nodeB")
    modules = pulse.control("list", "short", "modules").splitlines()
    module = next(line.split()[0] for line in modules if "sink_name=nodeA" in line)
    await asyncio.sleep(0.5)
    pulse.control("unload-module", module)
    gone_s = time.time()
    await until(lambda: gone(pulse), 3.0)
    await asyncio.sleep(3.0)
    pulse.control("load-module", *NODE_A)
    back_s = time.time()
    own = await asyncio.to_thread(pulse.record, "nodeA")
    await until(lambda: time.time() > back_s + 4.5, 10.0)
    there: Recording = await asyncio.to_thread(own.stop)
    strayed: Recording = await asyncio.to_thread(elsewhere.stop)
    assert abs(there.error_ms(TRACK, start_s, back_s + 3.0)) < 20.0, "within 3 s it is in its place again"
    heard = np.flatnonzero(np.abs(strayed.piece(gone_s - 0.3, 6.0)) > 0)
    assert len(heard) == 0 or heard[-1] / 44_100 - 0.3 < 0.15, "a tenth of a second of what was on its way at most"
    assert "the sound server put the sound on nodeB, as nodeA is gone: waits for that" in caplog.text


async def test_a_stream_that_somebody_turned_down_is_put_back_to_full(start_s: float, pulse: PrivatePulse) -> None:
    assert start_s > 0
    streams = pulse.control("list", "short", "sink-inputs").split()
    pulse.control("set-sink-input-volume", streams[0], "20%")
    with contextlib.suppress(AssertionError):
        await until(lambda: "20%" not in pulse.control("list", "sink-inputs"), 3.0)
    assert "Volume: front-left: 65536 / 100%" in pulse.control("list", "sink-inputs")
