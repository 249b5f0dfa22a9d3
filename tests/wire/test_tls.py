"""The link over TLS, as a device on another machine than the broker's has it."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.brokers import SITE
from tests.waiting import until, until_now
from wire.address import BrokerAddress
from wire.link import Link
from wire.mosquitto import PrivateBroker, find_program, free_port

SUBJECT = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")


def certificate(folder: Path, name: str) -> Path:
    """A certificate of a made-up authority for this machine, which signs itself."""
    made = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    files = ("-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem"))
    subprocess.run([*made, *files, *SUBJECT], check=True, capture_output=True)
    return folder / f"{name}.pem"


@pytest.fixture
def over_tls(broker: PrivateBroker, tmp_path: Path) -> Iterator[BrokerAddress]:
    """A Mosquitto with the users of the test school that speaks TLS only."""
    port, pem, program = free_port(), certificate(tmp_path, "school"), find_program("mosquitto")
    assert program is not None
    configuration = tmp_path / "tls.conf"
    configuration.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\nuser root\npassword_file {broker.folder / 'passwords'}\n"
        f"acl_file {broker.folder / 'access'}\ncertfile {pem}\nkeyfile {pem.with_suffix('.key')}\n"
    )
    with (tmp_path / "tls.log").open("wb") as log:
        process = subprocess.Popen([program, "-c", str(configuration)], stdout=log, stderr=log)
    try:
        until_now(lambda: b"running" in (tmp_path / "tls.log").read_bytes(), 5.0, "the broker with TLS")
        yield BrokerAddress("127.0.0.1", port, tls=True)
    finally:
        process.terminate()
        process.wait(5)


@contextlib.asynccontextmanager
async def connecting(address: BrokerAddress, broker: PrivateBroker, authority: Path) -> AsyncIterator[Link]:
    """A link that tries to connect, with the certificate of an authority that it trusts."""
    credentials = dataclasses.replace(broker.credentials("east"), ca=authority)
    link = Link(broker=address, credentials=credentials, site=SITE, client="1")
    await link.start()
    try:
        yield link
    finally:
        await link.stop()


async def test_a_broker_whose_authority_is_known_is_connected_to(
    over_tls: BrokerAddress, broker: PrivateBroker, tmp_path: Path
) -> None:
    async with connecting(over_tls, broker, tmp_path / "school.pem") as link:
        assert await link.wait_connected(5.0), link.fault


@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
async def test_a_broker_whose_authority_is_not_known_is_a_fault_that_is_told(
    over_tls: BrokerAddress, broker: PrivateBroker, tmp_path: Path
) -> None:
    async with connecting(over_tls, broker, certificate(tmp_path, "another")) as link:
        await until(lambda: link.fault)
        assert link.fault == f"{over_tls}: its certificate is not accepted: self-signed certificate"
        assert not link.connected
    gc.collect()  # the library leaves the socket of a handshake that failed to the collector, which warns
