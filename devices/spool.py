"""As-run records on their way to the scheduler: on disk until it has answered for them.

One JSON record a line, synchronised to the disk. The same batch is sent under the same request id, so that an answer
that was lost costs nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from pathlib import Path

from pydantic import ValidationError

from wire.asking import Asker
from wire.errors import NoAnswer, Refused, WireError
from wire.requests import PLAYED, PlayedAsk, PlayedRecord

_log = logging.getLogger(__name__)

BATCH = 100
MOST = 20_000
"""More records than a term makes: past it the oldest go, so that the disk never fills."""
RETRY_S = 5.0


class Spool:
    """The records of one speaker that were not answered for yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._running = path.with_suffix(".running")
        self._wake = asyncio.Event()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lines = self._load()
        self._take_up_what_was_running()

    @property
    def waiting(self) -> int:
        """How many records wait."""
        return len(self._lines)

    def add(self, record: PlayedRecord) -> None:
        """Put a record on disk, to be sent."""
        line = record.model_dump_json()
        self._lines.append(line)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._running.unlink(missing_ok=True)
        if len(self._lines) > MOST:
            self._lines = self._lines[-MOST:]
            self._rewrite()
        self._wake.set()

    def running(self, record: PlayedRecord) -> None:
        """Note a track that still plays, as if it stopped now: what is known of it should this program be killed."""
        beside = self._running.with_suffix(".new")
        beside.write_text(record.model_dump_json(), encoding="utf-8")
        beside.replace(self._running)

    async def run(self, asker: Asker) -> None:
        """Send what waits, batch by batch, until cancelled."""
        while True:
            self._wake.clear()
            if not self._lines:
                await self._wake.wait()
            if not await self._send(asker):
                await asyncio.sleep(RETRY_S)

    async def _send(self, asker: Asker) -> bool:
        batch = self._lines[:BATCH]
        request_id = hashlib.sha256("\n".join(batch).encode()).hexdigest()
        records = tuple(PlayedRecord.model_validate_json(line) for line in batch)
        try:
            await asker.ask(PLAYED, PlayedAsk(records=records), request_id=request_id)
        except NoAnswer:
            return False
        except Refused as refused:
            if refused.reason != "malformed":
                return False
            _log.error("the scheduler will never take %d as-run records: %s", len(batch), refused.message)
        except WireError as wrong:
            _log.warning("as-run records wait: %s", wrong)
            return False
        self._lines = self._lines[len(batch) :]
        self._rewrite()
        return True

    def _rewrite(self) -> None:
        beside = self._path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in self._lines))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)

    def _load(self) -> list[str]:
        if not self._path.exists():
            return []
        lines: list[str] = []
        for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                PlayedRecord.model_validate_json(line)
            except ValidationError:
                _log.warning("%s: a line was torn and is left out", self._path.name)
            else:
                lines.append(line)
        return lines

    def _take_up_what_was_running(self) -> None:
        if not self._running.exists():
            return
        try:
            record = PlayedRecord.model_validate_json(self._running.read_bytes())
        except ValidationError:
            self._running.unlink()
        else:
            self.add(record)
