"""The scheduler as a running program: it keeps on the broker what should sound, and answers what it is asked.

One task does all the work, each time from the beginning: look at the files, compile, publish what changed. Whatever
happens (a turn, a file, the alarm clock) only wakes it. It publishes first when it has heard every retained turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import importlib.metadata
import logging
from collections.abc import Callable
from pathlib import Path

from scheduler.alarm import Alarm
from scheduler.answers import Answers
from scheduler.asrun import AsRunOfTheDay
from scheduler.calling import Calls
from scheduler.holds import Holds
from scheduler.media import MediaServer
from scheduler.moment import Moment
from scheduler.plan import begun_sets
from scheduler.publishing import Publisher
from scheduler.school_files import SchoolFiles
from scheduler.timetable import Timetable
from scheduler.turns import HeardTurns
from scheduler.users import Users
from wire.address import BrokerAddress, Credentials
from wire.asking import Answerer
from wire.clock import KeptClock
from wire.errors import Refused
from wire.link import Link
from wire.requests import DayAnswer, DayAsk, Service
from wire.states import ProgramState
from wire.topics import Topics

_log = logging.getLogger(__name__)

RECONCILE_S = 60.0
"""Without any reason the programme is compiled again after so long: it makes good whatever was missed."""
_PATIENCE_S = 10.0
_LONGEST_ERROR = 300
_NAME = Service.SCHEDULER.value


@dataclasses.dataclass(frozen=True)
class SchedulerSettings:
    """What the scheduler is told: `config` is the folder of schedule.yaml, `state` where it keeps its own files.

    `media_port` 0 means the port of the last run; `media_url_host` is the name that speakers reach this machine by.
    """

    config: Path
    state: Path
    broker: BrokerAddress
    credentials: Credentials
    enrolment: Path
    media_host: str = "127.0.0.1"
    media_port: int = 0
    client: str = "1"
    media_url_host: str | None = None


async def serve(
    settings: SchedulerSettings, stop: asyncio.Event, ready: Callable[[], None], clock: KeptClock | None = None
) -> None:
    """Run until `stop`; `ready` is called once, after the first publishing; `clock` is the school's, if not a new one.

    Raises BrokerError when it is not known who is enrolled, SchedulerError when tracks cannot be served, LinkError when
    another scheduler runs.
    """
    scheduler = _Scheduler(settings, Users(settings.enrolment), clock or KeptClock())
    async with contextlib.AsyncExitStack() as running:
        await scheduler.start(running)
        work = asyncio.create_task(scheduler.work(ready), name="scheduler")
        stopping = asyncio.create_task(scheduler.stopped(stop), name="stop")
        try:
            await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, stopping):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


class _Scheduler:
    """The parts of the running scheduler, and the work that they wake."""

    def __init__(self, settings: SchedulerSettings, users: Users, clock: KeptClock) -> None:
        self._site = users.site
        self._clock = clock
        self._version = importlib.metadata.version("unmissable")
        self._wake = asyncio.Event()
        self._due_at = self._clock.now()
        self._as_run = AsRunOfTheDay(settings.state / "as-run")
        self._files = SchoolFiles(settings.config, settings.state)
        self._link = Link(
            broker=settings.broker,
            credentials=settings.credentials,
            site=users.site,
            client=settings.client,
            will=(Topics(users.site).program(_NAME), ProgramState(online=False, version=self._version)),
        )
        self._turns = HeardTurns(self._link, self._wake.set)
        self._publisher = Publisher(self._link, _NAME)
        self._media = MediaServer(
            self._files.media,
            host=settings.media_host,
            port=settings.media_port,
            port_file=settings.state / "media.port",
            url_host=settings.media_url_host,
        )
        self._alarm = Alarm(now=self._clock.now, on_change=self._wake.set, on_tick=self._tick, on_day=self._wake.set)
        self._answerer = Answerer(self._link, Service.SCHEDULER, users.role_of, self._clock.unix_s)
        Answers(
            self._answerer,
            self._clock,
            pickable=self._files.pickable,
            log=lambda: self._as_run.log,
            day=self._explain_day,
        )
        Calls(
            self._answerer,
            self._link,
            self._clock,
            timetable=lambda: self._files.timetable,
            library=lambda: self._files.library,
            programmes=lambda: self._publisher.programmes,
        )
        self._holds = Holds(
            self._answerer,
            self._link,
            self._clock,
            timetable=lambda: self._files.timetable,
            file=settings.state / "holds.json",
        )

    async def start(self, running: contextlib.AsyncExitStack) -> None:
        """Bring everything up; `running` brings it down in the reverse order."""
        await asyncio.to_thread(self._files.look)
        await self._media.start()
        running.push_async_callback(self._media.stop)
        await self._link.start()
        running.push_async_callback(self._link.stop)
        running.push_async_callback(self._answerer.stop)
        self._alarm.start()
        running.push_async_callback(self._alarm.stop)

    async def stopped(self, stop: asyncio.Event) -> None:
        """Wait for `stop`; raises LinkError when another program has this one's place at the broker."""
        await self._link.serve_until(stop)

    async def work(self, ready: Callable[[], None]) -> None:
        """Hear what is retained, then bring the broker up to date whenever woken."""
        while not (await self._link.wait_connected(_PATIENCE_S) and await self._link.fence()):
            _log.info("waiting for the broker")
        self._publisher.settle()
        self._holds.settle()
        first = True
        while True:
            self._wake.clear()
            await self._reconcile()
            if first:
                ready()
                first = False
            await self._wake.wait()

    async def _reconcile(self) -> None:
        try:
            await asyncio.to_thread(self._files.look)
            moment = await self._moment()
            if moment is None:
                self._publisher.put({}, None)
                self._due_at = self._clock.now() + dt.timedelta(seconds=RECONCILE_S)
                self._say(self._files.error)
                return
            compiled = await asyncio.to_thread(moment.compile)
            # While nobody knows what may play, what the last run published stays.
            known = self._files.library_known
            self._publisher.put(compiled.programmes if known else self._publisher.programmes, compiled.calendar)
            self._say(self._files.error or self._site_alert(moment.timetable) or compiled.alert or self._clock_alert())
            self._due_at = min(compiled.next_change, moment.now + dt.timedelta(seconds=RECONCILE_S))
            self._alarm.ring_at(compiled.next_change)
            self._alarm.ring_daily(moment.timetable.timezone)
        except Exception:  # noqa: BLE001 - the edge of the work: what is published goes on, and the next wake tries again
            _log.exception("the programme could not be compiled")
            self._say("the programme could not be compiled; the one before stays in force (see the log)")
            self._due_at = self._clock.now() + dt.timedelta(seconds=RECONCILE_S)

    async def _moment(self) -> Moment | None:
        """All that the programme is made of now; None while there is no timetable."""
        timetable = self._files.timetable
        if timetable is None:
            return None
        now = self._clock.now()
        today = now.astimezone(timetable.timezone).date()
        played = await asyncio.to_thread(self._as_run.as_of, today, now, timetable.timezone)
        return Moment(
            timetable=timetable,
            library=self._files.library,
            turns=self._turns.from_date(today),
            played=played,
            begun=begun_sets(self._publisher.programmes.values(), now),
            media=self._media.url,
            now=now,
        )

    async def _explain_day(self, asked: DayAsk) -> DayAnswer:
        moment = await self._moment()
        if moment is None:
            raise Refused("not-ready", "there is no timetable yet")
        return await asyncio.to_thread(moment.explain, asked.date)

    def _site_alert(self, timetable: Timetable) -> str | None:
        if timetable.site == self._site:
            return None
        return f"schedule.yaml is of site {timetable.site}, but this broker is of site {self._site}"

    def _clock_alert(self) -> str | None:
        if not self._clock.stepped:
            return None
        return (
            f"this machine's clock was set by {-self._clock.offset_ms / 1000:+.0f} s; school time follows it slowly, "
            "and takes it over at once when the scheduler is started again"
        )

    def _say(self, error: str | None) -> None:
        text = None if error is None else error[:_LONGEST_ERROR]
        self._publisher.say(ProgramState(online=True, version=self._version, error=text))

    def _tick(self) -> None:
        if self._files.changed() or self._clock.now() >= self._due_at:
            self._wake.set()
