"""A set with a live stream: a real speaker, a real Icecast, a real broker, and what is heard."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import mmap
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from devices.output import NullOutput
from devices.pcm import Frames
from devices.player import Player
from devices.speaker import Parts, SpeakerSettings, serve
from devices.timebase import Timebase
from tests.devices.conftest import MediaServer, Tune, music_set, programme_of, tune
from tests.devices.test_speaker import SchedulerStandIn, scheduler, settings
from tests.icecast import Icecast, Source, icecast
from tests.sound import RATE, Mono, Recording, encode, first_channel, locate, music, write_wav
from tests.waiting import until
from wire.programme import MusicSet, Stream

__all__ = ["icecast", "scheduler", "settings"]

BYTES_PER_S = 16_000
LIVE_S = 150.0
LIVE = music(71, LIVE_S)


@pytest.fixture(scope="module")
def live_mp3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the studio sends: MP3 of a constant 128 kbit/s."""
    wav = write_wav(tmp_path_factory.mktemp("live") / "live.wav", LIVE)
    return encode(wav, "mp3", "-b:a", "128k", "-write_xing", "0", "-id3v2_version", "0")


@pytest.fixture(scope="module")
def longs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tune, ...]:
    """The playlist to fall back on."""
    folder = tmp_path_factory.mktemp("longs")
    return tuple(tune(folder, seed, 75.0, "flac") for seed in (81, 82))


class Ear:
    """Hears a null output on the wall clock."""

    def __init__(self) -> None:
        self._blocks: list[tuple[float, Frames]] = []

    def hear(self, instant_s: float, frames: Frames) -> None:
        self._blocks.append((instant_s, frames.copy()))

    @property
    def recording(self) -> Recording:
        """Everything so far."""
        sound = first_channel(np.concatenate([frames for _, frames in self._blocks]))
        return Recording(self._blocks[0][0], sound)

    def is_live(self, unix_s: float, duration_s: float = 1.0) -> bool:
        """Whether the studio's music is what was heard from an instant on."""
        return locate(self.recording.piece(unix_s, duration_s), LIVE).likeness > 0.5

    def quietest(self, from_s: float, to_s: float, window_s: float = 0.4) -> float:
        """The least loudness of any window in a time."""
        recording = self.recording
        return min(recording.loudness(at_s, window_s) for at_s in np.arange(from_s, to_s - window_s, window_s / 2))


@pytest.fixture
def ear() -> Ear:
    return Ear()


@contextlib.asynccontextmanager
async def heard_by(ear: Ear, settings: SpeakerSettings) -> AsyncIterator[None]:
    """A speaker whose null output an ear hears."""

    def output(_wanted: str, player: Player, timebase: Timebase, _zone: str) -> NullOutput:
        return NullOutput(player, timebase, ear.hear)

    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(serve(settings, stop, ready.set, parts=Parts(output=output)))
    async with asyncio.timeout(5.0):
        await ready.wait()
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(10.0):
            await task


def decoded_mono(path: Path) -> Mono:
    """What ffmpeg makes of a file."""
    command = ["ffmpeg", "-loglevel", "error", "-i", str(path), "-f", "s16le", "-ac", "2", "-ar", str(RATE), "-"]
    sound = subprocess.run(command, check=True, capture_output=True).stdout
    return first_channel(np.frombuffer(sound, dtype="<i2").reshape(-1, 2))


def rms(sound: Mono) -> float:
    return float(np.sqrt(np.mean(sound**2)))


def radio_set(url: str, start_at: dt.datetime, tracks: tuple[Tune, ...], **more: object) -> MusicSet:
    return music_set(start_at, tracks, "lunch", stream=Stream(url=url), **more)


