"""Everything goes wrong in one playtime: after each fault the right sound is at its place, as recorded.

A speaker process on a real sound server, real Mosquitto, libvlc and HTTP; the scheduler is a stand-in whose clock can
be set. The story runs once; each test looks at one fault. The sound may be away where nothing else is possible (the
process killed, the device gone) and for 3 s after; everywhere else it never stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.speaker import SpeakerSettings
from tests.brokers import ENROLMENT, SITE
from tests.devices import speaker_process
from tests.devices.conftest import MediaServer, Tune, programme_of, tune
from tests.devices.test_speaker import SchedulerStandIn
from tests.end_to_end.programs import processes_of
from tests.sound import PrivatePulse, Recorder, Recording, private_pulse
from tests.waiting import until
from wire.link import Link
from wire.mosquitto import PrivateBroker
from wire.programme import MusicSet, Programme, SetTrack
from wire.states import SpeakerState
from wire.values import instant_of

WITHIN_MS = 20.0
AGAIN_S = 3.0
"""Within so long after the fault is over, the sound is in its place."""
HOUR_S = 3_600.0
NODE_A = ("module-null-sink", "sink_name=nodeA", "rate=44100", "channels=2", "format=s16le", "norewinds=1")


class _Wall:
    """The scheduler's wall clock, which can be set."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@dataclasses.dataclass
class Story:
    """What happened and when, in Unix seconds, and what was heard until the device was taken out, and after."""

    start_s: float
    tunes: dict[str, Tune]
    at_s: dict[str, float] = dataclasses.field(default_factory=dict)
    heard: list[Recording] = dataclasses.field(default_factory=list)
    states: list[SpeakerState] = dataclasses.field(default_factory=list)
    log: str = ""
    resident_mib: tuple[float, float] = (0.0, 0.0)

    def errors_ms(self, name: str, from_s: float, to_s: float) -> list[float]:
        """How late a track sounds, every half second between two instants; fails where something else sounds."""
        found = []
        second_0_s = self.start_s + STARTS_S[name]
        at_s = from_s
        while at_s + 0.4 < to_s:
            recording = next(one for one in self.heard if one.start_unix_s < at_s < one.end_unix_s)
            found.append(recording.error_ms(self.tunes[name].sound, second_0_s, at_s, 0.4))
            at_s += 0.5
        assert found
        return found


STARTS_S = {"first": 0.0, "corrupt": 40.0, "second": 43.0, "third": 68.0}
"""Where each track begins, in seconds of the story."""
LENGTHS_S = {"first": 40.0, "corrupt": 3.0, "second": 23.0, "third": 150.0}


def a_set(story: Story, slot: str, names: tuple[str, ...], from_s: float, to_s: float) -> MusicSet:
    tracks = tuple(
        SetTrack(id=story.tunes[name].id, title=f"The {name}", duration_s=LENGTHS_S[name], at_s=STARTS_S[name] - from_s)
        for name in names
    )
    start_at = instant_of(story.start_s + from_s)
    return MusicSet(
        slot=slot,
        date=start_at.date(),
        start_at=start_at,
        end_at=instant_of(story.start_s + to_s),
        volume=90,
        tracks=tracks,
    )


