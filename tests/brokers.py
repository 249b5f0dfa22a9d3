"""A real Mosquitto for tests: the fixture `broker`, with a user of every role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from wire.enrolment import Enrolled, Enrolment
from wire.link import Link
from wire.mosquitto import PrivateBroker
from wire.requests import Role
from wire.values import Message

SITE = "test"
USERS = (
    Enrolled(user="scheduler", role=Role.SCHEDULER),
    Enrolled(user="office", role=Role.OFFICE),
    Enrolled(user="east", role=Role.SPEAKER, zone="playground"),
    Enrolled(user="west", role=Role.SPEAKER, zone="classrooms"),
    Enrolled(user="kiosk-oak", role=Role.KIOSK, classrooms=("oak",)),
    Enrolled(user="kiosk-elm", role=Role.KIOSK, classrooms=("elm",)),
    Enrolled(user="desk", role=Role.STAFF),
)
ENROLMENT = Enrolment(site=SITE, users=USERS)


class LinkFor(Protocol):
    """Makes and starts a link as a user; every link made is stopped when the test ends."""

    async def __call__(
        self, user: str, *, client: str = "1", will: tuple[str, Message] | None = None, start: bool = True
    ) -> Link: ...


@pytest.fixture
def enrolment_file(tmp_path: Path) -> Path:
    """The enrolment of the test school on disk."""
    path = tmp_path / "enrolment.json"
    ENROLMENT.save(path)
    return path


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[PrivateBroker]:
    """A running broker; `broker.address`, `broker.credentials(user)`, `broker.kill()`, `broker.start()`."""
    private = PrivateBroker(tmp_path / "broker", ENROLMENT, secrets_folder=tmp_path / "credentials")
    private.start()
    yield private
    private.stop()


@pytest.fixture
async def link_for(broker: PrivateBroker) -> AsyncIterator[LinkFor]:
    """Makes links to the broker as any of its users."""
    links: list[Link] = []

    async def make(
        user: str, *, client: str = "1", will: tuple[str, Message] | None = None, start: bool = True
    ) -> Link:
        assert broker.address is not None
        link = Link(broker=broker.address, credentials=broker.credentials(user), site=SITE, client=client, will=will)
        links.append(link)
        if start:
            await link.start()
            assert await link.wait_connected(5.0), link.fault
        return link

    yield make
    for link in links:
        await link.stop()
