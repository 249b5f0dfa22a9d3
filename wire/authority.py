"""The school's own certificate authority: what lets a speaker know the school's broker from any other machine.

It signs one certificate, the broker's, for the names and addresses at which the school is reached. Its key never
leaves its folder; its certificate goes to every speaker. Which names those are is not decided here.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import ipaddress
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wire.errors import AuthorityError

VALID_FROM = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""A speaker without a clock chip starts in the past and learns the time from the school: it must not refuse it."""
AUTHORITY_DAYS = 20 * 365
SERVER_DAYS = 5 * 365
RENEW_DAYS = 365
"""A certificate that ends within so many days is made anew: nobody may look after the server for a whole year."""


@dataclasses.dataclass(frozen=True)
class ServerFiles:
    """The broker's certificate and its key, and whether they were made just now."""

    certificate: Path
    key: Path
    new: bool = False


class Authority:
    """The authority in one folder: `ca.pem` is for everybody, `ca.key` for nobody else."""

    def __init__(self, folder: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self.folder = folder
        self._key = key
        self._certificate = certificate

    @classmethod
    def open(cls, folder: Path, site: str) -> Authority:
        """The authority of a folder, made now if there is none; raises AuthorityError when its files are no good.

        One that lost only its key is not made anew, as every speaker would have to be enrolled again: that is the
        owner's decision.
        """
        certificate_file, key_file = folder / "ca.pem", folder / "ca.key"
        if not certificate_file.exists():  # written last
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            key, certificate = _new_authority(site)
            _write(key_file, _key_text(key), 0o600)
            _write(certificate_file, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
        try:
            certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
            key_of_file = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as wrong:
            raise AuthorityError(
                f"{folder}: the school's certificate authority cannot be read ({_why(wrong)}); bring the folder back "
                "from a backup, or remove it and enrol every speaker again"
            ) from None
        if (
            not isinstance(key_of_file, ec.EllipticCurvePrivateKey)
            or key_of_file.public_key() != certificate.public_key()
        ):
            raise AuthorityError(f"{folder}: ca.key is not the key of ca.pem; bring the folder back from a backup")
        return cls(folder, key_of_file, certificate)

    @property
    def certificate_file(self) -> Path:
        """The certificate that speakers trust."""
        return self.folder / "ca.pem"

    @property
    def ends_at(self) -> dt.datetime:
        """When the authority itself ends, in UTC: every speaker must be enrolled again before."""
        return self._certificate.not_valid_after_utc

    def server_files(self, names: Sequence[str], now: dt.datetime) -> ServerFiles:
        """The broker's certificate for these DNS names and IP addresses; made anew if of others or near its end."""
        certificate_file, key_file = self.folder / "server.pem", self.folder / "server.key"
        if self._serves(certificate_file, key_file, names, now):
            return ServerFiles(certificate_file, key_file)
        key, certificate = self._new_server(names, now)
        _write(key_file, _key_text(key), 0o600)
        _write(certificate_file, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
        return ServerFiles(certificate_file, key_file, new=True)

    def _serves(self, certificate_file: Path, key_file: Path, names: Sequence[str], now: dt.datetime) -> bool:
        with contextlib.suppress(OSError, ValueError, TypeError, x509.ExtensionNotFound):
            certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
            certificate.verify_directly_issued_by(self._certificate)
            key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
            named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            # One that ends with the authority itself cannot be made to last longer.
            last = min(now + dt.timedelta(days=RENEW_DAYS), self.ends_at)
            return (
                key.public_key() == certificate.public_key()
                and set(named) == set(map(_general_name, names))
                and certificate.not_valid_after_utc >= last
            )
        return False

    def _new_server(
        self, names: Sequence[str], now: dt.datetime
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = ec.generate_private_key(ec.SECP256R1())
        authority_id = self._certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name("Unmissable broker"))
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(VALID_FROM)
            .not_valid_after(min(now + dt.timedelta(days=SERVER_DAYS), self.ends_at))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_id), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return key, certificate


def _new_authority(site: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Unmissable authority of {site}")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(dt.datetime.now(dt.UTC) + dt.timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write beside and rename: a key is never there in part, and never readable by others."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:  # noqa: PTH123 - the mode from the first byte on
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _why(wrong: Exception) -> str:
    return f"{wrong.filename}: {wrong.strerror}" if isinstance(wrong, OSError) else "ca.pem or ca.key is garbled"
