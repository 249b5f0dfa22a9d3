"""Speakers of other machines: enrol one, list them, revoke one."""

from __future__ import annotations

import ipaddress
import json
import secrets
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmissable.commands.options import check_ids, check_output, config
from unmissable.errors import UnmissableError, WrongUse
from unmissable.places import Places

if TYPE_CHECKING:
    from unmissable.network import Network


@click.group()
def enrol() -> None:
    """The devices that may connect to this school."""


@enrol.command()
@click.argument("speaker_id", metavar="ID")
@click.option("--zone", required=True, metavar="ZONE", help="The zone that it plays.")
@click.option("--address", metavar="HOST", help="This machine, as the speaker reaches it; default: as named last.")
@click.option(
    "--output",
    default="default",
    show_default=True,
    metavar="NAME",
    help="A sound device's name, null, or http://HOST:PORT.",
)
@click.option("--delay-ms", type=click.FloatRange(-5000, 5000), default=0.0, help="Plays this much later.")
@click.option("--bundle", type=click.Path(path_type=Path), help="The file to write, or a folder for it.")
@click.option("--port", type=click.IntRange(1, 65535), help="The broker's port for the network; default: 8883.")
@click.option("--media-port", type=click.IntRange(1, 65535), help="The port for tracks; default: 8484.")
@click.option("--listen", metavar="IP", help="The one address to listen on; default: all of this machine's.")
@config
def speaker(
    places: Places,
    speaker_id: str,
    zone: str,
    address: str | None,
    output: str,
    delay_ms: float,
    bundle: Path | None,
    port: int | None,
    media_port: int | None,
    listen: str | None,
) -> None:
    """Enrol the speaker ID of another machine: write what it needs into one file, and tell how it is run there.

    Enrolled again, it gets a new secret, and the old one no longer works. A school that is up needs no restart.
    """
    from unmissable.bundle import Bundle
    from unmissable.enrolling import changing, with_speaker
    from unmissable.network import is_of_this_machine
    from wire.address import Credentials
    from wire.authority import Authority
    from wire.errors import AuthorityError

    check_ids({"ID": speaker_id})
    check_output(output)
    places.enrolled()
    _check_zone(places, zone)
    path = Path(f"speaker-{speaker_id}.tar") if bundle is None else bundle
    if path.is_dir():
        path /= f"speaker-{speaker_id}.tar"
    with changing(places):
        before = places.enrolled()
        enrolment = with_speaker(before, speaker_id, zone)
        network = _network(places, address, port=port, media_port=media_port, listen=listen)
        try:
            authority = Authority.open(places.authority, enrolment.site)
        except AuthorityError as wrong:
            raise UnmissableError(str(wrong)) from None
        made = Bundle(
            id=speaker_id,
            zone=zone,
            site=enrolment.site,
            broker=network.broker_at(network.address),
            password=secrets.token_urlsafe(24),
            authority=authority.certificate_file.read_bytes(),
            output=output,
            delay_ms=delay_ms,
        )
        made.write(path)  # first: a stick that is full replaces no secret
        Credentials(speaker_id, made.password).save(places.credentials_file(speaker_id))
        network.save(places.network)
        enrolment.save(places.enrolment)
    again = "again: its old secret no longer works, and it has" if before.get(speaker_id) else "with"
    click.echo(f"{speaker_id} is enrolled for zone {zone}, {again} a secret of its own in {path}")
    click.echo("carry that file to the speaker's machine, and there:")
    click.echo(f"  tar -xf {shlex.quote(path.name)}")
    click.echo(f"  {shlex.join(made.command())}")
    click.echo(f"{made.folder}/README.txt tells how systemd runs it from every start of that machine")
    click.echo(f"speakers fetch tracks from http://{_in_url(network.address)}:{network.media_port}/media")
    if not is_of_this_machine(network.address):
        click.echo(
            f"take care: {network.address} does not lead to this machine from here, and its own speakers fetch tracks "
            "there too; if that is a mistake, enrol again with the right --address",
            err=True,
        )


@enrol.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
@config
def list_(places: Places, as_json: bool) -> None:
    """List who may connect: each user's role, and its zone or class."""
    from unmissable.network import Network

    enrolment, network = places.enrolled(), Network.load(places.network)
    if as_json:
        found = {
            "users": [one.model_dump(mode="json") for one in enrolment.users],
            "revoked": list(enrolment.revoked),
            "network": None if network is None else network.model_dump(mode="json"),
        }
        click.echo(json.dumps(found))
        return
    for one in enrolment.users:
        what = one.zone or ", ".join(one.classrooms)
        where = " (this machine)" if one.here else ""
        click.echo(f"{one.user}: {one.role}{f', {what}' if what else ''}{where}")
    for user in enrolment.revoked:
        click.echo(f"{user}: revoked")
    if network is None:
        click.echo("the school is closed to its network")
    else:
        places_of_it = ", ".join(str(network.broker_at(one)) for one in network.addresses)
        click.echo(f"the school is open to its network at {places_of_it}")


@enrol.command()
@click.argument("speaker_id", metavar="ID")
@config
def revoke(places: Places, speaker_id: str) -> None:
    """Shut the speaker ID out: its secret no longer works, and a school that is up ends its connection."""
    from unmissable.enrolling import changing, without_speaker

    places.enrolled()
    with changing(places):
        without_speaker(places.enrolled(), speaker_id).save(places.enrolment)
        places.credentials_file(speaker_id).unlink(missing_ok=True)
    click.echo(f"{speaker_id} is revoked: its secret no longer works, and nothing that is said here reaches it")
    click.echo("take care: it plays what it has until its programme ends, for a week at the most: switch it off")


def _check_zone(places: Places, zone: str) -> None:
    from unmissable.commands.timetable import timetable_of

    zones = timetable_of(places).zones
    if zone not in zones:
        raise WrongUse(f"--zone {zone!r} is not in the timetable; known here: {', '.join(zones)}")


def _network(
    places: Places, address: str | None, *, port: int | None, media_port: int | None, listen: str | None
) -> Network:
    """How the school is open from now on; raises WrongUse where nobody ever said by which address."""
    from unmissable.network import Network, checked_address, likely_address

    if listen is not None:
        try:
            ipaddress.ip_address(listen)
        except ValueError:
            raise WrongUse(f"--listen {listen!r}: should be an IP address of this machine") from None
    there = Network.load(places.network)
    named = None if address is None else checked_address(address)
    if there is None and named is None:
        likely = likely_address()
        raise WrongUse(
            "--address is missing: the name or IP address by which the speaker reaches this machine"
            + (f", such as {likely}" if likely else "")
        )
    network = there or Network(addresses=(named or "",))
    if named is not None:
        network = network.with_address(named)
    changes = {"port": port, "media_port": media_port, "listen": listen}
    return network.model_copy(update={name: value for name, value in changes.items() if value is not None})


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
