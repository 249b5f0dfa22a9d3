"""A running school takes over who may come in and where it listens; what is wrong with that stops nothing."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.end_to_end.programs import processes_of
from tests.end_to_end.school import SITE, desk_link
from tests.waiting import until
from unmissable.admission import Admission, Change
from unmissable.house import House
from unmissable.network import Network
from unmissable.places import Places
from wire.address import BrokerAddress, Credentials
from wire.authority import Authority
from wire.enrolment import Enrolled
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker, free_port
from wire.reaching import listens
from wire.requests import Role
from wire.states import ProgramState, SpeakerState
from wire.values import Message

EAST = Enrolled(user="east", role=Role.SPEAKER, zone="playground")


@pytest.fixture
def said() -> list[str]:
    """The lines that are said."""
    return []


@pytest.fixture
def network() -> Network:
    """As a school is open to its network; its own machine is the whole of that here."""
    return Network(addresses=("127.0.0.1",), port=free_port(), media_port=free_port(), listen="127.0.0.1")


@pytest.fixture
def broker(places: Places) -> Iterator[PrivateBroker]:
    """The school's broker, which was not started."""
    broker = PrivateBroker(places.broker, places.enrolled(), secrets_folder=places.credentials)
    yield broker
    broker.stop()


@pytest.fixture
def admission(places: Places, broker: PrivateBroker, said: list[str]) -> Admission:
    return Admission(places, broker, places.enrolled(), said.append)


def start(admission: Admission, broker: PrivateBroker) -> None:
    admission.begin()
    broker.start()
    admission.began()


async def speaker(broker: PrivateBroker, credentials: Credentials) -> Link:
    """A link of a speaker on loopback."""
    assert broker.address is not None
    link = Link(broker=broker.address, credentials=credentials, site=SITE, client="1")
    await link.start()
    return link


def names_of(address: BrokerAddress, authority: Path) -> set[str]:
    """The IP addresses in the certificate that the broker shows; none while it is not there."""
    context = ssl.create_default_context(cafile=str(authority / "ca.pem"))
    shown = None
    with (
        contextlib.suppress(OSError),
        socket.create_connection((address.host, address.port), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname=address.host) as tls,
    ):
        shown = tls.getpeercert()
    return set() if shown is None else {str(name[1]) for name in shown["subjectAltName"]}


def test_a_school_of_which_nothing_changed_has_nothing_to_take_over(
    admission: Admission, broker: PrivateBroker, said: list[str]
) -> None:
    start(admission, broker)
    assert admission.look() == Change()
    assert said == []
    assert admission.network is None


async def test_a_new_speaker_is_let_in_a_replaced_secret_is_not_and_a_revoked_one_is_forgotten(
    admission: Admission, broker: PrivateBroker, places: Places
) -> None:
    start(admission, broker)
    states: list[SpeakerState | None] = []

    def note(heard: Heard[SpeakerState]) -> None:
        states.append(heard.message)

    desk = desk_link(broker)
    desk.listen(desk.topics.speaker("east"), SpeakerState, note)
    await desk.start()
    first, second = Credentials("east", "first"), Credentials("east", "second")
    first.save(places.credentials_file("east"))
    places.enrolled().with_user(EAST).save(places.enrolment)
    change = admission.look()
    assert change == Change(new=(EAST,))
    east = await speaker(broker, first)
    try:
        assert await east.wait_connected(5)
        east.keep(east.topics.speaker("east"), SpeakerState(online=True, zone="playground"))
        await until(lambda: states and states[-1] is not None and states[-1].online)

        second.save(places.credentials_file("east"))
        change = admission.look()
        assert change == Change(replaced=(EAST,))
        await until(lambda: east.fault)
        await admission.put_states_right(change)
        await until(lambda: states[-1] is not None and not states[-1].online)
        assert (await again(broker, second)).fault is None

        places.enrolled().without_user("east").save(places.enrolment)
        places.credentials_file("east").unlink()
        change = admission.look()
        assert change == Change(revoked=("east",))
        await admission.put_states_right(change)
        await until(lambda: states[-1] is None)
        assert not places.credentials_file("east").exists()
        assert admission.look() == Change()
    finally:
        await east.stop()
        await desk.stop()


async def again(broker: PrivateBroker, credentials: Credentials) -> Link:
    """A speaker that came, told that it is there, and went as by a power cut: what it told stays."""
    link = await speaker(broker, credentials)
    assert await link.wait_connected(5), link.fault
    link.keep(link.topics.speaker(link.user), SpeakerState(online=True, zone="playground"))
    await link.stop()
    return link


