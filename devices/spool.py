"""As-run records on their way to the scheduler: on disk until it has answered for them.

One JSON record a line, synchronised to the disk. The same batch is sent under the same request id, so that an answer
that was lost costs nothing. While the disk takes nothing, records wait in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from devices.disk import disk_fault
from wire.asking import Asker
from wire.errors import NoAnswer, Refused, WireError
from wire.requests import PLAYED, PlayedAsk, PlayedRecord

_log = logging.getLogger(__name__)

BATCH = 100
MOST = 20_000
"""More records than a term makes: past it the oldest go, so that the disk never fills."""
SLACK = 1_000
"""So many may be too many, or be sent already, before the file is written anew: seconds, on a slow card."""
RETRY_S = 5.0


class Spool:
    """The records of one speaker that were not answered for yet."""

    def __init__(self, path: Path) -> None:
        self.fault: str | None = None
        self._path = path
        self._running = path.with_suffix(".running")
        self._wake = asyncio.Event()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._answered = 0
        """Records that the scheduler has, and the file still has."""
        self._stale = False
        """Whether the file is not what `_lines` are: torn, too long, or not written."""
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
        if len(self._lines) > MOST + SLACK:
            self._lines = self._lines[-MOST:]
            self._stale = True
        if self._stale:
            self._rewrite()
        else:
            with self._telling(), self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        with contextlib.suppress(OSError):
            self._running.unlink(missing_ok=True)
        self._wake.set()

    def running(self, record: PlayedRecord) -> None:
        """Note a track that still plays, as if it stopped now: what is known of it should this program be killed."""
        beside = self._running.with_suffix(".new")
        try:
            beside.write_text(record.model_dump_json(), encoding="utf-8")
            beside.replace(self._running)
        except OSError as failure:
            self.fault = disk_fault(failure)
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """What is written within is told as a fault where it fails, and is tried again with the next record."""
        try:
            yield
        except OSError as failure:
            if self.fault is None:
                _log.error("%s: %s", self._path, failure.strerror)
            self.fault, self._stale = disk_fault(failure), True
        else:
            self.fault, self._stale = None, False

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
        self._answered += len(batch)
        if self._answered >= SLACK or not self._lines or self._stale:
            self._rewrite()
        return True

    def _rewrite(self) -> None:
        beside = self._path.with_suffix(".new")
        with self._telling():
            try:
                with beside.open("w", encoding="utf-8") as file:
                    file.write("".join(line + "\n" for line in self._lines))
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(self._path)
            except OSError:
                # It must not fill the disk that is full already.
                with contextlib.suppress(OSError):
                    beside.unlink(missing_ok=True)
                raise
            self._answered = 0

    def _load(self) -> list[str]:
        try:
            content = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        except OSError as failure:
            _log.error("%s: as-run records are left out: %s", self._path, failure.strerror)
            return []
        lines: list[str] = []
        for line in content.splitlines():
            try:
                PlayedRecord.model_validate_json(line)
            except ValidationError:
                _log.warning("%s: a line was torn and is left out", self._path.name)
                self._stale = True
            else:
                lines.append(line)
        # Else the next record would be written behind a torn line, and be lost with it.
        self._stale = self._stale or not (content == "" or content.endswith("\n"))
        return lines

    def _take_up_what_was_running(self) -> None:
        try:
            record = PlayedRecord.model_validate_json(self._running.read_bytes())
        except FileNotFoundError:
            return
        except (ValidationError, OSError):
            with contextlib.suppress(OSError):
                self._running.unlink(missing_ok=True)
        else:
            self.add(record)
