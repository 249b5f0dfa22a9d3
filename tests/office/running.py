"""A running office on a real Mosquitto, with a scheduler's clock and calendar, and the users who ask."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from office.database import Database
from office.service import OfficeSettings, serve
from tests.brokers import ENROLMENT, SITE, LinkFor
from tests.office.schools import load_roll, pupil_ids
from wire.asking import Answerer, Asker
from wire.cards import card_hash
from wire.clock import KeptClock
from wire.link import Link
from wire.mosquitto import PrivateBroker
from wire.programme import Calendar, CalendarDay, CalendarSlot, RegisterTimes
from wire.requests import CLOCK, OPEN, ROSTER, ClockAnswer, OpenAsk, RosterAsk, Service
from wire.values import instant_of

HOUR = dt.timedelta(hours=1)


def noon_zone(now: dt.datetime) -> str:
    """A time zone in which it is about noon, so that no test crosses midnight."""
    east = 12 - now.astimezone(dt.UTC).hour
    return "UTC" if east == 0 else f"Etc/GMT{-east:+d}"


def calendar_around(now: dt.datetime, locks_in: dt.timedelta = HOUR, slots: Sequence[str] = ("break",)) -> Calendar:
    """A calendar in which it is a school morning now, with DJ slots to come."""
    timezone = noon_zone(now)
    day = CalendarDay(
        date=now.astimezone(ZoneInfo(timezone)).date(),
        day="normal",
        am=RegisterTimes(start=now + HOUR / 2, close=now + HOUR, end=now + 2 * HOUR),
        pm=RegisterTimes(start=now + 3 * HOUR, close=now + 3 * HOUR, end=now + 4 * HOUR),
        slots=tuple(
            CalendarSlot(
                slot=slot,
                start_at=now + locks_in + HOUR * place,
                end_at=now + locks_in + HOUR * (place + 1),
                zones=("playground",),
                dj_slot=True,
                locks_at=now + locks_in + HOUR * place,
            )
            for place, slot in enumerate(slots)
        ),
    )
    return Calendar(made_at=now, timezone=timezone, days=(day,))


class RunningSchool:
    """The broker, the office in this process, and links of the users who ask it."""

    def __init__(self, folder: Path, settings: OfficeSettings, link_for: LinkFor) -> None:
        self.settings = settings
        self.clock = KeptClock()
        self.calendar = calendar_around(self.clock.now())
        self.database = Database.open(settings.state)
        load_roll(self.database, folder)
        self.ids = pupil_ids(self.database)
        self._link_for = link_for
        self._askers: dict[str, Asker] = {}
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def start_office(self) -> None:
        """Start the office and wait until it says that it is ready."""
        self._stop = asyncio.Event()
        ready = asyncio.Event()
        self._running = asyncio.create_task(serve(self.settings, self._stop, ready.set))
        waits = asyncio.create_task(ready.wait())
        await asyncio.wait([waits, self._running], return_when=asyncio.FIRST_COMPLETED, timeout=10.0)
        waits.cancel()
        assert ready.is_set(), self._running

    async def stop_office(self) -> None:
        """Stop the office and wait for its end."""
        if self._running is not None:
            self._stop.set()
            await self._running
            self._running = None

    async def start_scheduler(self) -> Link:
        """Tell the clock and the calendar as the scheduler does."""
        link = await self._link_for("scheduler")
        answerer = Answerer(link, Service.SCHEDULER, ENROLMENT.role_of, self.clock.unix_s)
        answerer.on(
            CLOCK,
            lambda request: ClockAnswer(
                sent=request.body.sent,
                received=self.clock.at_steady(request.arrived_steady_s),
                answered=self.clock.unix_s(),
            ),
            repeatable=True,
        )
        link.keep(link.topics.calendar, self.calendar)
        return link

    async def asker(self, user: str = "kiosk-oak") -> Asker:
        """The side that asks as a user."""
        if user not in self._askers:
            self._askers[user] = Asker(await self._link_for(user), self.clock.unix_s)
        return self._askers[user]

    async def link(self, user: str, client: str = "2") -> Link:
        """Another link of a user."""
        return await self._link_for(user, client=client)

    async def open_things(self, name: str, code: str, user: str = "kiosk-oak", classroom: str = "oak") -> str:
        """Open a pupil's own things by a card; the session."""
        asker = await self.asker(user)
        roster = await asker.ask(ROSTER, RosterAsk(classroom=classroom))
        opened = await asker.ask(OPEN, OpenAsk(pupil=self.ids[name], card=card_hash(code, roster.salt)))
        return opened.session

    def now(self) -> dt.datetime:
        """School time, to the millisecond as the wire has it."""
        return instant_of(round(self.clock.unix_s(), 3))


@pytest.fixture
async def running(
    tmp_path: Path, broker: PrivateBroker, enrolment_file: Path, link_for: LinkFor
) -> AsyncIterator[RunningSchool]:
    """A school with a broker, an office that answers and a scheduler that tells the time."""
    assert broker.address is not None
    settings = OfficeSettings(
        state=tmp_path / "state",
        site=SITE,
        broker=broker.address,
        credentials=broker.credentials("office"),
        enrolment=enrolment_file,
    )
    school = RunningSchool(tmp_path, settings, link_for)
    await school.start_scheduler()
    await school.start_office()
    yield school
    await school.stop_office()
    school.database.close()
