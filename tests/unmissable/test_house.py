"""The house keeps its programs and its broker running, and ends them all."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.end_to_end.programs import Program, processes_of
from tests.end_to_end.school import BREAK_ALL_DAY, desk_link, set_up, timetable, whole_second
from tests.waiting import until, until_now
from unmissable.house import House
from unmissable.places import Places
from wire.link import Heard
from wire.states import ProgramState


@pytest.fixture
def said() -> list[str]:
    """The lines that the house says."""
    return []


@pytest.fixture
async def house(tmp_path: Path, said: list[str]) -> AsyncIterator[House]:
    """A house without speakers of its own, up."""
    places = make_places(tmp_path)
    house = House(places, output="null", say=said.append)
    await house.start()
    yield house
    await house.stop()
    assert processes_of(str(places.config)) == {}


def make_places(folder: Path) -> Places:
    """A school without music and without speakers."""
    places = Places(folder / "config")
    (places.config / "music").mkdir(parents=True)
    set_up(places, rooms=())
    places.schedule.write_text(timetable(whole_second(), (BREAK_ALL_DAY,), 4), encoding="utf-8")
    return places


def process_of(place: Path, command: str) -> int | None:
    """The process of one of the house's programs."""
    found = [pid for pid, line in processes_of(str(place)).items() if f"unmissable {command} " in line]
    return found[0] if found else None


async def test_a_program_and_the_broker_that_are_killed_come_again(
    house: House, said: list[str], tmp_path: Path
) -> None:
    states: dict[str, list[bool]] = {"office": [], "scheduler": []}

    def note(heard: Heard[ProgramState]) -> None:
        if heard.message is not None:
            states[heard.tail[-1]].append(heard.message.online)

    desk = desk_link(house.broker)
    desk.listen(desk.topics.program(), ProgramState, note)
    await desk.start()
    try:
        await until(lambda: all(seen[-1:] == [True] for seen in states.values()), 20.0, "office and scheduler")
        killed = process_of(tmp_path, "office")
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        await until(lambda: states["office"][-2:] == [False, True], 20.0, "the office, away and back")
        assert process_of(tmp_path, "office") not in (None, killed)
        assert any(line.startswith("office ended (signal SIGKILL); it starts again in 1 s; see ") for line in said)

        states["scheduler"].clear()
        assert house.broker.process is not None
        os.kill(house.broker.process.pid, signal.SIGKILL)
        await until(lambda: "the broker ended; it starts again" in said, 5.0)
        await until(lambda: states["scheduler"][-1:] == [True], 20.0, "the scheduler, at the new broker")
        assert len(said) == 2
    finally:
        await desk.stop()


def test_when_the_house_is_killed_nothing_of_it_is_left(tmp_path: Path) -> None:
    places = make_places(tmp_path)
    up = Program(tmp_path / "log", "up", "--config", str(places.config), "--output", "null")
    try:
        until_now(lambda: "the office is there" in up.said and "the scheduler is there" in up.said, 20.0, up.said)
        assert len(processes_of(str(places.config))) == 4, "up, broker, office and scheduler"
    finally:
        up.kill()
    until_now(lambda: not processes_of(str(places.config)), 5.0, "the end of all")
