"""Why a broker is not reached, in one line; and the authority's file, whose fault is named before anything is tried."""

from __future__ import annotations

import dataclasses
import socket
import ssl
from pathlib import Path

import pytest

from wire.address import BrokerAddress, Credentials
from wire.authority import Authority
from wire.errors import LinkError
from wire.reaching import listens, tls_context, why_not

BROKER = BrokerAddress("music.school.local", 8883, tls=True)
EAST = Credentials("east", "secret")


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "cannot be reached: Connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "cannot be reached: Name or service not known"),
        (TimeoutError("timed out"), "cannot be reached: no answer"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong"), "what listens there speaks no TLS that is accepted: "),
    ],
)
def test_it_is_one_line(wrong: OSError, line: str) -> None:
    assert why_not(BROKER, wrong).startswith(f"mqtts://music.school.local:8883: {line}")


def test_tls_is_1_2_at_the_least_and_the_name_is_checked(tmp_path: Path) -> None:
    authority = Authority.open(tmp_path, "test")
    for ca in (authority.certificate_file, None):
        context = tls_context(dataclasses.replace(EAST, ca=ca))
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert context.check_hostname
        assert context.verify_mode == ssl.CERT_REQUIRED


def test_only_the_schools_own_authority_is_trusted(tmp_path: Path) -> None:
    authority = Authority.open(tmp_path, "test")
    assert len(tls_context(dataclasses.replace(EAST, ca=authority.certificate_file)).get_ca_certs()) == 1


def test_an_authoritys_file_that_is_no_good_is_named(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    with pytest.raises(LinkError, match=r"ca\.pem: .* authority cannot be read: No such file"):
        tls_context(dataclasses.replace(EAST, ca=ca))
    ca.write_text("garbled")
    with pytest.raises(LinkError, match=r"ca\.pem: .* authority holds no certificate"):
        tls_context(dataclasses.replace(EAST, ca=ca))


def test_whether_something_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert listens(BrokerAddress("127.0.0.1", port))
    assert not listens(BrokerAddress("127.0.0.1", port))
