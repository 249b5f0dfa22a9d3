"""Tracks over HTTP: `GET /media/<id>` gives the file of a content, whole or in ranges, and nothing else is given.

Only what the scheduler allows is found, by its hash; no path comes in, and none goes out. A file that changed since it
was read is not given: its bytes would not be what the id says.
"""

from __future__ import annotations

import dataclasses
import logging
import socket
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from scheduler.errors import SchedulerError

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class MediaFile:
    """A file that may be given, as it was when its hash was taken."""

    file: Path
    size: int
    mtime_ns: int

    def is_as_read(self) -> bool:
        """Whether the file is still the one whose hash is known."""
        try:
            status = self.file.stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns)


class MediaServer:
    """The HTTP server; `find` gives the files of a content, none for what may not be given.

    Port 0 is the port of the last run, kept in `port_file`, so that the tracks' address stays the same; when that is
    taken, or there is none, a free one.
    """

    def __init__(
        self,
        find: Callable[[str], tuple[MediaFile, ...]],
        *,
        host: str,
        port: int,
        port_file: Path,
        url_host: str | None = None,
    ) -> None:
        self._find = find
        self._host = host
        self._port = port
        self._port_file = port_file
        self._url_host = url_host
        self._runner: web.AppRunner | None = None
        self._complained: set[str] = set()

    @property
    def url(self) -> str:
        """Where tracks are: `<url>/<id>`."""
        host = self._url_host or (socket.gethostname() if self._host in ("", "0.0.0.0", "::") else self._host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}/media"

    async def start(self) -> None:
        """Begin to serve; raises SchedulerError when the address cannot be used."""
        listening = self._bind()
        self._port = listening.getsockname()[1]
        application = web.Application()
        application.router.add_get("/media/{id:[0-9a-f]{64}}", self._give)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()
        _log.info("tracks are at %s", self.url)

    async def stop(self) -> None:
        """Serve no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        both = self._host == "::" and socket.has_dualstack_ipv6()  # IPv4 too, where "all addresses" is meant
        if self._port == 0:
            try:
                return socket.create_server((self._host, self._port_of_last_run()), family=family, dualstack_ipv6=both)
            except FileNotFoundError:
                _log.debug("no media port was used before")
            except OSError:
                _log.info("the media port of the last run is taken: another one is used")
        try:
            listening = socket.create_server((self._host, self._port), family=family, dualstack_ipv6=both)
        except OSError as wrong:
            where = f"{self._host}:{self._port}"
            raise SchedulerError(f"tracks cannot be served on {where}: {wrong.strerror or wrong}") from None
        if self._port == 0:
            self._keep_port(listening.getsockname()[1])
        return listening

    def _keep_port(self, port: int) -> None:
        try:
            self._port_file.parent.mkdir(parents=True, exist_ok=True)
            self._port_file.write_text(f"{port}\n", encoding="ascii")
        except OSError as wrong:
            _log.warning("%s: the media port is not kept: %s", self._port_file, wrong.strerror)

    def _port_of_last_run(self) -> int:
        """The port kept; raises OSError where there is none, as for one that is taken."""
        try:
            port = int(self._port_file.read_text(encoding="ascii"))
        except ValueError:
            raise OSError(f"{self._port_file} holds no port") from None
        if not 1024 <= port <= 65_535:
            raise OSError(f"{self._port_file} holds no port")
        return port

    async def _give(self, request: web.Request) -> web.StreamResponse:
        track_id = request.match_info["id"]
        files = self._find(track_id)
        for file in files:
            if file.is_as_read():
                return web.FileResponse(file.file, headers={"Cache-Control": "max-age=31536000, immutable"})
        if files:
            if track_id not in self._complained:
                self._complained.add(track_id)
                _log.warning("%s changed or went since it was scanned: not given; scan the music again", files[0].file)
            raise web.HTTPGone(text="the file changed since it was scanned")
        raise web.HTTPNotFound(text="no such track")
