"""A zone as internet radio: heard by real players, and by many at once."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from playwright.async_api import async_playwright

from devices.icy import IcySplitter
from devices.listen_output import ListenAddress, ListenOutput, parse_listen_address
from devices.listeners import MOST_LISTENERS
from devices.mixer import Mixer
from devices.mp3_encoding import BYTES_PER_S, FrameSplitter
from devices.outputs import open_output
from devices.pcm import Pcm
from devices.plan import Label, Plan, Voice, frame_at
from devices.player import Player
from devices.speaker import SpeakerSettings
from devices.timebase import Timebase
from tests.devices import speaker_process
from tests.devices.test_speaker import SchedulerStandIn, scheduler, settings
from tests.icecast import free_port
from tests.sound import PrivatePulse, Recording, first_channel, locate, music, pulse
from tests.waiting import until

__all__ = ["pulse", "scheduler", "settings"]

_log = logging.getLogger(__name__)

TRACK = music(91, 60.0)
FRAMES = (TRACK[:, None] * 32_767).astype("<i2").repeat(2, axis=1)


@dataclasses.dataclass(frozen=True)
class OnAir:
    """An output that plays TRACK, whose second 0 was due at `start_s`."""

    output: ListenOutput
    port: int
    start_s: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/listen/playground"

    def late_s(self, recording: Recording, unix_s: float) -> float:
        """How late the track was heard at an instant; fails the test where it was not."""
        place = locate(recording.piece(unix_s, 1.0), TRACK)
        assert place.likeness > 0.5, f"something else sounds: likeness {place.likeness:.2f}"
        return unix_s - self.start_s - place.position_s


def listening_output(port: int) -> tuple[ListenOutput, Mixer]:
    mixer = Mixer()
    output = open_output(f"http://127.0.0.1:{port}", Player(mixer), Timebase(), "playground")
    assert isinstance(output, ListenOutput)
    return output, mixer


@pytest.fixture
async def on_air() -> AsyncIterator[OnAir]:
    """An output in mid-track."""
    port = free_port()
    output, mixer = listening_output(port)
    await output.start()
    start_s = time.time() - 1.0
    first = frame_at(start_s)
    label = Label("2026-11-23/lunch", "a" * 64, "Sunrise", "Tidal Band")
    mixer.play(Plan((Voice(label, Pcm(Path("tune.pcm"), FRAMES), first, first, first + len(FRAMES), 0.7),)))
    yield OnAir(output, port, start_s)
    await output.stop()


@contextlib.asynccontextmanager
async def listening(url: str, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
    """One who listens."""
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        yield response


async def ended(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    await process.wait()


async def test_ffmpeg_reads_the_stream_and_finds_the_track_whole(on_air: OnAir) -> None:
    command = ["ffmpeg", "-loglevel", "error", "-t", "4", "-i", on_air.url, "-f", "s16le", "-ar", "44100", "-"]
    reader = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    sound, _ = await reader.communicate()
    heard = first_channel(np.frombuffer(sound[: len(sound) // 4 * 4], dtype="<i2").reshape(-1, 2))
    assert len(heard) > 3.5 * 44_100
    first, last = locate(heard[4_410:48_510], TRACK), locate(heard[-48_510:-4_410], TRACK)
    assert min(first.likeness, last.likeness) > 0.8
    assert last.position_s - first.position_s == pytest.approx((len(heard) - 52_920) / 44_100, abs=0.001)


async def test_mpv_plays_it(on_air: OnAir, pulse: PrivatePulse) -> None:
    recorder = pulse.record("nodeA")
    player = await asyncio.create_subprocess_exec(
        *("mpv", "--no-config", "--no-terminal", "--no-video", "--ao=pulse", on_air.url),
        env={**os.environ, **pulse.environment("nodeA")},
    )
    begun_s = time.time()
    try:
        await until(lambda: len(on_air.output.listeners) == 1, 5.0)
        await until(lambda: time.time() > begun_s + 6.0, 8.0)
    finally:
        await ended(player)
        recording = await asyncio.to_thread(recorder.stop)
    late_s = on_air.late_s(recording, begun_s + 4.0)
    _log.info("mpv sounds %.2f s late", late_s)
    assert 0.0 < late_s < 6.0


async def test_chromium_plays_the_page_and_it_is_late_by_seconds_alone(on_air: OnAir, pulse: PrivatePulse) -> None:
    recorder = pulse.record("nodeA")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox"],
            ignore_default_args=["--mute-audio"],
            env={**os.environ, **pulse.environment("nodeA")},
        )
        page = await browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"http://127.0.0.1:{on_air.port}/")
        assert "playground" in await page.inner_text("h1")
        await page.evaluate(_METER)
        async with asyncio.timeout(20.0):
            # Asked from outside: the page's own rules forbid what Playwright would have it evaluate while it waits.
            while await page.evaluate("document.querySelector('audio').currentTime") < 4:
                await asyncio.sleep(0.1)
        assert await page.evaluate("loudest()") > 0.02
        heard_s = time.time()
        await until(lambda: time.time() > heard_s + 2.0, 4.0)
        await browser.close()
    recording = await asyncio.to_thread(recorder.stop)
    late_s = on_air.late_s(recording, heard_s)
    _log.info("Chromium sounds %.2f s late", late_s)
    assert 0.0 < late_s < 8.0
    assert all(url.startswith(f"http://127.0.0.1:{on_air.port}/") for url in asked)


_METER = """async () => {
  const audio = document.querySelector('audio'), context = new AudioContext(), meter = context.createAnalyser();
  context.createMediaElementSource(audio).connect(meter);
  meter.connect(context.destination);
  let most = 0;
  window.loudest = () => most;
  setInterval(() => {
    const wave = new Float32Array(2048);
    meter.getFloatTimeDomainData(wave);
    most = Math.max(most, Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length));
  }, 50);
  audio.play();
  context.resume();
}"""


async def test_who_asks_for_titles_gets_them_between_whole_frames(on_air: OnAir) -> None:
    async with listening(on_air.url, **{"Icy-MetaData": "1"}) as response:
        assert response.content_type == "audio/mpeg"
        splitter = IcySplitter(int(response.headers["icy-metaint"]))
        sound = b""
        while len(sound) < 100_000:
            sound += splitter.sound(await response.content.readany())
    assert splitter.title == "Tidal Band - Sunrise"
    frames = FrameSplitter().whole(sound)
    assert len(sound) - len(frames) < 700, "only the last frame may be cut"


async def test_who_does_not_ask_gets_sound_alone_and_the_last_second_at_once(on_air: OnAir) -> None:
    async with listening(on_air.url):
        await until(lambda: len(on_air.output.listeners) == 1)
    await asyncio.sleep(2.0)  # the sound of two seconds is made
    async with listening(on_air.url) as response:
        assert "icy-metaint" not in response.headers
        begun_s = time.monotonic()
        sound = await response.content.readexactly(BYTES_PER_S)
        assert time.monotonic() - begun_s < 0.3
        assert FrameSplitter().whole(sound)[:2] == sound[:2]


async def test_a_slow_listener_loses_pieces_and_holds_up_nobody(on_air: OnAir) -> None:
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", on_air.port))
    slow.sendall(b"GET /listen/playground HTTP/1.0\r\n\r\n")
    await until(lambda: len(on_air.output.listeners) == 1)
    begun_s = time.monotonic()
    async with listening(on_air.url) as response:
        count = 0
        while time.monotonic() - begun_s < 12.0:
            count += len(await response.content.readany())
    assert count / 12.0 == pytest.approx(BYTES_PER_S, rel=0.2)
    slow.setblocking(False)
    await asyncio.sleep(0)
    waiting = 0
    with contextlib.suppress(BlockingIOError):
        while piece := slow.recv(65_536):
            waiting += len(piece)
    assert waiting < 8 * BYTES_PER_S, "of twelve seconds, only what the queue and the sockets hold"
    slow.close()


async def test_a_listener_that_takes_nothing_is_let_go(on_air: OnAir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.listeners.GONE_S", 1.0)
    dead = socket.create_connection(("127.0.0.1", on_air.port))
    dead.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    dead.sendall(b"GET /listen/playground HTTP/1.0\r\n\r\n")
    await until(lambda: len(on_air.output.listeners) == 1)
    await until(lambda: len(on_air.output.listeners) == 0, 40.0)
    dead.close()


async def test_one_more_than_may_listen_is_refused(on_air: OnAir) -> None:
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=MOST_LISTENERS + 5))
        )
        for _ in range(MOST_LISTENERS):
            response = await stack.enter_async_context(session.get(on_air.url))
            assert response.status == 200
        assert on_air.output.name.endswith("/listen/playground (50 listen)")
        async with session.get(on_air.url) as refused:
            assert refused.status == 503
            assert await refused.text() == "too many listen already\n"
        response.close()
        await until(lambda: len(on_air.output.listeners) == MOST_LISTENERS - 1)
        async with session.get(on_air.url) as admitted:
            assert admitted.status == 200


async def test_listeners_that_come_and_go_leave_nothing_behind(on_air: OnAir) -> None:
    async def visit() -> None:
        async with listening(on_air.url) as response:
            await response.content.readexactly(1000)

    await visit()
    await until(lambda: len(on_air.output.listeners) == 0)
    before = open_things()
    for _ in range(40):
        await asyncio.gather(*(visit() for _ in range(5)))
    await until(lambda: len(on_air.output.listeners) == 0)
    await until(lambda: open_things() <= before, 5.0)


def open_things() -> tuple[int, int]:
    """How many files and tasks this process has."""
    return len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())


async def test_an_encoder_that_dies_is_started_again_and_the_listener_stays(on_air: OnAir) -> None:
    async with listening(on_air.url) as response:
        await response.content.readexactly(BYTES_PER_S)
        os.kill(child_named("ffmpeg"), signal.SIGKILL)
        await until(lambda: on_air.output.fault == "the encoder ended and is started again", 3.0)
        await response.content.readexactly(BYTES_PER_S * 4)
        await until(lambda: on_air.output.fault is None, 3.0)


async def test_a_port_that_is_taken_is_a_fault_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.listen_output.RETRY_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        output, _ = listening_output(port)
        await output.start()
        assert output.fault == f"nobody can listen at 127.0.0.1:{port}: the port is taken by another program"
    await until(lambda: output.fault is None, 5.0)
    await output.stop()


async def test_silence_is_sent_as_sound_so_that_players_stay() -> None:
    port = free_port()
    output, _ = listening_output(port)
    await output.start()
    async with listening(f"http://127.0.0.1:{port}/listen/playground") as response:
        sound = await response.content.readexactly(BYTES_PER_S * 2)
    await output.stop()
    assert len(FrameSplitter().whole(sound)) > BYTES_PER_S


async def test_other_pages_say_where_to_go(on_air: OnAir) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{on_air.port}/listen/playground.m3u") as playlist:
            assert await playlist.text() == f"#EXTM3U\n#EXTINF:-1,playground\n{on_air.url}\n"
        async with session.get(f"http://127.0.0.1:{on_air.port}/listen/hall") as other:
            assert other.status == 404
            assert "/listen/playground" in await other.text()
        async with session.head(on_air.url) as head:
            assert head.headers["Content-Type"] == "audio/mpeg"
    assert len(on_air.output.listeners) == 0


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://127.0.0.1:8485", ListenAddress("127.0.0.1", 8485)),
        ("http://[::1]:8485/", ListenAddress("::1", 8485)),
        ("http://speaker.local:80", ListenAddress("speaker.local", 80)),
        ("http://127.0.0.1", None),
        ("http://127.0.0.1:0", None),
        ("http://127.0.0.1:99999", None),
        ("https://127.0.0.1:8485", None),
        ("http://127.0.0.1:8485/listen", None),
        ("null", None),
    ],
)
def test_addresses_to_listen_at(text: str, address: ListenAddress | None) -> None:
    assert parse_listen_address(text) == address


async def test_a_speaker_names_the_stream_and_sigterm_ends_it_for_all(
    settings: SpeakerSettings, scheduler: SchedulerStandIn
) -> None:
    port = free_port()
    process = speaker_process.start(dataclasses.replace(settings, output=f"http://127.0.0.1:{port}"))
    try:
        named = f"http://127.0.0.1:{port}/listen/playground ({{}} listen)"
        await until(lambda: scheduler.state is not None and scheduler.state.output == named.format(0), 10.0)
        async with listening(f"http://127.0.0.1:{port}/listen/playground") as response:
            await response.content.readexactly(1000)
            await until(lambda: scheduler.state is not None and scheduler.state.output == named.format(1), 5.0)
            encoder = child_named("ffmpeg", process.pid)
            process.terminate()
            while await response.content.readany():
                pass
        assert await asyncio.to_thread(process.wait, 5.0) == 0
        await until(lambda: not Path(f"/proc/{encoder}").exists())
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(5)


def child_named(name: str, parent: int | None = None) -> int:
    """The process id of a child of this process, or of another one."""
    parent = parent or os.getpid()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = status.read_text().rsplit(")", 1)
            if words[0].endswith(f"({name}") and int(words[1].split()[1]) == parent:
                return int(status.parent.name)
    raise AssertionError(f"no child is named {name}")