def from_now(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(time.time() + seconds, dt.UTC)


def plays_stream(scheduler: SchedulerStandIn) -> bool:
    """Whether the speaker says that it plays a stream."""
    state = scheduler.state
    return state is not None and state.playing is not None and state.playing.track is None


@contextlib.asynccontextmanager
async def on_air(icecast: Icecast, path: Path) -> AsyncIterator[Source]:
    """A source that sends to an Icecast."""
    source = Source(icecast, path, BYTES_PER_S)
    await source.start()
    try:
        yield source
    finally:
        await source.stop()


async def test_a_stream_sounds_from_the_set_s_start_to_its_end_and_shows_its_title(
    settings: SpeakerSettings,
    scheduler: SchedulerStandIn,
    media: MediaServer,
    longs: tuple[Tune, ...],
    icecast: Icecast,
    live_mp3: Path,
    ear: Ear,
) -> None:
    media.add(*longs)
    start_at, end_at = from_now(10.0), from_now(20.0)
    radio = radio_set(icecast.url, start_at, longs, end_at=end_at, fade_in_s=1.0, fade_out_s=2.0, volume=90)
    async with on_air(icecast, live_mp3):
        icecast.tell_title("Tidal Band - Löwe's Lied")
        scheduler.publish(programme_of(radio, media=media.address, made_at=from_now(0)))
        async with heard_by(ear, settings):
            await until(lambda: plays_stream(scheduler), 15.0, "the stream on the wire")
            state = scheduler.state
            assert state is not None
            assert state.playing is not None
            assert time.time() == pytest.approx(start_at.timestamp(), abs=1.0)
            assert state.playing.title == "Tidal Band - Löwe's Lied"
            assert state.playing.set == f"{start_at.date().isoformat()}/lunch"
            assert state.fault is None
            icecast.tell_title("News")
            await until(
                lambda: scheduler.state and scheduler.state.playing and scheduler.state.playing.title == "News", 9
            )
            await until(scheduler.is_quiet, 15.0)
            await until(lambda: time.time() > end_at.timestamp() + 1.5, 5.0)
        assert not scheduler.played, "a stream is no track"
    start_s, end_s = start_at.timestamp(), end_at.timestamp()
    assert ear.recording.loudness(start_s - 2.0, 1.98) == 0.0
    assert ear.recording.loudness(end_s + 0.02, 1.0) == 0.0
    assert all(ear.is_live(start_s + second) for second in (1.0, 3.0, 5.0, 7.0))
    # Volume 90 is 5 dB less than what the studio's MP3 holds.
    piece = ear.recording.piece(start_s + 4.0, 2.0)
    decoded = decoded_mono(live_mp3)
    place = round(locate(piece, decoded).position_s * RATE)
    own = decoded[place : place + len(piece)]
    assert 20 * np.log10(rms(piece) / rms(own)) == pytest.approx(-5.0, abs=0.3)


async def test_a_stall_is_bridged_by_the_playlist_at_its_own_place_and_the_stream_comes_back(
    settings: SpeakerSettings,
    scheduler: SchedulerStandIn,
    media: MediaServer,
    longs: tuple[Tune, ...],
    icecast: Icecast,
    live_mp3: Path,
    ear: Ear,
) -> None:
    media.add(*longs)
    start_at = from_now(-4.0)
    scheduler.publish(programme_of(radio_set(icecast.url, start_at, longs), media=media.address, made_at=start_at))
    async with on_air(icecast, live_mp3) as source, heard_by(ear, settings):
        await until(lambda: scheduler.plays(longs[0]), 5.0, "the playlist, until the stream is there")
        await until(lambda: plays_stream(scheduler), 12.0, "the stream")
        returned_s = time.time()
        await until(lambda: time.time() > returned_s + 4.0, 6.0)
        stalled_s = time.time()
        source.stalls = True
        await until(lambda: scheduler.plays(longs[0]), 10.0, "the playlist in the stream's place")
        fell_back_s = time.time()
        assert 5.0 <= fell_back_s - stalled_s < 7.5
        assert scheduler.state is not None
        await until(lambda: time.time() > fell_back_s + 3.0, 5.0)
        source.stalls = False
        await until(lambda: plays_stream(scheduler), 20.0, "the stream again")
        again_s = time.time()
        await until(lambda: time.time() > again_s + 4.0, 6.0)
        await until(lambda: len(scheduler.played) >= 2, 5.0, "the playlist's as-run records")
    error_ms = ear.recording.error_ms(longs[0].sound, start_at.timestamp(), fell_back_s + 1.8, 1.0)
    assert abs(error_ms) < 1.0
    assert ear.is_live(returned_s + 2.0)
    assert ear.is_live(again_s + 2.0)
    assert ear.quietest(start_at.timestamp() + 6.0, again_s + 3.0) > 0.01
    assert [one.track for one in scheduler.played] == [longs[0].id] * len(scheduler.played)


async def test_a_server_that_is_killed_is_bridged_and_heard_again_and_memory_stays_bounded(
    settings: SpeakerSettings,
    scheduler: SchedulerStandIn,
    media: MediaServer,
    longs: tuple[Tune, ...],
    icecast: Icecast,
    live_mp3: Path,
    ear: Ear,
) -> None:
    media.add(*longs)
    start_at = from_now(-1.0)
    scheduler.publish(programme_of(radio_set(icecast.url, start_at, longs), media=media.address, made_at=start_at))
    async with on_air(icecast, live_mp3), heard_by(ear, settings):
        await until(lambda: plays_stream(scheduler), 20.0, "the stream")
        steady_bytes = resident_bytes()
        icecast.kill()
        killed_s = time.time()
        await until(lambda: scheduler.plays(longs[0]), 10.0, "the playlist in the stream's place")
        await until(lambda: scheduler.state is not None and "is away" in str(scheduler.state.fault), 5.0)
        icecast.start()
        async with on_air(icecast, live_mp3):
            await until(lambda: plays_stream(scheduler), 40.0, "the stream of the server that is back")
            again_s = time.time()
            await until(lambda: scheduler.state is not None and scheduler.state.fault is None, 5.0)
            await until(lambda: time.time() > again_s + 3.0, 6.0)
            assert resident_bytes() - steady_bytes < 30_000_000, "and the ear's recording is 10 MB a minute of it"
    assert ear.is_live(again_s + 1.8)
    assert ear.quietest(killed_s - 2.0, again_s + 2.5) > 0.01


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:9/nobody.mp3", "Cannot connect"),
        ("{icecast}/nothing.mp3", "the server answered 404"),
    ],
)
async def test_an_address_without_a_stream_is_named_and_the_playlist_sounds(
    url: str,
    why: str,
    settings: SpeakerSettings,
    scheduler: SchedulerStandIn,
    media: MediaServer,
    longs: tuple[Tune, ...],
    icecast: Icecast,
    ear: Ear,
) -> None:
    media.add(*longs)
    start_at = from_now(-1.0)
    wrong = url.format(icecast=icecast.url.rsplit("/", 1)[0])
    scheduler.publish(programme_of(radio_set(wrong, start_at, longs), media=media.address, made_at=start_at))
    async with heard_by(ear, settings):
        await until(lambda: scheduler.plays(longs[0]), 5.0)
        await until(lambda: scheduler.state is not None and why in str(scheduler.state.fault), 5.0)


def resident_bytes() -> int:
    """How much memory this process holds; the speaker runs in it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE
