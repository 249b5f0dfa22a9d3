"""The school's certificate authority: what it signs, what it keeps to itself, and when it signs anew."""

from __future__ import annotations

import datetime as dt
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509

from wire.authority import AUTHORITY_DAYS, RENEW_DAYS, SERVER_DAYS, Authority
from wire.errors import AuthorityError

NAMES = ("music.school.local", "10.0.0.5", "fd00::5")
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path / "authority", "test")


def handshake(ca: Path, certificate: Path, key: Path, name: str) -> str:
    """Shake hands in memory as a speaker does that is strict; the version of TLS."""
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(certificate, key)
    client_side = ssl.create_default_context(cafile=str(ca))
    client_side.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT  # the default from Python 3.13 on
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return client.version() or ""


@pytest.mark.parametrize("name", NAMES)
def test_a_speaker_trusts_the_broker_by_each_of_its_names(authority: Authority, name: str) -> None:
    files = authority.server_files(NAMES, NOW)
    assert handshake(authority.certificate_file, files.certificate, files.key, name) == "TLSv1.3"


def test_no_other_name_and_no_other_authority_is_trusted(authority: Authority, tmp_path: Path) -> None:
    files = authority.server_files(NAMES, NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for '10\.0\.0\.6'"):
        handshake(authority.certificate_file, files.certificate, files.key, "10.0.0.6")
    other = Authority.open(tmp_path / "other", "test")
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        handshake(other.certificate_file, files.certificate, files.key, "10.0.0.5")


def test_keys_are_for_the_owner_only(authority: Authority) -> None:
    authority.server_files(NAMES, NOW)
    for key in ("ca.key", "server.key"):
        assert stat.S_IMODE((authority.folder / key).stat().st_mode) == 0o600
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700


def test_a_speaker_whose_clock_is_years_behind_is_not_shut_out(authority: Authority) -> None:
    for file in (authority.certificate_file, authority.server_files(NAMES, NOW).certificate):
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        assert certificate.not_valid_before_utc == dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def test_the_authority_lasts_twenty_years_and_the_certificate_five(authority: Authority) -> None:
    assert abs(authority.ends_at - NOW - dt.timedelta(days=AUTHORITY_DAYS)) < dt.timedelta(minutes=10)
    certificate = x509.load_pem_x509_certificate(authority.server_files(NAMES, NOW).certificate.read_bytes())
    assert abs(certificate.not_valid_after_utc - NOW - dt.timedelta(days=SERVER_DAYS)) < dt.timedelta(minutes=10)


def test_the_certificate_is_made_anew_for_other_names_or_near_its_end_and_else_stays(authority: Authority) -> None:
    assert authority.server_files(NAMES, NOW).new
    assert not authority.server_files(NAMES, NOW).new
    reopened = Authority.open(authority.folder, "test")
    assert not reopened.server_files(tuple(reversed(NAMES)), NOW).new
    assert reopened.server_files(NAMES[:1], NOW).new
    almost = NOW + dt.timedelta(days=SERVER_DAYS - RENEW_DAYS - 1)
    assert not reopened.server_files(NAMES[:1], almost).new
    assert reopened.server_files(NAMES[:1], almost + dt.timedelta(days=2)).new


def test_near_the_authoritys_own_end_the_certificate_ends_with_it_and_is_made_once(authority: Authority) -> None:
    late = authority.ends_at - dt.timedelta(days=10)
    files = authority.server_files(NAMES, late)
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    assert certificate.not_valid_after_utc == authority.ends_at
    assert not authority.server_files(NAMES, late).new


@pytest.mark.parametrize("file", ["server.pem", "server.key"])
def test_a_garbled_certificate_or_key_is_made_anew(authority: Authority, file: str) -> None:
    authority.server_files(NAMES, NOW)
    (authority.folder / file).write_text("garbled")
    files = authority.server_files(NAMES, NOW)
    assert files.new
    assert handshake(authority.certificate_file, files.certificate, files.key, "10.0.0.5")


def test_an_authority_that_lost_its_key_is_not_replaced_in_silence(authority: Authority) -> None:
    key = authority.folder / "ca.key"
    key.unlink()
    with pytest.raises(AuthorityError, match=r"No such file.*; bring the folder back from a backup"):
        Authority.open(authority.folder, "test")
    key.write_text("garbled")
    with pytest.raises(AuthorityError, match="garbled"):
        Authority.open(authority.folder, "test")
    other = Authority.open(authority.folder.parent / "other", "test")
    key.write_bytes((other.folder / "ca.key").read_bytes())
    with pytest.raises(AuthorityError, match=r"is not the key of ca\.pem"):
        Authority.open(authority.folder, "test")
