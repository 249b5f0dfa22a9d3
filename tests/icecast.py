"""A real Icecast for tests, on a port of its own, and a source that sends it music live and can be told to stall."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import until_now

MOUNT = "/school.mp3"
_PASSWORD = "for-this-test"
_CONFIG = """<icecast>
  <limits><clients>20</clients><sources>4</sources><source-timeout>60</source-timeout>
    <burst-on-connect>1</burst-on-connect><burst-size>65535</burst-size></limits>
  <authentication><source-password>{password}</source-password>
    <admin-user>admin</admin-user><admin-password>{password}</admin-password></authentication>
  <hostname>127.0.0.1</hostname>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>-</accesslog><errorlog>-</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot>{owner}</security>
</icecast>
"""
# Icecast refuses to run as root, and gives it up itself when it is told to whom.
_OWNER = "<changeowner><user>nobody</user><group>nogroup</group></changeowner>"


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


class Icecast:
    """One server; `kill` and `start` again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{MOUNT}"
        self._config = folder / "icecast.xml"
        owner = _OWNER if os.geteuid() == 0 else ""
        self._config.write_text(_CONFIG.format(password=_PASSWORD, port=self.port, owner=owner))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run, and wait until it answers."""
        self._process = subprocess.Popen(
            ["icecast2", "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until_now(self._answers, 10.0, "Icecast")

    def kill(self) -> None:
        """End at once, as a server that lost its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(5)
            self._process = None

    def tell_title(self, title: str) -> None:
        """Give the stream a title."""
        query = urllib.parse.urlencode({"mount": MOUNT, "mode": "updinfo", "song": title, "charset": "UTF-8"})
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/admin/metadata?{query}")
        request.add_header("Authorization", f"Basic {base64.b64encode(f'admin:{_PASSWORD}'.encode()).decode()}")
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert b"successful" in answer.read()

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            return True
        return False


class Source:
    """Sends a file of a constant bit rate to an Icecast at the pace of the clock, second 0 at `begun_s`."""

    def __init__(self, icecast: Icecast, path: Path, bytes_per_s: float, content_type: str = "audio/mpeg") -> None:
        self.stalls = False
        self.begun_s = 0.0
        self._icecast = icecast
        self._data = path.read_bytes()
        self._bytes_per_s = bytes_per_s
        self._type = content_type
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._send())
        async with asyncio.timeout(5.0):
            await self._ready.wait()

    async def stop(self) -> None:
        """Send no more, and close the connection."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await self._task

    async def _send(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._icecast.port)
        login = base64.b64encode(f"source:{_PASSWORD}".encode()).decode()
        head = f"SOURCE {MOUNT} HTTP/1.0\r\nAuthorization: Basic {login}\r\nContent-Type: {self._type}\r\n\r\n"
        writer.write(head.encode())
        assert b" 200 " in await reader.readline()
        self.begun_s = time.time()
        self._ready.set()
        sent = 0
        try:
            while sent < len(self._data):
                due = min(len(self._data), int((time.time() - self.begun_s) * self._bytes_per_s))
                if self.stalls:
                    sent = due  # what a source does not send is lost, as it is when a studio's line breaks
                elif due > sent:
                    writer.write(self._data[sent:due])
                    await writer.drain()
                    sent = due
                await asyncio.sleep(0.05)
        finally:
            writer.close()


@pytest.fixture
def icecast(tmp_path: Path) -> Iterator[Icecast]:
    """A running Icecast without a source."""
    if shutil.which("icecast2") is None:
        pytest.fail("these tests need a real server: apt-get install icecast2")
    server = Icecast(tmp_path)
    server.start()
    yield server
    server.kill()
