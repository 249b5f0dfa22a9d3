"""Tracks over HTTP: by content alone, in ranges, and never bytes that are not what the id says."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from scheduler.errors import SchedulerError
from scheduler.media import MediaFile, MediaServer

CONTENT = bytes(range(256)) * 400
ID = "a" * 64


@pytest.fixture
def track(tmp_path: Path) -> Path:
    file = tmp_path / "music" / "Ünï – 音楽 #1?.ogg"
    file.parent.mkdir()
    file.write_bytes(CONTENT)
    return file


def media_file(file: Path) -> MediaFile:
    status = file.stat()
    return MediaFile(file, status.st_size, status.st_mtime_ns)


@pytest.fixture
async def url(track: Path, tmp_path: Path) -> AsyncIterator[str]:
    files = {ID: (media_file(track),)}
    server = MediaServer(
        lambda track_id: files.get(track_id, ()), host="127.0.0.1", port=0, port_file=tmp_path / "media.port"
    )
    await server.start()
    yield server.url
    await server.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_content_is_given_whole_and_says_nothing_of_its_path(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/{ID}") as answer:
        assert answer.status == 200
        assert await answer.read() == CONTENT
        assert "music" not in str(answer.headers)


@pytest.mark.parametrize(
    ("wanted", "part"),
    [("bytes=0-9", CONTENT[:10]), ("bytes=100000-", CONTENT[100_000:]), ("bytes=-7", CONTENT[-7:])],
)
async def test_a_range_is_given(url: str, http: aiohttp.ClientSession, wanted: str, part: bytes) -> None:
    async with http.get(f"{url}/{ID}", headers={"Range": wanted}) as answer:
        assert answer.status == 206
        assert await answer.read() == part
        assert answer.headers["Content-Range"].endswith(f"/{len(CONTENT)}")


async def test_a_range_behind_the_end_is_refused(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/{ID}", headers={"Range": "bytes=999999999-"}) as answer:
        assert answer.status == 416


@pytest.mark.parametrize(
    "path", ["b" * 64, "", "..%2f..%2fetc%2fpasswd", "music/x.ogg", "A" * 64, "a" * 63, f"{ID}/..", f"{ID}.gz"]
)
async def test_nothing_else_is_found(url: str, http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(f"{url}/{path}") as answer:
        assert answer.status == 404
        assert b"/" not in await answer.read()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_put(url: str, http: aiohttp.ClientSession, method: str) -> None:
    async with http.request(method, f"{url}/{ID}", data=b"x") as answer:
        assert answer.status == 405


def change(file: Path) -> None:
    file.write_bytes(CONTENT + b"more")


def touch(file: Path) -> None:
    os.utime(file, ns=(1, 1))


@pytest.mark.parametrize("meddle", [change, touch, Path.unlink])
async def test_a_file_that_is_not_as_it_was_read_is_not_given(
    meddle: Callable[[Path], None],
    url: str,
    http: aiohttp.ClientSession,
    track: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    meddle(track)
    for _ in range(3):
        async with http.get(f"{url}/{ID}") as answer:
            assert answer.status == 410
    assert caplog.text.count("scan the music again") == 1


async def test_of_two_files_of_one_content_the_one_that_is_still_there_is_given(
    track: Path, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    other = tmp_path / "other.ogg"
    other.write_bytes(CONTENT)
    files = (media_file(track), media_file(other))
    touch(track)
    server = MediaServer(lambda _: files, host="127.0.0.1", port=0, port_file=tmp_path / "media.port")
    await server.start()
    try:
        async with http.get(f"{server.url}/{ID}") as answer:
            assert await answer.read() == CONTENT
    finally:
        await server.stop()


async def test_the_address_is_the_same_after_a_restart_and_another_when_it_is_taken(tmp_path: Path) -> None:
    def server() -> MediaServer:
        return MediaServer(lambda _: (), host="127.0.0.1", port=0, port_file=tmp_path / "media.port")

    first = server()
    await first.start()
    await first.stop()
    second = server()
    await second.start()
    assert second.url == first.url
    third = server()
    await third.start()
    assert third.url != second.url
    await third.stop()
    await second.stop()


@pytest.mark.parametrize("kept", ["", "nonsense", "80", "99999", "-1"])
async def test_a_kept_port_that_is_none_is_passed_over(kept: str, tmp_path: Path) -> None:
    (tmp_path / "media.port").write_text(kept)
    server = MediaServer(lambda _: (), host="127.0.0.1", port=0, port_file=tmp_path / "media.port")
    await server.start()
    assert server.url.endswith(f":{(tmp_path / 'media.port').read_text().strip()}/media")
    await server.stop()


async def test_a_port_that_was_asked_for_and_is_taken_is_one_clear_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = MediaServer(lambda _: (), host="127.0.0.1", port=port, port_file=tmp_path / "media.port")
        with pytest.raises(SchedulerError, match=f"127.0.0.1:{port}: Address already in use"):
            await server.start()


def test_speakers_are_given_the_name_that_they_reach(tmp_path: Path) -> None:
    server = MediaServer(
        lambda _: (), host="0.0.0.0", port=8484, port_file=tmp_path / "media.port", url_host="music.school.example"
    )
    assert server.url == "http://music.school.example:8484/media"


async def test_on_all_addresses_tracks_are_given_by_ipv4_and_by_ipv6(
    track: Path, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    files = (media_file(track),)
    server = MediaServer(lambda _: files, host="::", port=0, port_file=tmp_path / "media.port", url_host="127.0.0.1")
    await server.start()
    try:
        for url in (server.url, server.url.replace("127.0.0.1", "[::1]")):
            async with http.get(f"{url}/{ID}") as answer:
                assert await answer.read() == CONTENT
    finally:
        await server.stop()
