"""A real school, up: the house from its config folder, and a line for each thing that happens, until a signal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from unmissable.enrolling import DESK, first_enrolment
from unmissable.errors import WrongUse
from unmissable.house import House
from unmissable.narrator import Narrator
from unmissable.places import Places
from unmissable.running import stop_on_signals
from wire.link import Link


async def run_school(places: Places, output: str, say: Callable[[str], None]) -> None:
    """Run until SIGTERM, SIGINT or SIGHUP; raises WrongUse without a timetable, BrokerError without a broker."""
    if not places.schedule.exists():
        raise WrongUse(f"{places.schedule}: no timetable is there; set a school up: unmissable init {places.config}")
    if not places.enrolment.exists():
        _enrol_from_timetable(places)
    stop = asyncio.Event()
    stop_on_signals(stop)
    site = places.enrolled().site
    house = House(places, output=output, say=say)
    try:
        await house.start()
        assert house.broker.address is not None
        say(f"the broker is at {house.broker.address}; logs are in {places.logs}")
        desk = Link(broker=house.broker.address, credentials=house.broker.credentials(DESK), site=site, client="up")
        Narrator(desk, say)
        await desk.start()
        try:
            await stop.wait()
        finally:
            await desk.stop()
    finally:
        say("ending")
        await house.stop()


def _enrol_from_timetable(places: Places) -> None:
    """Enrol the programs and one speaker of a school whose timetable was written by hand."""
    from unmissable.commands.timetable import timetable_of

    timetable = timetable_of(places)
    zones = list(timetable.zones)[:1]
    first_enrolment(timetable.site, classrooms=(), zones_here=zones).save(places.enrolment)
