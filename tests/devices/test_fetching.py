"""Tracks over HTTP: in order, resumed, checked by their hash."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from devices.cache import KEPT_S, TrackCache
from devices.errors import TrackError
from devices.fetching import Fetcher, Source
from tests.devices.conftest import MediaServer, Tune
from tests.waiting import until


@pytest.fixture
def cache(tmp_path: Path) -> TrackCache:
    return TrackCache(tmp_path / "tracks")


@contextlib.asynccontextmanager
async def fetching(cache: TrackCache) -> AsyncIterator[Fetcher]:
    """A fetcher that is at work."""
    fetcher = Fetcher(cache, lambda: None)
    task = asyncio.create_task(fetcher.run())
    yield fetcher
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_tracks_come_in_the_order_wanted(cache: TrackCache, media: MediaServer, tunes: tuple[Tune, ...]) -> None:
    media.add(*tunes)
    order = [tunes[2], tunes[0], tunes[1]]
    async with fetching(cache) as fetcher:
        fetcher.want([Source(one.id, media.address) for one in order])
        await until(lambda: all(cache.has(one.id) for one in tunes), 10.0)
    assert media.asked == [one.id for one in order]
    assert cache.path(tunes[0].id).read_bytes() == tunes[0].path.read_bytes()


async def test_a_fetch_that_broke_off_is_resumed(
    cache: TrackCache, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.add(tunes[0])
    cache.part(tunes[0].id).write_bytes(tunes[0].path.read_bytes()[:100_000])
    async with fetching(cache) as fetcher:
        fetcher.want([Source(tunes[0].id, media.address)])
        await until(lambda: cache.has(tunes[0].id), 10.0)
    assert media.ranges == ["bytes=100000-"]


async def test_a_wrong_beginning_is_thrown_away_and_fetched_anew(
    cache: TrackCache, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.add(tunes[0])
    cache.part(tunes[0].id).write_bytes(bytes(tunes[0].path.stat().st_size + 10))
    async with fetching(cache) as fetcher:
        fetcher.want([Source(tunes[0].id, media.address)])
        await until(lambda: cache.has(tunes[0].id), 10.0)
    assert media.ranges[-1] == ""


async def test_another_file_is_refused_and_the_next_track_is_not_kept_waiting(
    cache: TrackCache, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.files = {tunes[0].id: tunes[1].path, tunes[1].id: tunes[1].path}
    async with fetching(cache) as fetcher:
        fetcher.want([Source(one.id, media.address) for one in tunes[:2]])
        await until(lambda: cache.has(tunes[1].id), 10.0)
        assert fetcher.fault is not None
        assert "is another file" in fetcher.fault
        assert not cache.has(tunes[0].id)
        media.add(tunes[0])
        await until(lambda: cache.has(tunes[0].id), 10.0, "the right file at the next try")
        await until(lambda: fetcher.fault is None, 5.0)


async def test_a_server_that_is_gone_is_a_fault_and_no_crash(cache: TrackCache, tunes: tuple[Tune, ...]) -> None:
    async with fetching(cache) as fetcher:
        fetcher.want([Source(tunes[0].id, "http://127.0.0.1:9/media")])
        fault = await until(lambda: fetcher.fault, 10.0)
        assert fault is not None
        assert fault.startswith(f"track {tunes[0].id[:12]}… cannot be fetched")


Evil = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


class EvilServer:
    """A media server that does something wrong with one file, and counts how often it was asked."""

    def __init__(self, content: bytes, evil: Evil) -> None:
        self.asked = 0
        self._content, self._evil = content, evil
        application = web.Application()
        application.router.add_get("/{rest:.*}", self._give)
        self.server = TestServer(application)

    @property
    def address(self) -> str:
        return str(self.server.make_url("/media"))

    async def _give(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        return await self._evil(request, self._content)


async def another_range(request: web.Request, content: bytes) -> web.StreamResponse:
    """Gives the beginning, whatever was asked for."""
    if "Range" not in request.headers:
        return web.Response(body=content)
    headers = {"Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}"}
    return web.Response(status=206, body=content, headers=headers)


async def range_without_words(request: web.Request, content: bytes) -> web.StreamResponse:
    """Answers every range with the whole file and does not say so."""
    return web.Response(status=206 if "Range" in request.headers else 200, body=content)


@pytest.mark.parametrize("evil", [another_range, range_without_words])
async def test_a_server_that_lies_about_ranges_is_asked_for_the_whole(
    evil: Evil, cache: TrackCache, tunes: tuple[Tune, ...]
) -> None:
    content = tunes[0].path.read_bytes()
    cache.part(tunes[0].id).write_bytes(content[:1_000])
    evil_one = EvilServer(content, evil)
    async with evil_one.server, fetching(cache) as fetcher:
        fetcher.want([Source(tunes[0].id, evil_one.address)])
        await until(lambda: cache.has(tunes[0].id), 10.0)
    assert evil_one.asked == 2


async def endless(request: web.Request, content: bytes) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await response.write(bytes(100_000))
    return response


async def too_large(request: web.Request, content: bytes) -> web.StreamResponse:
    return web.Response(body=bytes(3_000_000))


async def elsewhere(request: web.Request, content: bytes) -> web.StreamResponse:
    raise web.HTTPFound(f"/elsewhere/{request.match_info['rest']}")


async def compressed(request: web.Request, content: bytes) -> web.StreamResponse:
    """1 GB of zeros in a few bytes, for a client that would unpack them."""
    return web.Response(body=gzip.compress(bytes(30_000_000)), headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize(
    ("evil", "why"),
    [
        (endless, "sends more than 2 MB"),
        (too_large, "larger than 2 MB"),
        (elsewhere, "answered 302"),
        (compressed, "another file"),
    ],
)
async def test_what_a_server_sends_is_bounded_and_the_next_track_comes(
    evil: Evil, why: str, cache: TrackCache, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.add(tunes[1])
    evil_one = EvilServer(b"", evil)
    async with evil_one.server, fetching(cache) as fetcher:
        fetcher.want([Source(tunes[0].id, evil_one.address, most_bytes=2_000_000), Source(tunes[1].id, media.address)])
        await until(lambda: why in str(fetcher.fault), 10.0)
        await until(lambda: cache.has(tunes[1].id), 10.0)
        part = cache.part(tunes[0].id)
        assert not part.exists() or part.stat().st_size == 0


async def drip(request: web.Request, content: bytes) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await response.write(b"a")
            await asyncio.sleep(0.02)
    return response


async def test_a_server_that_drips_is_given_up_for_the_next_track(
    cache: TrackCache, media: MediaServer, tunes: tuple[Tune, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.fetching.SLOW_S", 0.3)
    media.add(tunes[1])
    evil_one = EvilServer(b"", drip)
    async with evil_one.server, fetching(cache) as fetcher:
        fetcher.want([Source(tunes[0].id, evil_one.address), Source(tunes[1].id, media.address)])
        await until(lambda: cache.has(tunes[1].id), 10.0)
        assert "too slow" in str(fetcher.fault)


async def test_what_is_wanted_first_takes_the_connection_and_the_other_is_resumed(
    cache: TrackCache, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    content = tunes[0].path.read_bytes()
    asked: list[str] = []

    async def slowly(request: web.Request, content: bytes) -> web.StreamResponse:
        asked.append(request.headers.get("Range", ""))
        first = int(asked[-1].removeprefix("bytes=").rstrip("-") or 0)
        headers = {"Content-Range": f"bytes {first}-{len(content) - 1}/{len(content)}"}
        response = web.StreamResponse(status=206 if first else 200, headers=headers if first else {})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            await response.write(content[first : first + 100_000])
            if not first:
                await asyncio.sleep(30)
            await response.write(content[first + 100_000 :])
        return response

    media.add(tunes[1])
    slow = EvilServer(content, slowly)
    async with slow.server, fetching(cache) as fetcher:
        long_one, first = Source(tunes[0].id, slow.address), Source(tunes[1].id, media.address)
        fetcher.want([long_one])
        part = cache.part(tunes[0].id)
        await until(lambda: part.exists() and part.stat().st_size == 100_000, 5.0)
        fetcher.want([first, long_one])
        await until(lambda: cache.has(tunes[1].id), 5.0)
        await until(lambda: cache.has(tunes[0].id), 5.0)
    assert asked == ["", "bytes=100000-"]


async def test_a_fetch_that_broke_off_and_that_nobody_names_leaves_the_disk(cache: TrackCache) -> None:
    named, unnamed = "a" * 64, "b" * 64
    for track in (named, unnamed):
        cache.part(track).write_bytes(b"half")
    assert cache.prune({named}) == 1
    assert cache.part(named).exists()


def test_only_the_hash_of_a_track_names_a_file(cache: TrackCache) -> None:
    for wrong in ("../../etc/passwd", "", "A" * 64, "a" * 63):
        with pytest.raises(TrackError):
            cache.path(wrong)


def test_what_no_programme_names_for_a_month_is_deleted(cache: TrackCache) -> None:
    named, recent, old = ("a" * 64, "b" * 64, "c" * 64)
    for track in (named, recent, old):
        cache.path(track).write_bytes(b"music")
    for track in (named, old):
        os.utime(cache.path(track), (0, time.time() - KEPT_S - 60))
    assert cache.prune({named}) == 1
    assert [cache.has(track) for track in (named, recent, old)] == [True, True, False]
