"""A disk that is full stops nothing that plays, is told in words that staff understand, and is forgotten with room.

On a real, small file system.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from devices.cache import TrackCache
from devices.decoder import PcmStore, Shelf, Wanted
from devices.disk import FULL, free_bytes
from devices.fetching import Fetcher, Source
from devices.pcm import RATE
from devices.saved import Saved
from devices.speaker import SpeakerSettings, serve
from devices.spool import Spool
from tests.brokers import SITE, LinkFor
from tests.devices.conftest import NOON, MediaServer, Tune, music_set, programme_of, tune
from tests.devices.test_as_run import record
from tests.devices.test_speaker import SchedulerStandIn
from tests.waiting import until
from wire.mosquitto import PrivateBroker
from wire.programme import Programme
from wire.states import Silence

MB = 1_000_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8000000", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"mounting a small file system is not permitted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, left_bytes: int = 0) -> Path:
    """Fill the disk up to so many bytes."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while (room := free_bytes(disk) - left_bytes) > 0:
            file.write(bytes(min(room, MB)))
    return ballast


@pytest.fixture(scope="module")
def six_s(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tune, ...]:
    """Three tracks of 6 s: 1.4 MB of frames each."""
    folder = tmp_path_factory.mktemp("six")
    return tuple(tune(folder, seed, 6.0, "mp3") for seed in (41, 42, 43))