async def test_a_speaker_that_was_revoked_while_the_school_was_down_is_forgotten_at_its_start(
    places: Places, said: list[str]
) -> None:
    places.enrolled().with_user(EAST).save(places.enrolment)
    east = Credentials("east", "first")
    east.save(places.credentials_file("east"))
    earlier = PrivateBroker(places.broker, places.enrolled(), secrets_folder=places.credentials)
    earlier.start()
    await again(earlier, east)
    earlier.stop()
    places.enrolled().without_user("east").save(places.enrolment)

    broker = PrivateBroker(places.broker, places.enrolled(), secrets_folder=places.credentials)
    admission = Admission(places, broker, places.enrolled(), said.append)
    start(admission, broker)
    await admission.put_states_right(Change(revoked=admission.enrolment.revoked))
    assert said == []
    places.enrolled().with_user(EAST).save(places.enrolment)  # of one that is revoked, Mosquitto gives nothing anyway
    assert admission.look() == Change(new=(EAST,))
    assert broker.address is not None
    heard: list[str] = []
    desk = desk_link(broker)
    for one in (desk.topics.speaker(), desk.topics.program()):
        desk.listen(one, Message, lambda heard_one: heard.append(heard_one.topic))
    office = Link(broker=broker.address, credentials=broker.credentials("office"), site=SITE, client="test")
    try:
        await desk.start()
        assert await desk.wait_connected(5)
        await office.start()
        assert await office.wait_connected(5)
        office.keep(office.topics.program("office"), ProgramState(online=True))
        await until(lambda: heard, what="what comes behind all that is retained")
        assert heard == [office.topics.program("office")]
    finally:
        await office.stop()
        await desk.stop()
        broker.stop()


def test_a_port_that_is_taken_leaves_the_school_closed_until_it_is_free(
    admission: Admission,
    broker: PrivateBroker,
    places: Places,
    network: Network,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("unmissable.admission.AGAIN_S", 0.0)
    network.save(places.network)
    with socket.create_server(("127.0.0.1", network.port)):
        start(admission, broker)
        assert broker.running, "the school's own programs are let in as ever"
        for _ in range(3):
            assert not admission.look().listens_elsewhere
        taken = (
            f"port {network.port} of 127.0.0.1 cannot be used, or another program has it; it is set in {places.network}"
        )
        assert said == [
            f"{taken}; until then no speaker of another machine can connect",
            f"{taken}; what was in force before stays so",
        ]
    assert admission.look().listens_elsewhere
    assert broker.listener is not None


def test_a_garbled_file_is_said_once_and_leaves_in_force_what_was(
    admission: Admission, broker: PrivateBroker, places: Places, said: list[str]
) -> None:
    start(admission, broker)
    good = places.enrolment.read_text()
    places.enrolment.write_text("garbled")
    assert admission.look() == Change()
    assert admission.look() == Change()
    (line,) = said
    assert line.startswith(f"{places.enrolment}: ")
    assert line.endswith("; what was in force before stays so")
    places.enrolment.write_text(good)
    assert admission.look() == Change()


def test_a_school_that_lost_its_authoritys_key_starts_closed_and_says_what_to_do(
    admission: Admission, broker: PrivateBroker, places: Places, network: Network, said: list[str]
) -> None:
    Authority.open(places.authority, SITE)
    (places.authority / "ca.key").unlink()
    network.save(places.network)
    start(admission, broker)
    assert broker.running
    assert broker.listener is None
    assert "bring the folder back from a backup, or remove it and enrol every speaker again" in said[0]


@pytest.fixture
async def house(places: Places, network: Network, said: list[str]) -> AsyncIterator[House]:
    """A school that is up and open."""
    network.save(places.network)
    house = House(places, output="null", say=said.append)
    await house.start()
    yield house
    await house.stop()
    assert processes_of(str(places.config)) == {}


async def test_one_more_address_is_in_the_certificate_and_in_the_tracks_address_at_once(
    house: House, places: Places, network: Network, said: list[str]
) -> None:
    at = network.broker_at("127.0.0.1")
    assert names_of(at, places.authority) == {"127.0.0.1"}
    network.with_address("127.0.0.2").save(places.network)
    opened = f"the school is open to its network at mqtts://127.0.0.2:{at.port}, {at}; the broker starts again for it"
    await until(lambda: opened in said, 10.0, "a line")
    await until(lambda: names_of(at, places.authority) == {"127.0.0.1", "127.0.0.2"}, 10.0, "the new certificate")
    where = f"--media-port {network.media_port} --media-listen 127.0.0.1 --media-address 127.0.0.2"
    await until(lambda: any(where in line for line in processes_of(str(places.config)).values()), 15.0, "the scheduler")
    assert said == [opened], "nothing failed"


async def test_a_school_is_closed_again_when_its_file_goes(
    house: House, places: Places, network: Network, said: list[str]
) -> None:
    at = network.broker_at("127.0.0.1")
    assert listens(at)
    places.network.unlink()
    await until(lambda: not listens(at), 10.0)
    assert said == ["the school is closed to its network; the broker starts again for it"]


async def test_a_house_that_ends_while_its_broker_starts_again_leaves_no_broker(
    house: House, places: Places, said: list[str]
) -> None:
    places.network.unlink()
    await until(lambda: said, 10.0)
    await house.stop()
    assert processes_of(str(places.config)) == {}
