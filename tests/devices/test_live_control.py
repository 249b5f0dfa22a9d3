"""Silence, calls and the speaker's own keyboard, as they are heard from a real sound server."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import os
import pty
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest

from devices.speaker import SpeakerSettings
from tests.brokers import SITE, LinkFor
from tests.devices import speaker_process
from tests.devices.conftest import MediaServer, Tune, music_set, programme_of, tune
from tests.devices.test_speaker import SchedulerStandIn
from tests.sound import RATE, PrivatePulse, Recording, encode, pulse, write_wav
from tests.waiting import until
from wire.link import Heard
from wire.mosquitto import PrivateBroker
from wire.programme import Call, Programme, Track
from wire.states import Hold, Silence
from wire.values import instant_of

__all__ = ["pulse"]

WITHIN_S = 0.25
"""From the word of staff to silence in the room."""


@dataclasses.dataclass
class Room:
    """One speaker that plays, its school, and its recorder."""

    scheduler: SchedulerStandIn
    start_s: float
    tunes: tuple[Tune, ...]
    chime: Tune
    keys: int
    log: Path

    def silence(self, on: bool) -> float:
        """Publish it; the instant of publishing."""
        now_s = time.time()
        self.scheduler.link.publish(
            self.scheduler.link.topics.silence, Silence(on=on, by="s.okoro", at=instant_of(now_s)), retain=True
        )
        return now_s

    def programme(self, media: str, revision: str = "1") -> Programme:
        """A long set, and a chime that may be called."""
        music = music_set(instant_of(self.start_s), self.tunes, volume=90)
        return programme_of(
            music, media=media, made_at=instant_of(self.start_s), calls=(self._chime(),), limit=95, revision=revision
        )

    def call(self, at_s: float, call_id: str = "c1") -> Call:
        """The chime, at an instant."""
        return Call(
            id=call_id, track=self._chime(), duck_db=-30.0, at=instant_of(at_s), valid_until=instant_of(at_s + 10)
        )

    def _chime(self) -> Track:
        return Track(id=self.chime.id, title="lunch is ready", duration_s=self.chime.duration_s)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """A pseudo-terminal: the end where keys are pressed, and the end where a program reads them."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    for end in (ours, theirs):
        with contextlib.suppress(OSError):
            os.close(end)


@pytest.fixture
async def room(
    broker: PrivateBroker,
    link_for: LinkFor,
    media: MediaServer,
    tmp_path: Path,
    tunes: tuple[Tune, ...],
    pulse: PrivatePulse,
    terminal: tuple[int, int],
) -> AsyncIterator[Room]:
    assert broker.address is not None
    settings = SpeakerSettings(
        "east", "playground", SITE, tmp_path / "east", broker.address, broker.credentials("east"), output="pulse"
    )
    chime = tune(tmp_path, 9, 2.0)
    scheduler = SchedulerStandIn(await link_for("scheduler"))
    made = Room(scheduler, time.time() - 2.0, tunes, chime, terminal[0], settings.state / "log")
    media.add(*tunes, chime)
    made.scheduler.publish(made.programme(media.address))
    process = speaker_process.start(settings, pulse.environment("nodeA"), terminal=terminal[1])
    try:
        await until(lambda: made.scheduler.hears("east"), 10.0)
        await until(lambda: (settings.state / "pcm" / f"{chime.id}.pcm").exists(), 10.0, "the call, decoded ahead")
        await asyncio.sleep(1.0)  # what is heard of the first fade is not under test
        yield made
    finally:
        process.terminate()
        process.wait(10)


def heard_until(recording: Recording, from_s: float, most_s: float = 0.9) -> float:
    """How long after an instant the last sound was heard."""
    sounding = np.flatnonzero(np.abs(recording.piece(from_s, most_s)) > 0)
    return 0.0 if len(sounding) == 0 else float(sounding[-1]) / RATE


