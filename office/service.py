"""The office as a program: its link, its database thread, and the retained turns that follow from the database.

All work on the database is done by one thread, so that answers come in order and the event loop never waits for a disk.
What is published is recomputed from the database at every change and every few seconds, and sent where it differs.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from office import staff, tokens
from office.answered import forget_old_answers
from office.answers import Answers
from office.database import Database
from office.days import remember_calendar, timezone, zone_of
from office.errors import OfficeError
from office.publishing import TurnBoard
from office.turns import give_turns, turns_to_publish
from wire import requests as verbs
from wire.address import BrokerAddress, Credentials
from wire.asking import Answerer, Asker, Request
from wire.clock import HeardClock, follow
from wire.enrolment import Enrolment
from wire.errors import BrokerError
from wire.link import Heard, Link
from wire.programme import Calendar, Turn
from wire.states import ProgramState
from wire.topics import Topics
from wire.values import WireModel

_log = logging.getLogger(__name__)

TICK_S = 2.0
PRUNE_EVERY = dt.timedelta(hours=1)
NO_CLOCK = "No scheduler has told the time yet: this computer's own clock is used."
NO_CALENDAR = "No scheduler has told the calendar yet: no School DJ turns are given."

T = TypeVar("T")
Q = TypeVar("Q", bound=WireModel)


@dataclass(frozen=True)
class OfficeSettings:
    """What the office needs: its state folder, a database URL or None for SQLite there, and its place at the broker."""

    state: Path
    site: str
    broker: BrokerAddress
    credentials: Credentials
    enrolment: Path
    database_url: str | None = None
    client: str = "1"


async def serve(settings: OfficeSettings, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Answer until `stop` is set; `ready` is called once it answers.

    Raises OfficeError, BrokerError, and LinkError when another office runs.
    """
    office = _Office(settings)
    telling = asyncio.create_task(office.tell(ready))
    try:
        await office.start()
        await office.stopped(stop)
    finally:
        telling.cancel()
        await office.stop()