class _Playtime:
    """The parts of one story, and the hand that breaks them."""

    def __init__(self, folder: Path, pulse: PrivatePulse) -> None:
        self._pulse = pulse
        self._broker = PrivateBroker(folder / "broker", ENROLMENT, secrets_folder=folder / "credentials")
        self._broker.start()
        self._media = MediaServer()
        tunes = {
            "first": tune(folder, 1, 40.0, "flac"),
            "second": tune(folder, 2, 23.0, "wav"),
            "third": tune(folder, 3, 150.0, "flac"),
        }
        garbage = folder / "corrupt.mp3"
        garbage.write_bytes(random.Random(5).randbytes(100_000))
        tunes["corrupt"] = dataclasses.replace(tunes["first"], path=garbage, id=_sha256(garbage), title="The corrupt")
        self.story = Story(0.0, tunes)
        self._disk = folder / "disk"
        self._disk.mkdir()
        self._mounted = _mount(self._disk)
        assert self._broker.address is not None
        self._settings = SpeakerSettings(
            "east", "playground", SITE, self._disk / "east", self._broker.address,
            self._broker.credentials("east"), output="pulse",
        )  # fmt: skip
        self._log = folder / "log"
        self._wall = _Wall()
        self._speaker: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        if self._speaker is not None:
            self._speaker.terminate()
            self._speaker.wait(15)
        with contextlib.suppress(OSError):
            self.story.log = (self._settings.state / "log").read_text(encoding="utf-8", errors="replace")
        self._broker.stop()
        if self._mounted:
            subprocess.run(["umount", "--lazy", str(self._disk)], check=True)

    async def tell(self) -> None:
        """The story."""
        self._media.add(*self.story.tunes.values())
        await self._media.start()
        link = self._link("scheduler")
        await link.start()
        assert await link.wait_connected(5.0)
        self._scheduler = SchedulerStandIn(link, self._wall)
        self.story.start_s = time.time() - 3.0
        self._scheduler.publish(self._programme("1"))
        recorder = await asyncio.to_thread(self._pulse.record, "nodeA")
        self._start()
        await until(lambda: self._scheduler.plays(self.story.tunes["first"]), 10.0)
        await self._second(6.0)
        try:
            await self._malformed(link)
            await self._nonsense(link)
            await self._frozen_and_killed_broker()
            await self._without_scheduler(link)
            await self._killed_speaker()
            await self._full_disk()
            await self._killed_decoder()
            await self._second(51.0)
            self.story.heard.append(await asyncio.to_thread(recorder.stop))
            recorder = await self._device_removed()
            await self._clock_steps()
            await self._second(73.5)
        finally:
            self.story.heard.append(await asyncio.to_thread(recorder.stop))
            self.story.states = list(self._scheduler.states)
            await link.stop()
            await self._media.stop()

    def _link(self, user: str) -> Link:
        assert self._broker.address is not None
        return Link(broker=self._broker.address, credentials=self._broker.credentials(user), site=SITE, client="1")

    def _start(self) -> None:
        self._speaker = speaker_process.start(self._settings, self._pulse.environment("nodeA"))

    def _programme(self, revision: str, *more: MusicSet) -> Programme:
        music = a_set(self.story, "break", ("first", "corrupt", "second"), 0.0, 66.0)
        made_at = instant_of(self.story.start_s)
        return programme_of(music, *more, media=self._media.address, made_at=made_at, revision=revision)

    async def _second(self, second: float) -> None:
        due_s = self.story.start_s + second
        assert time.time() < due_s + 1.0, f"the story is {time.time() - due_s:.1f} s behind"
        await until(lambda: time.time() >= due_s, 60.0)

    def _mark(self, name: str) -> None:
        self.story.at_s[name] = time.time()

    async def _malformed(self, link: Link) -> None:
        """30,000 payloads that are no messages, on every topic that the speaker hears."""
        assert self._speaker is not None
        before = _resident_mib(self._speaker.pid)
        self._mark("malformed from")
        chance = random.Random(11)
        topics = link.topics
        ways = (topics.programme("playground"), topics.hold("playground"), topics.silence, topics.call("playground"))
        good = json.dumps({"schema": 1, "on": True, "by": "x", "at": "2026-11-23T10:00:00.000Z"}).encode()
        for number in range(30_000):
            kind = number % 4
            payload = (
                chance.randbytes(chance.randrange(1, 200)) if kind == 0
                else good[: chance.randrange(1, len(good) - 1)] if kind == 1
                else b"[" * chance.randrange(1, 2_000) if kind == 2
                else b'{"schema": 7, "on": true}'
            )  # fmt: skip
            link._paho.publish(ways[chance.randrange(4)], payload, qos=0)
            if number % 200 == 0:
                await asyncio.sleep(0.002)
        self._mark("malformed to")
        await self._second(12.0)
        self.story.resident_mib = (before, _resident_mib(self._speaker.pid))

    async def _nonsense(self, link: Link) -> None:
        """Programmes that are messages, but no school's day."""
        self._mark("nonsense")
        whole = self._programme("nonsense")
        music = whole.sets[0]
        backwards = music.model_copy(update={"start_at": music.end_at, "end_at": music.start_at})
        for sets, valid_until in (
            ((backwards,), whole.valid_until),
            ((music,), whole.valid_until.replace(year=9998)),
            ((music,) * 2_500, whole.valid_until),
        ):
            tracks = {"tracks": ()} if len(sets) > 10 else {}
            nonsense = tuple(one.model_copy(update=tracks) for one in sets)
            changed = {"sets": nonsense, "valid_until": valid_until}
            with contextlib.suppress(Exception):  # one that is too large is refused on this side already
                link.publish(link.topics.programme("playground"), whole.model_copy(update=changed), retain=True)
        await asyncio.sleep(0.5)
        self.story.states = list(self._scheduler.states)
        self._scheduler.publish(self._programme("1"))
        await self._second(14.0)

    async def _frozen_and_killed_broker(self) -> None:
        assert self._broker.process is not None
        self._mark("broker frozen")
        os.kill(self._broker.process.pid, signal.SIGSTOP)
        await self._second(21.0)
        os.kill(self._broker.process.pid, signal.SIGCONT)
        self._mark("broker killed")
        self._broker.kill()
        await self._second(23.0)
        self._broker.start()
        await self._second(26.0)

    async def _without_scheduler(self, link: Link) -> None:
        """Its connection is cut as a kill -9 would cut it; it comes back by itself."""
        self._mark("scheduler away")
        sock = link._paho.socket()
        with contextlib.suppress(OSError):
            sock.shutdown(2)  # type: ignore[union-attr]
        await self._second(29.0)

    async def _killed_speaker(self) -> None:
        assert self._speaker is not None
        self._mark("speaker killed")
        self._speaker.kill()
        self._speaker.wait(5)
        self._start()
        await self._second(34.0)

    async def _full_disk(self) -> None:
        """Full from before the corrupt track until into the one after it."""
        self._mark("disk full")
        ballast = self._disk / "ballast"
        if self._mounted:
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 20))
        await self._second(45.0)
        ballast.unlink(missing_ok=True)
        self._mark("disk free")

    async def _killed_decoder(self) -> None:
        """The child that decodes the next set's track is killed as soon as it is seen."""
        third = a_set(self.story, "lunch", ("third",), STARTS_S["third"], 78.0)
        self._scheduler.publish(self._programme("2", third))
        killed = False
        deadline_s = self.story.start_s + 50.5
        while not killed and time.time() < deadline_s:
            for pid, command in processes_of(str(self._disk)).items():
                if "devices.decoding" in command and self.story.tunes["third"].id in command:
                    os.kill(pid, signal.SIGKILL)
                    killed = True
            await asyncio.sleep(0.005)
        self._mark("decoder killed")
        assert killed, "no decoder was seen"

    async def _device_removed(self) -> Recorder:
        modules = self._pulse.control("list", "short", "modules").splitlines()
        module = next(line.split()[0] for line in modules if "sink_name=nodeA" in line)
        self._mark("device gone")
        self._pulse.control("unload-module", module)
        await self._second(53.5)
        self._pulse.control("load-module", *NODE_A)
        self._mark("device back")
        return await asyncio.to_thread(self._pulse.record, "nodeA")

    async def _clock_steps(self) -> None:
        """The speaker's wall clock, and the scheduler's, are set an hour ahead in mid-song."""
        assert self._speaker is not None
        await self._second(60.0)
        self._mark("clock step")
        os.kill(self._speaker.pid, signal.SIGUSR1)
        self._wall.ahead_s = HOUR_S


