"""One stream from a server that may be wrong, with real libvlc in the child process."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from devices.pcm import RATE
from devices.stream import Feed
from devices.stream_decoding import FASTER, MOST_AHEAD_S, Pace
from tests.sound import Mono, first_channel, locate, music, write_wav
from tests.waiting import until

SECRET = music(55, 20.0)
LIVE = music(56, 20.0)


@dataclasses.dataclass
class Server:
    """Answers `/stream` as it is told to."""

    content_type: str = "audio/mpeg"
    body: bytes = b""
    location: str | None = None
    asked: int = 0
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if self.location is not None:
            return web.Response(status=302, headers={"Location": self.location})
        response = web.StreamResponse(headers={"Content-Type": self.content_type})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            for first in range(0, len(self.body), 2_000):
                await response.write(self.body[first : first + 2_000])
                await asyncio.sleep(0.02)
            await asyncio.sleep(60)
        return response


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    told = Server()
    application = web.Application()
    application.router.add_get("/stream", told.answer)
    running = TestServer(application)
    await running.start_server(shutdown_timeout=0.1)
    told.url = str(running.make_url("/stream"))
    yield told
    await running.close()


@contextlib.asynccontextmanager
async def fed(url: str, *command: str) -> AsyncIterator[Feed]:
    feed = Feed(url, command or None)
    task = asyncio.create_task(feed.run())
    yield feed
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def encoded(folder: Path, sound: Mono, *options: str) -> bytes:
    wav = write_wav(folder / "sound.wav", sound)
    command = ["ffmpeg", "-loglevel", "error", "-i", str(wav), *options, "pipe:1"]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.mark.parametrize(
    ("content_type", "options", "skipped"),
    [
        ("audio/mpeg", ("-b:a", "128k", "-f", "mp3"), 10_137),
        ("audio/aac", ("-c:a", "aac", "-b:a", "128k", "-f", "adts"), 10_137),
        ("application/ogg", ("-c:a", "libvorbis", "-q:a", "5", "-f", "ogg"), 0),
        ("audio/ogg", ("-c:a", "libopus", "-b:a", "128k", "-f", "ogg"), 0),
    ],
)
async def test_each_kind_of_stream_is_decoded_also_from_the_middle_of_a_frame(
    content_type: str, options: tuple[str, ...], skipped: int, server: Server, tmp_path: Path
) -> None:
    server.content_type, server.body = content_type, encoded(tmp_path, LIVE, *options)[skipped:]
    async with fed(server.url) as feed:
        await until(lambda: feed.ring.written > 4 * RATE, 15.0, "four seconds of sound")
        assert feed.fault is None
        heard = feed.ring.read(2 * RATE, 3 * RATE)
    assert locate(first_channel((heard * 32_767).astype("<i2")), LIVE).likeness > 0.8


@pytest.mark.parametrize(
    ("content_type", "name"),
    [("audio/mpeg", "list.m3u"), ("audio/aac", "list.m3u8"), ("application/ogg", "list.xspf")],
)
async def test_a_playlist_in_a_stream_s_clothes_opens_no_file(
    content_type: str, name: str, server: Server, tmp_path: Path
) -> None:
    secret = write_wav(tmp_path / "secret.wav", SECRET)
    lists = {
        "list.m3u": f"#EXTM3U\n{secret.as_uri()}\n",
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:20\n#EXTINF:20,\n{secret.as_uri()}\n#EXT-X-ENDLIST\n",
        "list.xspf": '<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track>'
        f"<location>{secret.as_uri()}</location></track></trackList></playlist>",
    }
    server.content_type, server.body = content_type, lists[name].encode() * 400
    async with fed(server.url) as feed:
        await until(lambda: feed.fault is not None, 12.0, "the fault")
        assert feed.ring.written == 0


async def test_a_redirect_to_a_file_is_not_followed(server: Server, tmp_path: Path) -> None:
    server.location = write_wav(tmp_path / "secret.wav", SECRET).as_uri()
    async with fed(server.url) as feed:
        await until(lambda: feed.fault is not None, 5.0)
        assert "not http or https, which is not followed" in str(feed.fault)
        assert feed.ring.written == 0


@pytest.mark.parametrize(
    ("content_type", "why"),
    [
        ("audio/x-mpegurl", "must name the stream's own address"),
        ("text/html", "it is no stream of sound but text/html"),
    ],
)
async def test_what_is_no_stream_is_named(content_type: str, why: str, server: Server) -> None:
    server.content_type = content_type
    async with fed(server.url) as feed:
        await until(lambda: feed.fault is not None, 5.0)
        assert why in str(feed.fault)


async def test_a_server_of_the_old_shoutcast_kind_is_named() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"ICY 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n")
        writer.close()

    old = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with old, fed(f"http://127.0.0.1:{old.sockets[0].getsockname()[1]}/") as feed:
        await until(lambda: "Expected HTTP" in str(feed.fault), 5.0, "the fault")


async def test_garbage_is_never_steady_and_is_given_up(server: Server) -> None:
    server.body = random.Random(1).randbytes(16_000 * 15)
    async with fed(server.url) as feed:

        def looked() -> bool:
            feed.look()
            assert feed.steady_s < 5.0
            return feed.fault is not None

        await until(looked, 20.0, "the fault")


@pytest.mark.parametrize(
    ("command", "why"),
    [(("sleep",), "its decoding broke off"), (("sh", "-c", "sleep 60"), "is not music that can be decoded")],
)
async def test_a_decoder_that_dies_or_hangs_is_ended_and_tried_again(
    command: tuple[str, ...], why: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.stream.NOTHING_S", 1.0)
    server.body = encoded(tmp_path, LIVE, "-b:a", "128k", "-f", "mp3")
    async with fed(server.url, *command) as feed:
        await until(lambda: why in str(feed.fault), 8.0)
        await until(lambda: server.asked >= 2, 8.0, "another try")


def test_a_server_that_sends_all_at_once_is_held_back_and_a_live_one_never() -> None:
    pace = Pace(0.0)
    assert pace.wait_s(round(MOST_AHEAD_S * RATE), 0.0) == 0.0
    assert pace.wait_s(RATE, 0.0) == 1.0
    live = Pace(0.0)
    live.wait_s(6 * RATE, 0.1)
    assert all(live.wait_s(RATE, float(second)) == 0.0 for second in range(1, 3600))
    assert FASTER > 1.01
