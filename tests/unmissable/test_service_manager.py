"""What systemd hears of a speaker: a real process, and a socket in systemd's place."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.programs import Program
from unmissable.service_manager import ServiceManager
from wire.address import Credentials


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket that NOTIFY_SOCKET names."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(10.0)
        yield line


def test_a_speaker_says_that_it_is_ready_that_it_works_and_that_it_stops(
    systemd: socket.socket, tmp_path: Path
) -> None:
    credentials = tmp_path / "credentials.json"
    Credentials("east", "nobody-answers").save(credentials)
    speaker = Program(
        tmp_path / "log",
        *("speaker", "--id", "east", "--zone", "playground", "--site", "test", "--state", str(tmp_path / "east")),
        *("--output", "null", "--broker", "mqtt://127.0.0.1:9", "--credentials", str(credentials)),
        NOTIFY_SOCKET=str(tmp_path / "notify"),
    )
    try:
        assert systemd.recv(100) == b"READY=1"
        assert systemd.recv(100) == b"WATCHDOG=1"
        assert systemd.recv(100) == b"WATCHDOG=1"
        assert speaker.end(signal.SIGTERM) == 0
        last = b"WATCHDOG=1"
        while last == b"WATCHDOG=1":
            last = systemd.recv(100)
        assert last == b"STOPPING=1"
    finally:
        speaker.end()


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    manager = ServiceManager()
    manager.ready()
    manager.alive()
    manager.stopping()


def test_a_socket_that_went_away_harms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    ServiceManager().ready()