class _Office:
    """The running office; `stop` undoes `start` in reverse."""

    def __init__(self, settings: OfficeSettings) -> None:
        enrolment = Enrolment.load(settings.enrolment)
        self._enrolment_file = settings.enrolment
        self._enrolment_ns = settings.enrolment.stat().st_mtime_ns
        key = tokens.load_key(settings.state)
        self._database = Database.open(settings.state, settings.database_url)
        self._answers = Answers(self._database, enrolment, key)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="office-database")
        self._clock = HeardClock(settings.state / "office-clock.json")
        self._link = Link(
            broker=settings.broker,
            credentials=settings.credentials,
            site=settings.site,
            client=settings.client,
            will=(Topics(settings.site).program("office"), ProgramState(online=False, version=_version())),
        )
        self._board = TurnBoard(self._link)
        self._asker = Asker(self._link, self._clock.unix_s)
        self._answerer = self._new_answerer()
        self._link.listen(self._link.topics.calendar, Calendar, self._hear_calendar)
        self._link.on_connect(self._connected)
        self._signing_in = asyncio.Lock()
        self._ready = asyncio.Event()
        self._news = asyncio.Event()
        self._calendar: Calendar | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._database_fault: str | None = None
        self._said: ProgramState | None = None
        self._pruned_at: dt.datetime | None = None

    async def start(self) -> None:
        """Connect, and answer from then on."""
        self._say_state()
        await self._link.start()
        self._begin(follow(self._clock, self._asker))
        self._begin(self._keep_up())

    async def tell(self, ready: Callable[[], None]) -> None:
        """Call a function once the office answers."""
        await self._ready.wait()
        ready()

    async def stopped(self, stop: asyncio.Event) -> None:
        """Wait for `stop`; raises LinkError when another program has this one's place at the broker."""
        await self._link.serve_until(stop)

    async def stop(self) -> None:
        """End the tasks, the answers at work, the link and the database."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._answerer.stop()
        await self._link.stop()
        await asyncio.to_thread(self._thread.shutdown)
        self._database.close()

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- answering ---

    def _new_answerer(self) -> Answerer:
        answers = self._answers
        answerer = Answerer(self._link, verbs.Service.OFFICE, self._role_of, self._clock.unix_s)
        answerer.on(verbs.ROSTER, lambda request: self._answer(answers.roster, request))
        answerer.on(verbs.TAP, lambda request: self._answer(answers.tap, request, news=True))
        answerer.on(verbs.OPEN, lambda request: self._answer(answers.open, request))
        answerer.on(verbs.POINTS, lambda request: self._answer(answers.points, request))
        answerer.on(verbs.TURN, lambda request: self._answer(answers.turn, request, news=True))
        answerer.on(verbs.PICK, lambda request: self._answer(answers.pick, request, news=True))
        answerer.on(verbs.SIGN_IN, self._sign_in)
        answerer.on(verbs.SIGN_OUT, lambda request: self._answer(answers.sign_out, request))
        answerer.on(verbs.AWARD, lambda request: self._answer(answers.award, request))
        return answerer

    def _role_of(self, user: str) -> verbs.Role | None:
        return self._answers.enrolment.role_of(user)

    async def _answer(
        self, judge: Callable[[Request[Q], dt.datetime], T], request: Request[Q], *, news: bool = False
    ) -> T:
        await self._ready.wait()  # until then the calendar may be on its way
        now = self._clock.now()
        answer = await self._on_database(lambda: judge(request, now))
        if news:
            self._news.set()
        return answer

    async def _sign_in(self, request: Request[verbs.SignInAsk]) -> verbs.SignInAnswer:
        async with self._signing_in:  # one at a time, so that guesses side by side gain nothing
            hashed = await self._answer(self._answers.expected_pin, request)
            right = await asyncio.to_thread(staff.matches, hashed, request.body.pin)
            now = self._clock.now()
            return await self._on_database(lambda: self._answers.sign_in(request, now, right=right))

    async def _on_database(self, work: Callable[[], T]) -> T:
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except SQLAlchemyError as wrong:
            self._database_fault = f"The office's database does not work ({type(wrong).__name__})."
            self._say_state()
            raise
        self._database_fault = None
        return result

    # --- keeping up ---

    def _connected(self) -> None:
        self._begin(self._hear_what_is_retained())

    async def _hear_what_is_retained(self) -> None:
        await self._link.fence()
        await self._take_calendar()
        self._ready.set()
        self._news.set()

    def _hear_calendar(self, heard: Heard[Calendar]) -> None:
        if heard.message is not None:
            self._calendar = heard.message
            if self._ready.is_set():
                self._begin(self._take_calendar())

    async def _take_calendar(self) -> None:
        calendar = self._calendar
        if calendar is None:
            return
        try:
            zone_of(calendar)
        except OfficeError as wrong:
            _log.error("the calendar is ignored: %s", wrong)
            return
        with contextlib.suppress(SQLAlchemyError):  # the fault is said in the state; the next calendar comes
            await self._on_database(lambda: self._remember(calendar))
        self._news.set()

    def _remember(self, calendar: Calendar) -> None:
        with self._database.write() as session:
            remember_calendar(session, calendar)

    async def _keep_up(self) -> None:
        """Publish what follows from the database, at every change and every few seconds."""
        await self._ready.wait()
        while True:
            self._news.clear()
            try:
                self._reload_enrolment()
                now = self._clock.now()
                turns, zone = await self._on_database(lambda now=now: self._reconcile(now))  # type: ignore[misc]
                self._board.show(turns, zone, now)
                self._say_state()
            except SQLAlchemyError:
                pass  # said in the state and the log once; the next round tries again
            except Exception:  # noqa: BLE001 - the edge of a task: the next round tries again
                _log.exception("keeping up failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):  # wait_for of Python 3.11 may swallow a cancellation
                    await self._news.wait()

    def _reconcile(self, now: dt.datetime) -> tuple[tuple[Turn, ...], ZoneInfo]:
        with self._database.write() as session:
            give_turns(session, now)
            if self._pruned_at is None or now - self._pruned_at > PRUNE_EVERY:
                self._pruned_at = now
                forget_old_answers(session, now)
                staff.forget_ended_sessions(session, now)
            return turns_to_publish(session, now), timezone(session)

    def _reload_enrolment(self) -> None:
        """Take in devices that were enrolled since; a file that cannot be read leaves the last good one."""
        try:
            changed_ns = self._enrolment_file.stat().st_mtime_ns
            if changed_ns != self._enrolment_ns:
                self._enrolment_ns = changed_ns
                self._answers.enrolment = Enrolment.load(self._enrolment_file)
        except (OSError, BrokerError) as wrong:
            _log.error("who is enrolled stays as it was: %s", wrong)

    def _say_state(self) -> None:
        clock = None if self._clock.known else NO_CLOCK
        calendar = None if self._calendar is not None else NO_CALENDAR
        error = self._database_fault or clock or calendar
        state = ProgramState(online=True, version=_version(), error=error)
        if state != self._said:
            self._said = state
            if error:
                _log.warning("%s", error)
            self._link.keep(self._link.topics.program("office"), state)


def _version() -> str:
    try:
        return version("unmissable")
    except PackageNotFoundError:
        return ""
