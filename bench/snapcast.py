"""Snapcast: its server, fed with PCM by a pipe, and a client in each room."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import subprocess
import time
from pathlib import Path

import numpy as np

from bench.children import Children
from bench.meter import SINKS
from tests.sound import Mono, PrivatePulse
from wire.mosquitto import free_port

BUFFER_S = 1.0
"""What the server adds between the pipe and the sound, its own default."""


class Snapcast:
    """One server, and a client for each room by number."""

    def __init__(self, folder: Path, started: Children, pulse: PrivatePulse) -> None:
        self._folder = folder
        self._started = started
        self._pulse = pulse
        self._port = free_port()
        self._fifo = folder / "pcm"
        self._pipe: int | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._clients: dict[int, subprocess.Popen[bytes]] = {}

    async def start(self) -> None:
        """Start the server and both clients."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self._fifo.exists():
            os.mkfifo(self._fifo)
        configuration = self._folder / "snapserver.conf"
        configuration.write_text(
            f"[server]\ndatadir = {self._folder}\n[http]\nenabled = false\n[tcp]\nenabled = false\n"
            f"[stream]\nbind_to_address = 127.0.0.1\nport = {self._port}\nbuffer = {round(BUFFER_S * 1e3)}\n"
            f"source = pipe://{self._fifo}?name=default&sampleformat=44100:16:2\n[logging]\nsink = stderr\n",
            encoding="utf-8",
        )
        self._server = self._started.start("snapserver", ["snapserver", "-c", str(configuration)])
        self._pipe = os.open(self._fifo, os.O_RDWR | os.O_NONBLOCK)
        await asyncio.sleep(0.5)
        for room in range(len(SINKS)):
            self.start_client(room)
        await asyncio.sleep(2.0)

    def start_client(self, room: int) -> subprocess.Popen[bytes]:
        """Start one room's client."""
        command = [
            *("snapclient", "-h", "127.0.0.1", "-p", str(self._port), "-i", str(room + 1), "--hostID", SINKS[room]),
            *("--player", "pulse", "--logsink", "stderr"),
        ]
        environment = {**self._pulse.environment(SINKS[room]), "HOME": str(self._folder)}
        self._clients[room] = self._started.start(f"snapclient-{SINKS[room]}", command, environment)
        return self._clients[room]

    def client(self, room: int) -> subprocess.Popen[bytes]:
        """One room's client as a process."""
        return self._clients[room]

    def kill_client(self, room: int) -> None:
        """End one client as a power cut does."""
        self._started.end(self._clients.pop(room), kill=True)

    async def feed(self, sound: Mono) -> float:
        """Give the server sound, at the pace at which it takes it; returns the instant of its second 0, about."""
        frames = np.repeat((sound * 32_767).astype("<i2")[:, None], 2, axis=1).tobytes()
        told_s = time.time()
        await asyncio.to_thread(self._write, frames)
        return told_s + BUFFER_S

    def _write(self, frames: bytes) -> None:
        view = memoryview(frames)
        while view and (pipe := self._pipe) is not None:
            # Never blocked in a write: nobody reads any more when the server has ended.
            _, writable, _ = select.select([], [pipe], [], 0.2)
            if writable:
                with contextlib.suppress(BlockingIOError, OSError):
                    view = view[os.write(pipe, view[:16_384]) :]

    async def stop(self) -> None:
        """End the clients and the server."""
        for client in self._clients.values():
            self._started.end(client)
        self._clients.clear()
        pipe, self._pipe = self._pipe, None
        if self._server is not None:
            self._started.end(self._server)
            self._server = None
        if pipe is not None:
            await asyncio.sleep(0.3)  # a writer that waits for this pipe has seen by then that it ended
            os.close(pipe)