def begins_at(recording: Recording, from_s: float) -> float:
    """How loud the first 10 ms of sound behind an instant are, as a share of what is loudest half a second later."""
    sound = np.abs(recording.piece(from_s, 0.9))
    first = int(np.flatnonzero(sound > 0)[0])
    return float(sound[first : first + RATE // 100].max() / sound[first + RATE // 2 :].max())


async def test_silence_is_heard_within_a_quarter_of_a_second_and_the_music_comes_back_in_its_place(
    room: Room, pulse: PrivatePulse
) -> None:
    recorder = await asyncio.to_thread(pulse.record, "nodeA")
    await asyncio.sleep(0.5)
    put_on: list[float] = []
    lifted: list[float] = []
    for number in range(5):
        put_on.append(room.silence(True))
        await until(lambda: room.scheduler.state is not None and room.scheduler.state.silent, 1.0, "the confirmation")
        await asyncio.sleep(1.0 + number * 0.013)
        lifted.append(room.silence(False))
        await asyncio.sleep(1.0)
    recording = await asyncio.to_thread(recorder.stop)
    delays = [heard_until(recording, at_s) for at_s in put_on]
    assert max(delays) < WITHIN_S, delays
    assert min(delays) > 0.01, "music was heard before"
    assert max(begins_at(recording, at_s) for at_s in lifted) < 0.2, "it never begins at full volume"
    assert abs(recording.error_ms(room.tunes[0].sound, room.start_s, lifted[-1] + 0.6, 0.3)) < 20.0


async def test_nothing_that_staff_do_is_heard_as_a_click(
    room: Room, pulse: PrivatePulse, media: MediaServer, tmp_path: Path
) -> None:
    sound = (0.8 * np.sin(2 * np.pi * 220 * np.arange(RATE * 60) / RATE)).astype(np.float32)
    path = encode(write_wav(tmp_path / "tone.wav", sound), "flac")
    tone = Tune("Tone", path, hashlib.sha256(path.read_bytes()).hexdigest(), sound, 60.0)
    media.add(tone)
    room.tunes = (tone,)
    room.scheduler.publish(room.programme(media.address, "tone"))
    await until(lambda: room.scheduler.plays(tone, "tone"), 10.0)
    await asyncio.sleep(1.0)
    recorder = await asyncio.to_thread(pulse.record, "nodeA")
    link = room.scheduler.link
    until_at = instant_of(time.time() + 60.0)
    await asyncio.sleep(0.5)
    for number, volume in enumerate((20, 90, None)):
        now = instant_of(time.time())
        hold = Hold(mute=volume is None, volume=volume, at=now, until=until_at, by="s.okoro")
        link.publish(link.topics.hold("playground"), hold, retain=True)
        await asyncio.sleep(0.7 + number * 0.017)
    over = Hold(volume=90, at=instant_of(time.time()), until=until_at, by="s.okoro")
    link.publish(link.topics.hold("playground"), over, retain=True)
    await asyncio.sleep(0.7)
    room.silence(True)
    await asyncio.sleep(0.63)
    room.silence(False)
    await asyncio.sleep(0.8)
    recording = await asyncio.to_thread(recorder.stop)
    steps = np.abs(np.diff(recording.sound))
    of_the_tone = float(np.abs(recording.sound).max()) * 2 * np.pi * 220 / RATE
    assert float((np.abs(recording.sound) == 0).mean()) > 0.1, "it was silent for a while"
    assert float(steps.max()) < of_the_tone * 1.25


async def test_a_call_ducks_the_music_and_is_heard_once(room: Room, pulse: PrivatePulse) -> None:
    recorder = await asyncio.to_thread(pulse.record, "nodeA")
    await asyncio.sleep(0.6)
    at_s = time.time() + 0.8
    link = room.scheduler.link
    link.publish(link.topics.call("playground"), room.call(at_s))
    link.publish(link.topics.call("playground"), room.call(at_s))  # the broker may bring it twice
    link.publish(link.topics.call("playground"), room.call(at_s - 60.0, "c2"))  # and one that is stale
    await until(lambda: time.time() > at_s + 3.2, 6.0)
    recording = await asyncio.to_thread(recorder.stop)
    assert abs(recording.error_ms(room.chime.sound, at_s, at_s + 0.4, 0.8)) < 20.0
    assert abs(recording.error_ms(room.tunes[0].sound, room.start_s, at_s - 0.45, 0.4)) < 20.0
    assert abs(recording.error_ms(room.tunes[0].sound, room.start_s, at_s + 2.5, 0.4)) < 20.0
    assert room.log.read_text().count("call: lunch is ready") == 1
    assert "call lunch is ready is not played: it came too late" in room.log.read_text()


async def test_a_key_of_the_speaker_silences_the_school_also_while_the_broker_is_gone(
    room: Room, pulse: PrivatePulse, broker: PrivateBroker, link_for: LinkFor
) -> None:
    broker.kill()
    recorder = await asyncio.to_thread(pulse.record, "nodeA")
    await asyncio.sleep(1.0)
    os.write(room.keys, b"x")  # any other key does nothing
    await asyncio.sleep(0.5)
    pressed_s = time.time()
    os.write(room.keys, b" ")
    await asyncio.sleep(1.2)
    recording = await asyncio.to_thread(recorder.stop)
    assert recording.loudness(pressed_s - 0.3, 0.2) > 0.01
    assert heard_until(recording, pressed_s) < WITHIN_S
    broker.start()
    heard: list[Silence] = []
    desk = await link_for("desk")

    def note(one: Heard[Silence]) -> None:
        if one.message is not None:
            heard.append(one.message)

    desk.listen(desk.topics.silence, Silence, note)
    await until(lambda: heard and heard[-1].on, 20.0, "the rest of the school hears of it")
    assert (heard[-1].by, heard[-1].reason) == ("east", "a key was pressed at speaker east")
    assert abs(heard[-1].at.timestamp() - pressed_s) < 0.5
    assert (room.log.parent / "silence.json").exists()


async def test_a_silence_that_was_lifted_meanwhile_is_not_put_on_again(
    room: Room, broker: PrivateBroker, link_for: LinkFor
) -> None:
    broker.kill()
    os.write(room.keys, b"s")
    await until(lambda: (room.log.parent / "silence.json").exists(), 3.0)
    broker.start()
    desk = await link_for("desk")
    lifted = Silence(on=False, by="s.okoro", at=instant_of(time.time() + 0.1))
    desk.keep(desk.topics.silence, lifted)
    await until(lambda: room.scheduler.hears("east"), 20.0, "music again")
    heard: list[Silence | None] = []
    desk.listen(desk.topics.silence, Silence, lambda one: heard.append(one.message))
    await asyncio.sleep(2.0)  # longer than a speaker waits before it shares its own silence
    assert [one is not None and one.on for one in heard] == [False]