@contextlib.asynccontextmanager
async def at_work(part: PcmStore | Fetcher) -> AsyncIterator[None]:
    task = asyncio.create_task(part.run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def fault_of(part: Spool | Saved) -> str | None:
    return part.fault


def wanted(*tunes: Tune) -> list[Wanted]:
    return [Wanted(one.id, one.path, one.title, one.duration_s) for one in tunes]


@pytest.fixture(autouse=True)
def soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.decoder.DISK_RETRY_S", 0.3)
    monkeypatch.setattr("devices.decoder.ROOM_SETTLES_S", 0.1)
    monkeypatch.setattr("devices.fetching.FIRST_BACK_OFF_S", 0.05)


async def test_a_track_that_is_due_is_heard_as_far_as_there_is_room_and_whole_when_there_is_more(
    disk: Path, six_s: tuple[Tune, ...]
) -> None:
    store = PcmStore(disk / "pcm", lambda: None)
    ballast = fill(disk, 1_650_000)
    async with at_work(store):
        store.want(wanted(*six_s[:2]))
        await until(lambda: store.fault == FULL, 10.0)
        pcm = store.get(six_s[0].id)
        assert pcm is not None
        assert 5.0 < pcm.length / RATE < 8.0
        assert not store.bad
        ballast.unlink()
        await until(lambda: all(store.has(one.id) for one in six_s[:2]) and store.fault is None, 10.0)


async def test_decoded_tracks_of_later_give_way_to_the_one_that_is_due(disk: Path, six_s: tuple[Tune, ...]) -> None:
    store = PcmStore(disk / "pcm", lambda: None)
    fill(disk, 3_600_000)
    async with at_work(store):
        store.want(wanted(*six_s[1:]))
        await until(lambda: all(store.has(one.id) for one in six_s[1:]), 10.0)
        store.want(wanted(*six_s))
        await until(lambda: store.has(six_s[0].id), 10.0)
        assert store.has(six_s[1].id)
        await until(lambda: store.fault == FULL, 10.0)
        assert not store.has(six_s[2].id)


async def test_tracks_that_nobody_needs_give_way_to_the_sound_of_one_that_is_due(
    disk: Path, six_s: tuple[Tune, ...]
) -> None:
    cache = TrackCache(disk / "tracks")
    unneeded, needed = "a" * 64, "b" * 64
    for track in (unneeded, needed):
        cache.path(track).write_bytes(bytes(3 * MB))
    cache.order([needed])
    store = PcmStore(disk / "pcm", lambda: None)
    store.lean_on(Shelf(lambda count: cache.free(count, {needed})))
    fill(disk, MB)
    async with at_work(store):
        store.want(wanted(six_s[0]))
        await until(lambda: store.has(six_s[0].id), 10.0)
    assert cache.has(needed)
    assert not cache.has(unneeded)


async def test_a_disk_that_fills_up_in_mid_track_blames_no_track(disk: Path, six_s: tuple[Tune, ...]) -> None:
    script = (
        "import os, sys; from devices import decoding\n"
        f"full = {str(disk / 'other')!r}\n"
        "if not os.path.exists(full + '.done'):\n"
        "    file = open(full, 'wb', buffering=0)\n"
        "    try:\n"
        "        while True: file.write(bytes(4096))\n"
        "    except OSError: pass\n"
        "os._exit(decoding.main(sys.argv[1:]))\n"
    )
    store = PcmStore(disk / "pcm", lambda: None, (sys.executable, "-c", script))
    async with at_work(store):
        store.want(wanted(six_s[0]))
        await until(lambda: store.fault == FULL, 10.0)
        assert not store.bad
        (disk / "other.done").touch()
        (disk / "other").unlink()
        await until(lambda: store.has(six_s[0].id) and store.fault is None, 10.0)


async def test_a_fetch_waits_for_room_and_goes_on_by_itself(
    disk: Path, media: MediaServer, six_s: tuple[Tune, ...]
) -> None:
    media.add(*six_s)
    cache = TrackCache(disk / "tracks")
    fetcher = Fetcher(cache, lambda: None)
    ballast = fill(disk, 450_000)
    async with at_work(fetcher):
        fetcher.want([Source(six_s[0].id, media.address, urgent=True)])
        await until(lambda: fetcher.fault == FULL, 10.0)
        ballast.unlink()
        await until(lambda: cache.has(six_s[0].id), 10.0)
        fetcher.want([])
        await until(lambda: fetcher.fault is None, 10.0)


async def test_a_fetch_that_finds_the_disk_full_in_the_middle_is_resumed(
    disk: Path, media: MediaServer, six_s: tuple[Tune, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    media.add(*six_s)
    cache = TrackCache(disk / "tracks")
    monkeypatch.setattr(cache, "room_for", lambda *_, **__: True)
    fetcher = Fetcher(cache, lambda: None)
    ballast = fill(disk, 40_000)
    async with at_work(fetcher):
        fetcher.want([Source(six_s[0].id, media.address, urgent=True)])
        await until(lambda: fetcher.fault == FULL, 10.0)
        ballast.unlink()
        await until(lambda: cache.has(six_s[0].id), 10.0)


async def test_a_speaker_plays_on_while_its_disk_is_full_and_says_so(
    disk: Path,
    broker: PrivateBroker,
    link_for: LinkFor,
    media: MediaServer,
    six_s: tuple[Tune, ...],
) -> None:
    assert broker.address is not None
    media.add(*six_s)
    scheduler = SchedulerStandIn(await link_for("scheduler"))
    start_at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=4.0)
    ballast = fill(disk, 3_300_000)
    settings = SpeakerSettings(
        "east", "playground", SITE, disk, broker.address, broker.credentials("east"), output="null"
    )
    scheduler.publish(programme_of(music_set(start_at, six_s), media=media.address, made_at=start_at))
    stop = asyncio.Event()
    speaker = asyncio.create_task(serve(settings, stop, lambda: None))
    await until(lambda: scheduler.state is not None and FULL in str(scheduler.state.fault), 10.0)
    await until(lambda: scheduler.plays(six_s[0]), 15.0, "the music goes on")
    ballast.unlink()
    await until(lambda: scheduler.state is not None and scheduler.state.fault is None, 15.0)
    await until(lambda: scheduler.plays(six_s[1]), 15.0)
    stop.set()
    await speaker


def test_as_run_records_wait_in_memory_and_are_on_disk_again_when_there_is_room(disk: Path) -> None:
    path = disk / "as-run.jsonl"
    spool = Spool(path)
    spool.add(record(1))
    ballast = fill(disk)
    for number in range(2, 60):
        spool.running(record(number))
        spool.add(record(number))
    assert fault_of(spool) == FULL
    assert spool.waiting == 59
    ballast.unlink()
    spool.add(record(60))
    assert fault_of(spool) is None
    assert Spool(path).waiting == 60
    assert not list(disk.glob("*.new"))


def test_a_message_is_kept_and_written_when_there_is_room(disk: Path) -> None:
    saved = Saved(disk / "state")
    ballast = fill(disk)
    silence = Silence(on=True, by="s.okoro", at=NOON)
    saved.save("silence", silence)
    saved.save("programme", programme_of())
    assert fault_of(saved) == FULL
    ballast.unlink()
    saved.save_again()
    assert fault_of(saved) is None
    again = Saved(disk / "state")
    assert again.load("silence", Silence) == silence
    assert again.load("programme", Programme) is not None
    assert not list((disk / "state").glob("*.new"))


def test_the_newest_message_is_the_one_that_is_written_later(disk: Path) -> None:
    saved = Saved(disk / "state")
    ballast = fill(disk)
    saved.save("silence", Silence(on=True, by="s.okoro", at=NOON))
    lifted = Silence(on=False, by="s.okoro", at=NOON + dt.timedelta(minutes=1))
    saved.save("silence", lifted)
    ballast.unlink()
    saved.save_again()
    assert Saved(disk / "state").load("silence", Silence) == lifted


def test_what_is_least_wanted_goes_first_and_what_is_wanted_before_never(disk: Path) -> None:
    cache = TrackCache(disk / "tracks", quota_bytes=5 * MB)
    order = [letter * 64 for letter in "abcde"]
    unnamed = "f" * 64
    cache.order(order)
    for track in (*order[1:4], unnamed):
        cache.path(track).write_bytes(bytes(MB))
    assert cache.room_for(order[0], MB, urgent=False)
    assert cache.has(unnamed)
    assert cache.room_for(order[0], 2 * MB, urgent=False)
    assert [cache.has(track) for track in (*order[1:4], unnamed)] == [True, True, True, False]
    assert cache.room_for(order[0], 3 * MB, urgent=False)
    assert [cache.has(track) for track in order[1:4]] == [True, True, False]
    assert not cache.room_for(order[4], 4 * MB, urgent=False)
    assert [cache.has(track) for track in order[1:3]] == [True, True]
    assert cache.room_for(order[4], 4 * MB, urgent=True), "a day's music goes before a quota"
