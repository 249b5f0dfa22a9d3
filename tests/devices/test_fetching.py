"""Tracks over HTTP: in order, resumed, checked by their hash."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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