def _mount(folder: Path) -> bool:
    """Put a disk of a size of its own there, where that is permitted."""
    command = ["mount", "-t", "tmpfs", "-o", "size=160m", "unmissable-test", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _sha256(path: Path) -> str:
    return subprocess.run(["sha256sum", str(path)], capture_output=True, text=True, check=True).stdout.split()[0]


def _resident_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("Anonymous:")).split()[1]) / 1024


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The story, told once."""
    if shutil.which("pulseaudio") is None:
        pytest.fail("these tests record sound: apt-get install pulseaudio pulseaudio-utils")
    folder = tmp_path_factory.mktemp("faults")
    with private_pulse(folder / "pa") as pulse:
        pulse.control("load-module", "module-rescue-streams")
        playtime = _Playtime(folder, pulse)
        try:
            asyncio.run(playtime.tell())
        except BaseException as wrong:
            with contextlib.suppress(OSError):
                wrong.add_note((folder / "disk" / "east" / "log").read_text(encoding="utf-8")[-3_000:])
            raise
        finally:
            playtime.stop()
        yield playtime.story


def worst_ms(errors: list[float]) -> float:
    return max(abs(error) for error in errors)


def test_30_000_malformed_payloads_are_not_heard(story: Story) -> None:
    assert worst_ms(story.errors_ms("first", story.at_s["malformed from"], story.at_s["nonsense"])) < WITHIN_MS
    assert story.log.count("said once for this topic") in range(1, 6)
    before, after = story.resident_mib
    assert after < before + 40.0


def test_a_programme_of_nonsense_is_refused_and_said(story: Story) -> None:
    assert worst_ms(story.errors_ms("first", story.at_s["nonsense"], story.at_s["broker frozen"])) < WITHIN_MS
    assert "a programme that cannot be meant was refused (set" in story.log
    assert any("cannot be meant was refused" in str(state.fault) for state in story.states)


def test_a_frozen_and_a_killed_broker_are_not_heard(story: Story) -> None:
    assert worst_ms(story.errors_ms("first", story.at_s["broker frozen"], story.at_s["scheduler away"])) < WITHIN_MS


def test_a_scheduler_that_is_away_is_not_heard(story: Story) -> None:
    assert worst_ms(story.errors_ms("first", story.at_s["scheduler away"], story.at_s["speaker killed"])) < WITHIN_MS


def test_a_killed_speaker_is_in_its_place_again(story: Story) -> None:
    back_s = story.at_s["speaker killed"] + AGAIN_S
    assert worst_ms(story.errors_ms("first", back_s, story.start_s + 39.5)) < WITHIN_MS


def test_a_corrupt_track_is_silence_for_its_span_and_the_next_one_plays_in_its_place(story: Story) -> None:
    corrupt_s = story.start_s + STARTS_S["corrupt"]
    assert story.heard[0].loudness(corrupt_s + 0.3, 2.4) == 0.0
    assert worst_ms(story.errors_ms("second", corrupt_s + 3.0, story.at_s["device gone"] - 0.8)) < WITHIN_MS


def test_a_full_disk_stops_no_music(story: Story) -> None:
    assert worst_ms(story.errors_ms("first", story.at_s["disk full"], story.start_s + 39.5)) < WITHIN_MS
    assert worst_ms(story.errors_ms("second", story.start_s + 43.1, story.at_s["disk free"])) < WITHIN_MS


def test_a_device_that_is_taken_out_and_put_back_has_the_sound_in_its_place_again(story: Story) -> None:
    back_s = story.at_s["device back"] + AGAIN_S
    assert worst_ms(story.errors_ms("second", back_s, story.at_s["clock step"])) < WITHIN_MS


def test_a_step_of_a_clock_is_not_heard(story: Story) -> None:
    assert worst_ms(story.errors_ms("second", story.at_s["clock step"], story.start_s + 65.5)) < WITHIN_MS


def test_a_killed_decoder_costs_no_track(story: Story) -> None:
    assert worst_ms(story.errors_ms("third", story.start_s + STARTS_S["third"] + 0.1, story.start_s + 73.0)) < WITHIN_MS


def test_no_fault_left_a_traceback(story: Story) -> None:
    assert "Traceback" not in story.log
