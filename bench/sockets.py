"""The Unix sockets by which a player is told what to do."""

from __future__ import annotations

import asyncio
from pathlib import Path

LISTENS_WITHIN_S = 10.0
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(socket: Path) -> Stream:
    """Connect as soon as the player listens: its socket is there a little earlier. Raises ConnectionError."""
    for _ in range(round(LISTENS_WITHIN_S / 0.02)):
        try:
            return await asyncio.open_unix_connection(socket)
        except (FileNotFoundError, ConnectionRefusedError):
            await asyncio.sleep(0.02)
    raise ConnectionError(f"nobody listens on {socket} after {LISTENS_WITHIN_S:g} s")
