"""A small school for the service's tests, open every day of the year, and its scheduler as a running program."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import pickle
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from scheduler.library_store import LibraryStore
from scheduler.service import SchedulerSettings, serve
from tests.brokers import SITE
from wire.clock import KeptClock, steady_s
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker
from wire.programme import Programme, Turn
from wire.states import ProgramState
from wire.values import Message

SCHEDULE = f"""
school: {{name: Otter Primary, site: {SITE}, timezone: Europe/London}}
zones:
  playground: {{volume: 70, limit: 85}}
  classrooms: {{volume: 40, limit: 60}}
playlists:
  morning: {{folder: music}}
days:
  normal:
    - {{slot: break, from: 10:30, to: 10:45, zones: [playground], playlist: morning, dj: true}}
    - {{slot: lunch, from: 12:00, to: 12:10, zones: [playground, classrooms], playlist: morning}}
week: {{monday: normal, tuesday: normal, wednesday: normal, thursday: normal, friday: normal,
       saturday: normal, sunday: normal}}
terms:
  - {{name: Always, from: 2020-01-01, to: 2090-12-31}}
bank_holidays: none
"""


def tomorrow() -> dt.date:
    """A date that is in every programme and none of whose slots has begun, whatever the time is."""
    return dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)


@dataclasses.dataclass
class School:
    """A school's config folder with its library scanned, and the broker it talks to."""

    config: Path
    broker: PrivateBroker
    enrolment: Path

    @property
    def state(self) -> Path:
        return self.config / "state"

    @property
    def store(self) -> LibraryStore:
        return LibraryStore(self.state / "library.sqlite")

    @property
    def schedule(self) -> Path:
        return self.config / "schedule.yaml"

    def id_of(self, name: str) -> str:
        """The id of a file in the music folder."""
        return self.store.files()[f"music/{name}"].id

    def settings(self) -> SchedulerSettings:
        """The scheduler's settings."""
        assert self.broker.address is not None
        return SchedulerSettings(
            config=self.config,
            state=self.state,
            broker=self.broker.address,
            credentials=self.broker.credentials("scheduler"),
            enrolment=self.enrolment,
        )

    async def start_process(self) -> asyncio.subprocess.Process:
        """The scheduler in a process of its own, to be ended by the caller."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROGRAM, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert process.stdin is not None
        process.stdin.write(pickle.dumps(self.settings()))
        process.stdin.close()
        return process

    @contextlib.asynccontextmanager
    async def running(self, clock: KeptClock | None = None) -> AsyncIterator[None]:
        """The scheduler, from its first publishing to its end."""
        stop, ready = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(serve(self.settings(), stop, ready.set, clock))
        waiting = asyncio.create_task(ready.wait())
        try:
            await asyncio.wait((task, waiting), timeout=15.0, return_when=asyncio.FIRST_COMPLETED)
            assert ready.is_set(), "the scheduler did not get ready"
            yield
        finally:
            waiting.cancel()
            stop.set()
            await asyncio.wait_for(task, 10.0)


_PROGRAM = """
import asyncio, pickle, sys
from scheduler.service import serve
asyncio.run(serve(pickle.load(sys.stdin.buffer), asyncio.Event(), lambda: None))
"""


class SetClock(KeptClock):
    """A school clock that a test sets to any instant, from where it goes on."""

    def __init__(self, at: dt.datetime) -> None:
        super().__init__()
        self._ahead_s = 0.0
        self.set(at)

    def set(self, at: dt.datetime) -> None:
        """Make it this time now."""
        self._ahead_s = at.timestamp() - super().at_steady(steady_s())

    def at_steady(self, steady: float) -> float:
        return super().at_steady(steady) + self._ahead_s


class Listener:
    """All that a school's screens and speakers hear of the scheduler, in order."""

    def __init__(self, link: Link) -> None:
        self.programmes: list[Heard[Programme]] = []
        self.states: list[ProgramState] = []
        self.cleared: list[str] = []
        link.listen(link.topics.programme(), Programme, self._hear)
        link.listen(link.topics.program("scheduler"), ProgramState, self._hear_state)

    def _hear(self, heard: Heard[Programme]) -> None:
        if heard.message is None:
            self.cleared.append(heard.tail[1])
        else:
            self.programmes.append(heard)

    def _hear_state(self, heard: Heard[ProgramState]) -> None:
        if heard.message is not None:
            self.states.append(heard.message)

    def of(self, zone: str) -> list[Programme]:
        """Every programme of a zone that was heard."""
        return [heard.message for heard in self.programmes if heard.message and heard.message.zone == zone]

    def heard_more(self, zone: str, count: int) -> bool:
        """Whether more than so many programmes of a zone were heard."""
        return len(self.of(zone)) > count

    @property
    def online(self) -> bool:
        """Whether the scheduler says that it is there."""
        return bool(self.states) and self.states[-1].online

    @property
    def error(self) -> str | None:
        """What the scheduler says is wrong now."""
        return self.states[-1].error if self.states else None


def turn(picks: tuple[str, ...], date: dt.date | None = None) -> Turn:
    """A turn for tomorrow's break by an invented pupil, who picked on the day before."""
    date = date or tomorrow()
    picked_at = dt.datetime.combine(date - dt.timedelta(days=1), dt.time(14), tzinfo=dt.UTC)
    return Turn(date=date, slot="break", pupil="p-1", dj="Bramble", picks=picks, at=picked_at)


def retain(link: Link, topic: str, message: Message) -> None:
    """Put a retained message on the broker."""
    link.publish(topic, message, retain=True)


def tracks_of(programme: Programme, slot: str, date: dt.date | None = None) -> tuple[str, ...]:
    """The tracks of one set, by default tomorrow's."""
    return next(
        tuple(track.id for track in music.tracks)
        for music in programme.sets
        if (music.slot, music.date) == (slot, date or tomorrow())
    )
