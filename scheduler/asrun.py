"""The as-run log: what the speakers say they played, kept on disk, and the pure value of it that filling takes.

One file of JSON lines for each local date, one line for each record, with the instant at which the scheduler heard
of it. A file is only ever appended to; a last line torn by a power cut is passed over.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from wire.requests import PlayedRecord
from wire.values import instant_text

_log = logging.getLogger(__name__)

KEEP_DAYS = 400
"""Older files are removed: a whole school year can be looked back on, and the disk does not fill."""
LOOK_BACK_DAYS = 28
"""How far back filling looks for what was played."""
DAY_TURNS_AT = dt.time(3, 0)
"""Filling sees the log as it was at this local time, so that nothing shifts while the school is in."""

_Key = tuple[str, str, str, str]


@dataclasses.dataclass(frozen=True)
class AsRun:
    """When each track was last heard anywhere in the school, as known at one instant; empty means nothing is known."""

    last_played: Mapping[str, dt.datetime] = dataclasses.field(default_factory=dict)

    def last(self, track_id: str) -> dt.datetime | None:
        """When the track was last started, or None when it was not heard in the weeks looked back on."""
        return self.last_played.get(track_id)


def day_turned_at(date: dt.date, timezone: ZoneInfo) -> dt.datetime:
    """The instant of 03:00 local time on a date, in UTC."""
    return dt.datetime.combine(date, DAY_TURNS_AT, timezone).astimezone(dt.UTC)


@dataclasses.dataclass(frozen=True)
class _Line:
    heard_at: dt.datetime
    record: PlayedRecord


class AsRunLog:
    """The log in one folder; every record is kept once, however often it is sent."""

    def __init__(self, folder: Path, timezone: ZoneInfo) -> None:
        self._folder = folder
        self._timezone = timezone
        self._keys: dict[dt.date, set[_Key]] = {}

    def keep(self, records: Iterable[PlayedRecord], heard_at: dt.datetime) -> int:
        """Puts on disk those records that are not there yet; how many of those given are there now. Raises OSError."""
        fresh: dict[dt.date, dict[_Key, PlayedRecord]] = {}
        count = 0
        for record in records:
            count += 1
            date = record.started_at.astimezone(self._timezone).date()
            if (key := _key(record)) not in self._known(date):
                fresh.setdefault(date, {})[key] = record
        for date, new in fresh.items():
            self._append(date, new.values(), heard_at)
            self._known(date).update(new)
        return count

    def records(self, date: dt.date) -> tuple[PlayedRecord, ...]:
        """What was played on a local date, in the order of starting."""
        return tuple(sorted((line.record for line in self._lines(date)), key=lambda record: record.started_at))

    def as_of(self, date: dt.date) -> AsRun:
        """What filling sees on a date: all that the scheduler had heard of by 03:00 that day.

        Records that come later, from a speaker that was cut off, do not count until the next day: the programme of a
        day is the same before and after a restart.
        """
        until = day_turned_at(date, self._timezone)
        last: dict[str, dt.datetime] = {}
        for back in range(LOOK_BACK_DAYS + 1):
            for line in self._lines(date - dt.timedelta(days=back)):
                record = line.record
                if line.heard_at >= until or record.started_at >= until or record.why == "missing":
                    continue
                if record.track not in last or last[record.track] < record.started_at:
                    last[record.track] = record.started_at
        return AsRun(MappingProxyType(last))

    def prune(self, today: dt.date) -> int:
        """Removes the files of dates more than 400 days ago; how many."""
        old = [path for path, date in self._files() if (today - date).days > KEEP_DAYS]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _files(self) -> Iterator[tuple[Path, dt.date]]:
        for path in sorted(self._folder.glob("*.jsonl")):
            try:
                yield path, dt.date.fromisoformat(path.stem)
            except ValueError:
                _log.warning("as-run log: %s is not named for a date, left alone", path.name)

    def _file(self, date: dt.date) -> Path:
        return self._folder / f"{date.isoformat()}.jsonl"

    def _known(self, date: dt.date) -> set[_Key]:
        if date not in self._keys:
            if len(self._keys) > LOOK_BACK_DAYS:
                self._keys.clear()
            self._keys[date] = {_key(line.record) for line in self._lines(date)}
        return self._keys[date]

    def _append(self, date: dt.date, records: Iterable[PlayedRecord], heard_at: dt.datetime) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(
            json.dumps({"heard_at": instant_text(heard_at), **record.model_dump(mode="json")}, ensure_ascii=False)
            + "\n"
            for record in records
        )
        with self._file(date).open("ab+") as file:
            if file.tell() > 0:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())

    def _lines(self, date: dt.date) -> Iterator[_Line]:
        try:
            raw = self._file(date).read_bytes()
        except FileNotFoundError:
            return
        except OSError as wrong:
            _log.warning("as-run log: %s cannot be read: %s", self._file(date).name, wrong.strerror)
            return
        for number, text in enumerate(raw.split(b"\n"), start=1):
            if not text.strip():
                continue
            try:
                record = PlayedRecord.model_validate_json(text)
                heard_at = dt.datetime.fromisoformat(str(json.loads(text).get("heard_at")))
            except (ValidationError, ValueError, RecursionError):
                _log.warning("as-run log: line %d of %s cannot be read, passed over", number, self._file(date).name)
                continue
            yield _Line(heard_at if heard_at.tzinfo else heard_at.replace(tzinfo=dt.UTC), record)


class AsRunOfTheDay:
    """The log in force and what filling sees of it today, read once a day: nothing that comes in later changes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._timezone: ZoneInfo | None = None
        self._of: tuple[dt.date, bool] | None = None
        self._as_run = AsRun()
        self._reading = threading.Lock()
        self.log: AsRunLog | None = None

    def as_of(self, today: dt.date, now: dt.datetime, timezone: ZoneInfo) -> AsRun:
        """What filling sees of the log today; between midnight and 03:00 that is what is known so far.

        May be called from any thread.
        """
        with self._reading:
            if self.log is None or timezone != self._timezone:
                self._timezone, self.log, self._of = timezone, AsRunLog(self._folder, timezone), None
            of = today, now >= day_turned_at(today, timezone)
            if of != self._of:
                self.log.prune(today)
                self._as_run = self.log.as_of(today)
                self._of = of
            return self._as_run


def _key(record: PlayedRecord) -> _Key:
    return record.speaker, record.set, record.track, instant_text(record.started_at)
