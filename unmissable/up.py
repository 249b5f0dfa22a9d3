"""A real school, up: the house from its config folder, and a line for each thing that happens, until a signal."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import shlex
from collections.abc import Callable

from unmissable.ahead import Ahead
from unmissable.enrolling import DESK, changing, first_enrolment, with_kiosks
from unmissable.errors import WrongUse
from unmissable.house import House
from unmissable.narrator import Narrator
from unmissable.places import Places
from unmissable.running import stop_on_signals
from wire.enrolment import Enrolment
from wire.link import Link

_MOST_KIOSKS = 3
"""So many kiosks' commands are told in full."""


async def run_school(places: Places, output: str, echo: Callable[[str], None]) -> None:
    """Run until SIGTERM, SIGINT or SIGHUP; raises WrongUse without a timetable, BrokerError without a broker."""

    def say(text: str) -> None:
        echo(f"{dt.datetime.now().astimezone():%H:%M:%S}  {text}")

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s  %(message)s", datefmt="%H:%M:%S")
    if not places.schedule.exists():
        here = shlex.quote(str(places.config))
        raise WrongUse(f"{places.schedule}: no timetable is there; set a school up: unmissable init {here}")
    stop = asyncio.Event()
    stop_on_signals(stop)
    enrolment = _enrolled(places, say)
    house = House(places, output=output, say=say)
    try:
        await house.start()
        assert house.broker.address is not None
        say(f"the broker is at {house.broker.address}; logs are in {places.logs}")
        if house.where_open is not None:
            say(house.where_open)
        for line in _kiosks(places, enrolment):
            say(line)
        credentials = house.broker.credentials(DESK)
        desk = Link(broker=house.broker.address, credentials=credentials, site=enrolment.site, client="up")
        Narrator(desk, say)
        Ahead(desk, say, lambda: dt.datetime.now(dt.UTC), speakers_in=lambda: _zones_with_speakers(house.enrolment))
        await desk.start()
        try:
            await stop.wait()
        finally:
            say("ending")
            await desk.stop()
    finally:
        await house.stop()


def _zones_with_speakers(enrolment: Enrolment) -> frozenset[str]:
    return frozenset(one.zone for one in enrolment.users if one.zone is not None)


def _enrolled(places: Places, say: Callable[[str], None]) -> Enrolment:
    """Who is enrolled: also the programs of a timetable written by hand, and a kiosk for each class of the roll."""
    with changing(places):
        return _enrolled_now(places, say)


def _enrolled_now(places: Places, say: Callable[[str], None]) -> Enrolment:
    before = places.enrolled() if places.enrolment.exists() else None
    enrolment = with_kiosks(before or _of_timetable(places), _classes(places))
    if before is None:
        say(f"nobody was enrolled yet; enrolled now: {', '.join(one.user for one in enrolment.users)}")
    elif len(enrolment.users) > len(before.users):
        new = [one.user for one in enrolment.users if before.get(one.user) is None]
        say(f"enrolled for classes that are new on the roll: {', '.join(new)}")
    if enrolment != before:
        enrolment.save(places.enrolment)
    return enrolment


def _of_timetable(places: Places) -> Enrolment:
    """The programs and one speaker."""
    from unmissable.commands.timetable import timetable_of

    timetable = timetable_of(places)
    return first_enrolment(timetable.site, classrooms=(), zones_here=list(timetable.zones)[:1])


def _classes(places: Places) -> tuple[str, ...]:
    """The classes of the roll; none when there is no roll, or no database that can be read: the office says that."""
    from office.database import Database
    from office.errors import OfficeError
    from office.pupils import active_pupils

    if not (places.state / "office.sqlite").exists():
        return ()
    try:
        database = Database.open(places.state)
        try:
            with database.read() as session:
                return tuple(sorted({pupil.classroom_id for pupil in active_pupils(session)}))
        finally:
            database.close()
    except OfficeError:
        return ()


def _kiosks(places: Places, enrolment: Enrolment) -> list[str]:
    """How each class's kiosk is started."""
    classes = [one for user in enrolment.users for one in user.classrooms]
    command = f"unmissable kiosk --config {shlex.quote(str(places.config))} --classroom"
    lines = [f"a kiosk, in a terminal of its own: {command} {one}" for one in classes[:_MOST_KIOSKS]]
    more = classes[_MOST_KIOSKS:]
    return [*lines, f"and so for the other classes: {', '.join(more)}"] if more else lines
