"""The options that many commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from unmissable.errors import WrongUse
from unmissable.places import Places
from wire.address import BrokerAddress, Credentials
from wire.errors import LinkError
from wire.topics import Topics

F = TypeVar("F", bound=Callable[..., Any])


def config(command: F) -> F:
    """`--config FOLDER`, given to the command as Places."""

    def as_places(_context: click.Context, _option: click.Parameter, value: Path) -> Places:
        return Places(value.absolute())

    return click.option(
        "--config",
        "places",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("config"),
        show_default=True,
        envvar="UNMISSABLE_CONFIG",
        callback=as_places,
        help="The folder with schedule.yaml; UNMISSABLE_CONFIG may name it too.",
    )(command)


def talk(command: F) -> F:
    """`--broker` and `--credentials`: where to talk to and as whom, as texts or None."""
    command = click.option("--broker", metavar="mqtt[s]://HOST:PORT", help="The broker; default: this school's own.")(
        command
    )
    return click.option(
        "--credentials",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The file with user and secret, mode 0600; default: UNMISSABLE_CREDENTIALS, else this school's own.",
    )(command)


def broker_of(text: str | None, places: Places) -> BrokerAddress:
    """The broker named, or the school's own; raises WrongUse."""
    if text is None:
        return places.broker_address()
    try:
        address = BrokerAddress.parse(text)
    except LinkError as wrong:
        raise WrongUse(str(wrong)) from None
    if not address.tls and not address.on_this_machine:
        raise WrongUse(
            f"broker {text!r}: would send the secret in the clear over the network; should be mqtts://HOST:PORT"
        )
    return address


def credentials_of(path: Path | None, places: Places, user: str | None) -> Credentials:
    """The credentials named, those in UNMISSABLE_CREDENTIALS, or the school's own for a user; raises WrongUse."""
    named = path or (Path(os.environ["UNMISSABLE_CREDENTIALS"]) if "UNMISSABLE_CREDENTIALS" in os.environ else None)
    if named is None:
        if user is None:
            raise WrongUse("no credentials: name a file with --credentials or UNMISSABLE_CREDENTIALS")
        places.enrolled()
        named = places.credentials_file(user)
    try:
        return Credentials.load(named)
    except LinkError as wrong:
        raise WrongUse(str(wrong)) from None


def check_ids(values: dict[str, str]) -> None:
    """Raise WrongUse for a name that the wire does not allow, by the option that it was given with."""
    for option, value in values.items():
        try:
            Topics(value)
        except ValueError:
            raise WrongUse(f"{option} {value!r}: should be 1 to 32 of a-z, 0-9 and -") from None


def check_output(output: str) -> None:
    """Raise WrongUse for an output that no speaker can have: a device's name may be any word, an address not."""
    if "://" not in output:
        return
    from devices.listen_output import parse_listen_address

    if parse_listen_address(output) is None:
        raise WrongUse(f"--output {output}: should be http://HOST:PORT, such as http://0.0.0.0:8485")
