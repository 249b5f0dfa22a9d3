"""The house in trouble: what a technician reads, and that nothing stays behind."""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator

import pytest

from tests.end_to_end.programs import processes_of
from tests.waiting import until
from unmissable.house import House
from unmissable.places import Places


@pytest.fixture
def said() -> list[str]:
    """The lines that the house says."""
    return []


@pytest.fixture
async def house(places: Places, said: list[str]) -> AsyncIterator[House]:
    """A house, not started; it is stopped at the end, and then nothing of it is left."""
    house = House(places, output="null", say=said.append)
    yield house
    await house.stop()
    assert processes_of(str(places.config)) == {}


async def test_why_a_program_ended_is_said(house: House, places: Places, said: list[str]) -> None:
    for file in places.state.glob("office.sqlite*"):
        file.unlink()
    (places.state / "office.sqlite").write_bytes(b"no database " * 1000)
    await house.start()
    await until(lambda: said, 10.0)
    assert said[0].startswith("office ended (status 1): database ")
    assert "file is not a database" in said[0]
    assert said[0].endswith(f"; it starts again in 1 s; see {places.logs / 'office.log'}")


async def test_a_program_that_cannot_be_started_is_said_and_the_house_ends_whole(
    house: House, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    await house.start()
    await until(lambda: len(said) >= 2, 5.0)
    assert all(
        " cannot be started: /nowhere/python: No such file or directory; it starts again in " in one for one in said
    )


async def test_a_broker_that_cannot_come_back_is_said_and_comes_back_when_it_can(house: House, said: list[str]) -> None:
    await house.start()
    assert house.broker.address is not None
    port = house.broker.address.port
    house.broker.kill()
    with socket.create_server(("127.0.0.1", port)):
        await until(lambda: any(line.startswith("the broker does not start: ") for line in said), 10.0)
    assert f"the broker does not start: port {port} of this machine is taken by another program" in said[-1]
    await until(lambda: house.broker.running, 10.0)
    assert house.broker.address.port == port
