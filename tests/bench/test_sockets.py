"""A player's socket."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from bench import sockets


async def test_a_player_is_reached_once_it_listens_behind_its_socket_that_is_there_earlier(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        connecting = asyncio.create_task(sockets.connect(tmp_path / "socket"))
        await asyncio.sleep(0.1)
        assert not connecting.done()
        listening.listen()
        _, writer = await connecting
        writer.close()
        await writer.wait_closed()


async def test_a_player_that_never_listens_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "LISTENS_WITHIN_S", 0.1)
    with pytest.raises(ConnectionError, match="nobody listens on"):
        await sockets.connect(tmp_path / "socket")
