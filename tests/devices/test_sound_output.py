"""A real sound server: what a speaker plays is recorded and found in the track."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from devices import outputs, sound_devices
from devices.errors import OutputError
from devices.mixer import Mixer
from devices.output import NullOutput
from devices.outputs import DefaultOutput, open_output
from devices.pcm import FRAME_BYTES, RATE, Frames, Pcm
from devices.plan import Label, Plan, Voice, frame_at
from devices.player import Player
from devices.sound_devices import choose_device, output_names
from devices.sound_output import BLOCK_FRAMES, MANY_BREAKS, SoundOutput
from devices.timebase import Timebase
from tests.sound import PrivatePulse, first_channel, locate, music, private_pulse, pulse
from tests.waiting import until

__all__ = ["pulse"]


def plan_of(pcm: Pcm, start_unix_s: float) -> Plan:
    """One track from an instant on."""
    first = frame_at(start_unix_s)
    return Plan((Voice(Label("2026-11-23/lunch", "a" * 64, "Tune"), pcm, first, first, first + pcm.length, 0.7),))


async def test_a_track_sounds_at_its_instant(pulse: PrivatePulse, monkeypatch: pytest.MonkeyPatch) -> None:
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
        await until(lambda: time.time() > start_s + 3.5, 8.0)
    finally:
        await output.stop()
        recording = await asyncio.to_thread(recorder.stop)
    assert first_channel(frames).shape == track.shape
    errors = [recording.error_ms(track, start_s, start_s + second) for second in (0.1, 1.0, 2.0)]
    assert max(abs(error) for error in errors) < 10.0
    assert recording.loudness(start_s - 0.3, 0.25) == 0.0


async def test_a_sound_server_that_goes_is_a_fault_and_is_used_again_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = f"unix:{tmp_path / 'pa' / 'native'}"
    monkeypatch.setenv("PULSE_SERVER", server)
    monkeypatch.setenv("PULSE_SINK", "nodeA")
    monkeypatch.setattr("devices.sound_output.RETRY_S", 0.2)
    player, mixer = _player()
    output = SoundOutput(player, Timebase(), "pulse")
    await output.start()
    try:
        assert str(output.fault).startswith("no sound device is named 'pulse'; there are: ")
        with private_pulse(tmp_path / "pa"):
            await until(lambda: output.fault is None, 10.0)
            assert output.name == "pulse (nodeA)"
        await until(lambda: output.fault is not None, 10.0)
        shutil.rmtree(tmp_path / "pa")
        track = music(7, 12.0)
        frames = (track[:, None] * 32_767).astype("<i2").repeat(2, axis=1)
        mixer.play(plan_of(Pcm(Path("tune.pcm"), frames), time.time()))
        with private_pulse(tmp_path / "pa"):
            await until(lambda: output.fault is None, 10.0)
            await until(lambda: player.sounding, 10.0)
    finally:
        await output.stop()


async def test_the_null_output_keeps_time(tmp_path: Path) -> None:
    blocks: list[tuple[float, Frames]] = []
    track = music(7, 6.0)
    frames = (track[:, None] * 32_767).astype("<i2").repeat(2, axis=1)
    player, mixer = _player()
    output = NullOutput(player, Timebase(), lambda instant_s, block: blocks.append((instant_s, block)))
    start_s = time.time() - 1.0
    mixer.play(plan_of(Pcm(tmp_path / "tune.pcm", frames), start_s))
    await output.start()
    await until(lambda: len(blocks) >= 15, 5.0)
    await output.stop()
    heard = np.concatenate([block for _, block in blocks[5:]])
    place = locate(first_channel(heard), track)
    assert place.likeness > 0.99
    assert place.position_s == pytest.approx(blocks[5][0] - start_s, abs=0.001)
    assert len(heard) == pytest.approx((blocks[-1][0] - blocks[5][0]) * RATE + len(blocks[-1][1]), abs=RATE * 0.002)


@pytest.mark.parametrize(
    ("wanted", "names", "device"),
    [
        ("default", ["HDA Intel", "pulse", "default"], "pulse"),
        ("default", ["HDA Intel", "default"], "default"),
        ("default", ["null", "samplerate", "HDA Intel: ALC (hw:0,0)"], "HDA Intel: ALC (hw:0,0)"),
        ("default", ["null"], None),
        ("default", [], None),
        ("hda", ["pulse", "HDA Intel"], "HDA Intel"),
        ("pulse", ["pulse", "pulse 2"], "pulse"),
    ],
)
def test_the_device_is_chosen_by_name(wanted: str, names: list[str], device: str | None) -> None:
    assert choose_device(wanted, names) == device


@pytest.mark.parametrize("names", [[], ["pulse"], ["HDMI 0", "HDMI 1"]])
def test_a_device_that_is_not_there_is_refused_with_the_choice(names: list[str]) -> None:
    with pytest.raises(OutputError, match="no sound device is named 'hdmi'; there are: "):
        choose_device("hdmi", names)


async def test_a_machine_without_sound_plays_to_the_null_output_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "default_device", lambda: None)
    output = open_output("default", _player()[0], Timebase())
    assert isinstance(output, DefaultOutput)
    await output.start()
    assert output.name == "null: this machine has no sound device"
    assert output.fault is None
    await output.stop()


def _player() -> tuple[Player, Mixer]:
    mixer = Mixer()
    return Player(mixer), mixer


def test_pulse_sink_asks_for_the_sound_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SINK", "nodeA")
    output = open_output("default", _player()[0], Timebase())
    assert isinstance(output, SoundOutput)
    assert output.name == "pulse"


async def test_a_sound_device_that_comes_later_is_used_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'pa' / 'native'}")
    monkeypatch.delenv("PULSE_SINK", raising=False)
    monkeypatch.setattr(DefaultOutput, "LOOK_AGAIN_S", 0.2)
    # A sound card of the machine that runs the tests stays out of them.
    monkeypatch.setattr(sound_devices, "output_names", lambda: [name for name in output_names() if name == "pulse"])
    output = open_output("default", _player()[0], Timebase())
    await output.start()
    try:
        assert output.name == "null: this machine has no sound device"
        with private_pulse(tmp_path / "pa"):
            await until(lambda: output.name == "pulse", 10.0)
    finally:
        await output.stop()


DRY = SimpleNamespace(output_underflow=True, currentTime=1.0, outputBufferDacTime=1.0)
"""What PortAudio tells a callback when the device ran dry."""


async def test_sound_that_breaks_off_again_and_again_is_a_fault(
    pulse: PrivatePulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in pulse.environment("nodeA").items():
        monkeypatch.setenv(name, value)
    output = SoundOutput(_player()[0], Timebase(), "pulse")
    await output.start()
    try:
        out = bytearray(BLOCK_FRAMES * FRAME_BYTES)
        for _ in range(MANY_BREAKS):
            assert output.fault is None
            output._fill(out, BLOCK_FRAMES, DRY, DRY)
        await until(lambda: output.fault is not None, 3.0)
        assert output.fault == "the sound breaks off again and again: this machine is too busy"
        monkeypatch.setattr("devices.sound_output.LATELY_S", 0.0)
        assert output.fault is None, "and no longer when it has been whole for a while"
    finally:
        await output.stop()
