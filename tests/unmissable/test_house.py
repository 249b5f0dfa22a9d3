"""The house keeps its programs and its broker running, and ends them all."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.end_to_end.programs import processes_of
from tests.end_to_end.school import BREAK_ALL_DAY, desk_link, set_up, timetable, whole_second
from tests.waiting import until
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
    places = Places(tmp_path / "config")
    (places.config / "music").mkdir(parents=True)
    set_up(places, rooms=())
    places.schedule.write_text(timetable(whole_second(), (BREAK_ALL_DAY,), 4), encoding="utf-8")
    house = House(places, output="null", say=said.append)
    await house.start()
    yield house
    await house.stop()
    assert processes_of(str(places.config)) == {}


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
