"""How a school is open to its network: the addresses at which other machines reach it, and the ports.

A school is closed until a speaker of another machine is enrolled; the file is written then, and read by `up`. What the
broker and the scheduler are told for it is made here; the certificates are the authority's.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from unmissable.errors import WrongUse
from wire.address import BrokerAddress

BROKER_PORT = 8883
"""The registered port of MQTT over TLS."""
MEDIA_PORT = 8484

Port = Annotated[int, Field(ge=1, le=65_535)]
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")


class Network(BaseModel):
    """The addresses by which this school is reached, the newest first, and where it listens.

    `listen` is the one address of this machine to listen on; None is all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    addresses: Annotated[tuple[str, ...], Field(min_length=1)]
    port: Port = BROKER_PORT
    media_port: Port = MEDIA_PORT
    listen: str | None = None

    @classmethod
    def load(cls, path: Path) -> Network | None:
        """Read the file, None where there is none; raises WrongUse with what is wrong with it."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as wrong:
            raise WrongUse(f"{path}: cannot be read: {wrong.strerror}") from None
        except ValidationError as wrong:
            first = wrong.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise WrongUse(f"{path}: {where}{': ' if where else ''}{first['msg']}") from None

    def save(self, path: Path) -> None:
        """Write the file beside and rename it, so that a reader never sees half of it."""
        beside = path.with_suffix(".new")
        beside.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        beside.replace(path)

    @property
    def address(self) -> str:
        """Where tracks are fetched from: the address that was named last."""
        return self.addresses[0]

    def with_address(self, address: str) -> Network:
        """The same with an address as the newest."""
        others = tuple(one for one in self.addresses if one != address)
        return self.model_copy(update={"addresses": (address, *others)})

    def broker_at(self, address: str) -> BrokerAddress:
        """The broker as a speaker reaches it by one of the addresses."""
        return BrokerAddress(address, self.port, tls=True)

    @property
    def media_host(self) -> str:
        """Where the scheduler's media server listens."""
        if self.listen is not None:
            return self.listen
        return "::" if any(":" in one for one in self.addresses) else "0.0.0.0"  # noqa: S104 - opened on purpose


def checked_address(text: str) -> str:
    """A DNS name or IP address by which others can reach this machine; raises WrongUse with what would be right."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        # A last level of digits alone is a mistyped IP address: no top-level domain is.
        if len(text) > 253 or not _HOST_NAME.fullmatch(text) or text.rstrip(".").rpartition(".")[2].isdigit():
            raise WrongUse(
                f"--address {text!r}: should be a name such as music.school.local, or an IP address"
            ) from None
        if text.lower() == "localhost":
            raise WrongUse("--address localhost: no other machine reaches this one by that name") from None
        return text.rstrip(".").lower()
    if address.is_loopback or address.is_unspecified or address.is_multicast or "%" in text:
        raise WrongUse(f"--address {text}: no other machine reaches this one there")
    return str(address)


def likely_address() -> str | None:
    """The address by which this machine would speak to others, if it has a way to any; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: an address for documentation, in no network
        except OSError:
            return None
        return str(probe.getsockname()[0])


def is_of_this_machine(address: str) -> bool:
    """Whether a name or an address leads to this machine, so that its own speakers can use it too."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)}
    except OSError:
        return False
    for one in found:
        with socket.socket(socket.AF_INET6 if ":" in one else socket.AF_INET) as probe:
            try:
                probe.bind((one, 0))
            except OSError:
                continue
            return True
    return False
