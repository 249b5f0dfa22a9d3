"""Tracks, programmes and a media server for the tests of the devices."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import logging
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.sound import Mono, encode, music, write_wav
from wire.programme import MusicSet, Programme, SetTrack

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def every_log_line_is_made(caplog: pytest.LogCaptureFixture) -> None:
    """Format each line of the log, so that a wrong one fails its test."""
    caplog.set_level(logging.INFO)


@dataclasses.dataclass(frozen=True)
class Tune:
    """A track of the tests: its file, its id, and the sound that it should give."""

    title: str
    path: Path
    id: str
    sound: Mono
    duration_s: float


def tune(folder: Path, seed: int, duration_s: float, kind: str = "flac") -> Tune:
    """Make a track that is like no other."""
    sound = music(seed, duration_s)
    path = encode(write_wav(folder / f"tune{seed}.wav", sound), kind)
    return Tune(f"Tune {seed}", path, hashlib.sha256(path.read_bytes()).hexdigest(), sound, duration_s)


@pytest.fixture(scope="session")
def tunes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tune, ...]:
    """Three tracks of half a minute."""
    folder = tmp_path_factory.mktemp("tunes")
    return tuple(tune(folder, seed, 30.0, kind) for seed, kind in ((1, "mp3"), (2, "flac"), (3, "ogg")))


def music_set(start_at: dt.datetime, tracks: Sequence[Tune], slot: str = "lunch", **more: object) -> MusicSet:
    """A set in which the tracks follow each other without a gap, to the end of the last."""
    placed: list[SetTrack] = []
    at_s = 0.0
    for one in tracks:
        placed.append(SetTrack(id=one.id, title=one.title, duration_s=one.duration_s, at_s=at_s))
        at_s += one.duration_s
    fields: dict[str, object] = {
        "slot": slot,
        "date": start_at.date(),
        "start_at": start_at,
        "end_at": start_at + dt.timedelta(seconds=at_s),
        "volume": 100,
        "tracks": tuple(placed),
        **more,
    }
    return MusicSet.model_validate(fields)


def programme_of(
    *sets: MusicSet,
    zone: str = "playground",
    revision: str = "1",
    media: str = "http://127.0.0.1:9/media",
    made_at: dt.datetime = NOON,
    **more: object,
) -> Programme:
    """A programme that is valid for a week."""
    fields: dict[str, object] = {
        "revision": revision,
        "zone": zone,
        "made_at": made_at,
        "valid_until": made_at + dt.timedelta(days=7),
        "media": media,
        "sets": sets,
        **more,
    }
    return Programme.model_validate(fields)


class MediaServer:
    """Serves files by id, with Range, as the scheduler does; counts what was asked, and can be told to lie."""

    def __init__(self) -> None:
        self.files: dict[str, Path] = {}
        self.asked: list[str] = []
        self.ranges: list[str] = []
        self._server = TestServer(self._application())

    @property
    def address(self) -> str:
        """What a programme names as `media`."""
        return str(self._server.make_url("/media"))

    def add(self, *tracks: Tune) -> None:
        """Serve these tracks."""
        self.files.update({one.id: one.path for one in tracks})

    async def start(self) -> None:
        """Listen on a free port."""
        await self._server.start_server()

    async def stop(self) -> None:
        """Listen no longer."""
        await self._server.close()

    def _application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/media/{track}", self._give)
        return application

    async def _give(self, request: web.Request) -> web.StreamResponse:
        track = request.match_info["track"]
        self.asked.append(track)
        self.ranges.append(request.headers.get("Range", ""))
        if track not in self.files:
            raise web.HTTPNotFound
        return web.FileResponse(self.files[track])


@pytest.fixture
async def media() -> AsyncIterator[MediaServer]:
    """A media server without files."""
    server = MediaServer()
    await server.start()
    yield server
    await server.stop()
