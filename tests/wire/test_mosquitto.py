"""The private Mosquitto as a child: one at a time in a folder, always at the same place, open only as it is told."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import ENROLMENT, SITE, LinkFor
from tests.waiting import until
from wire.address import BrokerAddress, Credentials
from wire.authority import Authority
from wire.errors import BrokerError
from wire.link import Heard, Link
from wire.mosquitto import NetworkListener, PrivateBroker, free_port, is_free
from wire.states import SpeakerState


def another(broker: PrivateBroker) -> PrivateBroker:
    """A second broker of the same folder, as another process would make it."""
    return PrivateBroker(broker.folder, ENROLMENT, secrets_folder=broker.secrets_folder)


def test_a_school_that_runs_is_not_started_a_second_time(broker: PrivateBroker) -> None:
    second = another(broker)
    with pytest.raises(BrokerError, match="this school runs already, in another process; end that first"):
        second.start()
    second.stop()
    assert broker.running, "the first is left alone"


def test_a_folder_is_free_again_when_its_broker_was_stopped(broker: PrivateBroker) -> None:
    broker.stop()
    second = another(broker)
    assert second.start() == broker.address, "at the port of the last time"
    second.stop()


def test_a_broker_started_again_listens_where_the_programs_look_for_it(broker: PrivateBroker) -> None:
    assert broker.address is not None
    before = broker.address
    broker.kill()
    taken = socket.create_server(("127.0.0.1", before.port))
    with taken, pytest.raises(BrokerError, match="is taken by another program"):
        broker.start()
    assert broker.start() == before


def test_a_broker_that_a_killed_program_left_behind_is_ended(broker: PrivateBroker, tmp_path: Path) -> None:
    process = broker.process
    assert process is not None
    copy = tmp_path / "lock"
    (broker.folder / "lock").rename(copy)  # as after a kill: nobody holds the folder, but the broker still runs
    waiting = threading.Thread(target=process.wait)  # or it stays in the list of processes, as a child of this one
    waiting.start()
    second = another(broker)
    second.start()
    waiting.join(5)
    assert process.returncode == 0
    second.stop()


@pytest.mark.parametrize("kept", ["", "x", "-5", "0", "99999999999999"])
def test_a_garbled_note_of_the_last_port_stops_nothing(broker: PrivateBroker, kept: str) -> None:
    broker.stop()
    (broker.folder / "port").write_text(kept, encoding="ascii")
    second = another(broker)
    assert second.start().port > 0
    second.stop()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path / "authority", SITE)


@pytest.fixture
def open_broker(broker: PrivateBroker, authority: Authority) -> Iterator[BrokerAddress]:
    """The broker, started again with a listener for the network: where that is."""
    files = authority.server_files(("127.0.0.1",), dt.datetime.now(dt.UTC))
    broker.stop()
    broker.listener = NetworkListener(free_port(), files.certificate, files.key)
    broker.start()
    yield BrokerAddress("127.0.0.1", broker.listener.port, tls=True)
    assert broker.running


async def test_by_tls_a_user_is_let_in_and_nobody_without_a_name(
    open_broker: BrokerAddress, broker: PrivateBroker, authority: Authority, link_for: LinkFor
) -> None:
    for credentials, fault in ((broker.credentials("east"), None), (Credentials("", ""), "refuses the user")):
        trusting = dataclasses.replace(credentials, ca=authority.certificate_file)
        link = Link(broker=open_broker, credentials=trusting, site=SITE, client="1")
        await link.start()
        try:
            await until(lambda link=link: link.connected or link.fault)  # type: ignore[misc]
            assert link.connected is (fault is None)
            assert (fault or "") in (link.fault or "")
        finally:
            await link.stop()
    await link_for("desk")  # in plain on loopback, as ever


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_the_network_hears_no_plain_word_and_no_old_tls(open_broker: BrokerAddress, authority: Authority) -> None:
    place = (open_broker.host, open_broker.port)
    hello = b"\x10\x10\x00\x04MQTT\x05\x02\x00\x0f\x00\x00\x03you"
    with socket.create_connection(place, timeout=5) as plain:
        plain.sendall(hello)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            answer = plain.recv(100)
        assert answer[:1] != b"\x20", "no CONNACK"
    context = ssl.create_default_context(cafile=str(authority.certificate_file))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # else this side would not offer it
    for version, spoken in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, version
        with socket.create_connection(place, timeout=5) as raw:
            if spoken:
                context.wrap_socket(raw, server_hostname=open_broker.host).close()
            else:
                with pytest.raises(ssl.SSLError, match=r"(?i)version"):
                    context.wrap_socket(raw, server_hostname=open_broker.host)


def test_a_closed_broker_listens_on_loopback_alone(broker: PrivateBroker) -> None:
    configuration = (broker.folder / "mosquitto.conf").read_text()
    assert broker.address is not None
    listeners = [line for line in configuration.splitlines() if line.startswith("listener ")]
    assert listeners == [f"listener {broker.address.port} 127.0.0.1"]


async def test_users_are_taken_over_without_an_end_of_those_who_stay(broker: PrivateBroker, link_for: LinkFor) -> None:
    east, west, desk = await link_for("east"), await link_for("west"), await link_for("desk")
    lost: list[str] = []
    for link in (east, desk):
        link.on_connect(lambda link=link: lost.append(link.user))  # type: ignore[misc]
    broker.take_over(ENROLMENT.without_user("west"))
    await until(lambda: not west.connected)
    await until(lambda: west.fault)
    assert "refuses the user west: wrong or revoked secret" in (west.fault or "")
    assert east.connected
    assert desk.connected
    assert lost == []
    broker.take_over(ENROLMENT)
    await until(lambda: west.connected, 15.0)


async def test_a_secret_that_was_replaced_no_longer_works(broker: PrivateBroker, link_for: LinkFor) -> None:
    east = await link_for("east")
    Credentials("east", "another").save(broker.credentials_file("east"))
    broker.take_over(ENROLMENT)
    await until(lambda: east.fault)
    assert not east.connected
    await link_for("east", client="2")


async def test_staff_may_clear_the_state_of_a_revoked_speaker_and_of_no_other(
    broker: PrivateBroker, link_for: LinkFor
) -> None:
    east, west, desk = await link_for("east"), await link_for("west"), await link_for("desk")
    heard: dict[str, list[SpeakerState | None]] = {"east": [], "west": []}

    def note(one: Heard[SpeakerState]) -> None:
        heard[one.tail[-1]].append(one.message)

    desk.listen(desk.topics.speaker(), SpeakerState, note)
    for link in (east, west):
        link.keep(link.topics.speaker(link.user), SpeakerState(online=True, zone="playground"))
    await until(lambda: heard["east"] and heard["west"])
    broker.take_over(ENROLMENT.without_user("west"))
    await until(lambda: not west.connected)
    for user in ("east", "west"):
        desk.keep(desk.topics.speaker(user), None)
    await until(lambda: heard["west"][-1] is None)
    assert heard["east"][-1] is not None


def test_a_port_that_is_taken_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert not is_free(port, "0.0.0.0")
    assert is_free(port)
