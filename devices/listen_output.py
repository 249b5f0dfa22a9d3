"""A zone as internet radio: an output that sounds in whoever opens http://HOST:PORT/listen/ZONE.

It is paced by the clock as the null output is; `mp3_encoding` encodes, `listeners` holds those who listen. This module
joins them to an HTTP server: the stream, a page with a player, a playlist file that names the stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import html
import logging
import re
import socket
from http import HTTPStatus

from aiohttp import web

from devices.listeners import Listeners
from devices.mp3_encoding import BITRATE, Mp3Encoder
from devices.output import NullOutput, Output
from devices.pcm import Frames
from devices.player import Player
from devices.timebase import Timebase

_log = logging.getLogger(__name__)

RETRY_S = 3.0
METAINT = 16_000
"""A title is told every so many bytes, as Icecast does it: every 0.7 s."""
_ADDRESS = re.compile(r"http://(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})/?")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,100}")
_ANY_HOST = ("0.0.0.0", "::")  # noqa: S104 - these are recognised here, not listened on
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{zone}</title>
<style>body {{font: 1.3rem sans-serif; margin: 3rem auto; max-width: 34rem; padding: 0 1rem}}
audio {{width: 100%}}</style>
</head><body>
<h1>You can hear the zone {zone} here</h1>
<p>Press play. Between the slots of the school day it is silent, and goes on by itself.</p>
<audio controls preload="none" src="/listen/{zone}"></audio>
<p>It is some seconds later than the speakers in the zone itself, so do not play it where those are heard.</p>
<p>For a player that asks for an address: <a href="/listen/{zone}.m3u">the playlist file</a>.</p>
</body></html>
"""
_PAGE_RULES = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'"


@dataclasses.dataclass(frozen=True)
class ListenAddress:
    """Where to listen for those who listen."""

    host: str
    port: int

    @property
    def shown_host(self) -> str:
        """How others call this machine."""
        host = socket.gethostname() if self.host in _ANY_HOST else self.host
        return f"[{host}]" if ":" in host else host


def parse_listen_address(text: str) -> ListenAddress | None:
    """The address of `--output http://HOST:PORT`; None when it is none."""
    found = _ADDRESS.fullmatch(text)
    if found is None or not 1 <= int(found["port"]) <= 65_535:
        return None
    return ListenAddress(found["host"].strip("[]"), int(found["port"]))


class ListenOutput(Output):
    """One zone's stream at one address."""

    def __init__(self, player: Player, timebase: Timebase, address: ListenAddress, zone: str) -> None:
        self._player = player
        self._address = address
        self._zone = zone
        self._fault: str | None = None
        self.listeners = Listeners()
        self._encoder = Mp3Encoder(self.listeners.give)
        self._paced = NullOutput(player, timebase, self._take)
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def name(self) -> str:
        """The stream's address, and how many listen."""
        host = self._address.shown_host
        return f"http://{host}:{self._address.port}/listen/{self._zone} ({len(self.listeners)} listen)"

    @property
    def fault(self) -> str | None:
        """Why nobody can listen."""
        return self._fault or self._encoder.fault

    async def start(self) -> None:
        """Begin to encode and to serve, or to try."""
        await self._try_to_serve()
        await self._paced.start()
        self._tasks = [
            asyncio.create_task(self._encoder.run(), name="encoder"),
            asyncio.create_task(self._go_on_trying(), name="listen server"),
        ]

    async def stop(self) -> None:
        """Let everybody go, and end what was started in reverse."""
        for task in reversed(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._paced.stop()
        self.listeners.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _take(self, _instant_s: float, frames: Frames) -> None:
        sounding = self._player.sounding
        label = None if sounding is None else sounding.label
        self.listeners.title = "" if label is None else " - ".join(one for one in (label.artist, label.title) if one)
        self._encoder.feed(frames)

    async def _go_on_trying(self) -> None:
        while self._runner is None:
            await asyncio.sleep(RETRY_S)
            await self._try_to_serve()

    async def _try_to_serve(self) -> None:
        application = web.Application()
        application.router.add_get("/", self._page)
        application.router.add_get("/listen/{name}", self._listen)
        # What ends a stream is `Listeners.close`; who asks for more than that at the end is not waited for.
        # One who goes is noticed at once, and not when the next piece cannot be written.
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._address.host, self._address.port).start()
        except OSError as wrong:
            await runner.cleanup()
            where = f"{self._address.host}:{self._address.port}"
            fault = f"nobody can listen at {where}: {_reason(wrong)}"
            if fault != self._fault:
                _log.error("%s", fault)
            self._fault = fault
        else:
            self._runner, self._fault = runner, None
            _log.info("the zone can be heard at %s", self.name)

    async def _page(self, _request: web.Request) -> web.Response:
        page = _PAGE.format(zone=html.escape(self._zone))
        return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": _PAGE_RULES})

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name == f"{self._zone}.m3u":
            return web.Response(text=f"#EXTM3U\n#EXTINF:-1,{self._zone}\n{self._stream_address(request)}\n",
                                content_type="audio/x-mpegurl")  # fmt: skip
        if name != self._zone:
            raise web.HTTPNotFound(text=f"this speaker plays the zone {self._zone}: /listen/{self._zone}\n")
        wants_titles = request.headers.get("Icy-MetaData") == "1"
        headers = {"Content-Type": "audio/mpeg", "Cache-Control": "no-store", "icy-name": self._zone,
                   "icy-br": str(BITRATE // 1000)}  # fmt: skip
        if wants_titles:
            headers["icy-metaint"] = str(METAINT)
        if request.method == "HEAD":
            return web.Response(headers=headers)
        if not self.listeners.room:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="too many listen already\n",
                                headers={"Retry-After": "60"})  # fmt: skip
        response = web.StreamResponse(headers=headers)
        await self.listeners.serve(request, response, METAINT if wants_titles else 0)
        return response

    def _stream_address(self, request: web.Request) -> str:
        # As the listener calls this machine, which reached it; what a header may not hold is not repeated.
        asked = request.headers.get("Host", "")
        own = f"{self._address.shown_host}:{self._address.port}"
        return f"http://{asked if _HOST.fullmatch(asked) else own}/listen/{self._zone}"


def _reason(wrong: OSError) -> str:
    """What the system says, without asyncio's repetition of the address."""
    reasons = {98: "the port is taken by another program", 99: "this machine has no such address",
               13: "ports below 1024 are for root alone"}  # fmt: skip
    return reasons.get(wrong.errno or 0, wrong.strerror or str(wrong))
