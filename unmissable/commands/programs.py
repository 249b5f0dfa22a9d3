"""The programs, one by one: scheduler, office, speaker, kiosk."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from unmissable import parts
from unmissable.commands.options import broker_of, check_ids, check_output, config, credentials_of, talk
from unmissable.enrolling import kiosk_user
from unmissable.errors import UnmissableError, WrongUse
from unmissable.places import Places
from unmissable.running import end_with_parent, run
from unmissable.service_manager import ServiceManager
from wire.errors import WireError


@click.command()
@config
@talk
@click.option("--media-port", type=click.IntRange(0, 65535), default=0, help="Port for tracks; 0 takes a free one.")
@click.option("--media-listen", default="127.0.0.1", show_default=True, metavar="IP", help="Where tracks are served.")
@click.option("--media-address", metavar="HOST", help="This machine, as speakers reach it for tracks.")
def scheduler(
    places: Places,
    broker: str | None,
    credentials: Path | None,
    media_port: int,
    media_listen: str,
    media_address: str | None,
) -> None:
    """Run the scheduler: from the timetable to every zone's programme."""
    from scheduler.errors import SchedulerError
    from scheduler.service import SchedulerSettings, serve

    parts.need(parts.FFMPEG)
    places.enrolled()
    settings = SchedulerSettings(
        config=places.config,
        state=places.state,
        broker=broker_of(broker, places),
        credentials=credentials_of(credentials, places, "scheduler"),
        enrolment=places.enrolment,
        media_host=media_listen,
        media_port=media_port,
        media_url_host=media_address,
    )
    run(lambda stop, ready: serve(settings, stop, ready), errors=(SchedulerError, WireError, OSError))


@click.command()
@config
@talk
@click.option("--database", metavar="URL", help="An SQLAlchemy URL; default: SQLite in the state folder.")
def office(places: Places, broker: str | None, credentials: Path | None, database: str | None) -> None:
    """Run the office: pupils, taps, points and School DJ turns."""
    from office.errors import OfficeError
    from office.service import OfficeSettings, serve

    settings = OfficeSettings(
        state=places.state,
        site=places.enrolled().site,
        broker=broker_of(broker, places),
        credentials=credentials_of(credentials, places, "office"),
        enrolment=places.enrolment,
        database_url=database,
    )
    run(lambda stop, ready: serve(settings, stop, ready), errors=(OfficeError, WireError, OSError))


@click.command()
@config
@talk
@click.option("--id", "speaker_id", required=True, metavar="ID", help="The speaker's name: a-z, 0-9 and -.")
@click.option("--zone", required=True, metavar="ZONE", help="The zone that it plays.")
@click.option("--site", required=True, metavar="SITE", help="The school's short name.")
@click.option("--state", required=True, type=click.Path(path_type=Path, file_okay=False), help="Its own folder.")
@click.option(
    "--output",
    default="default",
    show_default=True,
    metavar="NAME",
    help="A sound device's name, null, or http://HOST:PORT, where the zone is then heard as internet radio.",
)
@click.option("--delay-ms", type=click.FloatRange(-5000, 5000), default=0.0, help="Plays this much later.")
@click.option("--disk-mb", type=click.IntRange(50), metavar="MB", help="Room for tracks [half the disk, 8000 at most].")
def speaker(
    places: Places,
    broker: str | None,
    credentials: Path | None,
    speaker_id: str,
    zone: str,
    site: str,
    state: Path,
    output: str,
    delay_ms: float,
    disk_mb: int | None,
) -> None:
    """Run a speaker: make a zone sound as its programme says."""
    parts.need(*_parts_for(output))
    from devices.errors import DeviceError
    from devices.speaker import SpeakerSettings, serve

    check_ids({"--site": site, "--id": speaker_id, "--zone": zone})
    check_output(output)
    secret = credentials_of(credentials, places, speaker_id)
    if secret.user != speaker_id:
        raise WrongUse(f"--id {speaker_id}: the credentials are those of {secret.user}; name its own file")
    settings = SpeakerSettings(
        id=speaker_id,
        zone=zone,
        site=site,
        state=state.absolute(),
        broker=broker_of(broker, places),
        credentials=secret,
        output=output,
        delay_ms=delay_ms,
        disk_bytes=None if disk_mb is None else disk_mb * 1_000_000,
    )
    manager = ServiceManager()
    run(
        lambda stop, ready: serve(settings, stop, ready, manager.alive),
        errors=(DeviceError, WireError, OSError),
        manager=manager,
    )


@click.command()
@config
@talk
@click.option("--classroom", required=True, metavar="CLASS", help="The class whose pupils it shows.")
@click.option("--hint", default="", help="A line for the foot of the screen.")
@click.option("--demonstration", is_flag=True, help="Ctrl-C leaves, and card numbers may be typed slowly.")
def kiosk(
    places: Places, broker: str | None, credentials: Path | None, classroom: str, hint: str, demonstration: bool
) -> None:
    """Show a class's kiosk in this terminal."""
    from kiosk.app import run as run_kiosk
    from kiosk.settings import KioskSettings

    enrolment = places.enrolled()
    user = kiosk_user(classroom)
    enrolled = enrolment.get(user)
    if enrolled is None:
        classes = ", ".join(one for other in enrolment.users for one in other.classrooms)
        raise WrongUse(f"--classroom {classroom}: no kiosk is enrolled for it; there are: {classes or 'none'}")
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise UnmissableError("the kiosk needs a terminal to show itself in")
    end_with_parent()
    status = run_kiosk(
        KioskSettings(
            classroom=classroom,
            site=enrolment.site,
            user=user,
            state=places.state_of(user),
            broker=broker_of(broker, places),
            credentials=credentials_of(credentials, places, user),
            hint=hint,
            leave_with_ctrl_c=demonstration,
            typed_cards=demonstration,
        )
    )
    sys.exit(status)


def _parts_for(output: str) -> tuple[parts.Part, ...]:
    """What a speaker needs of the system for an output."""
    decoding = (parts.LIBVLC, parts.VLC_PLUGINS)
    if "://" in output:
        return (*decoding, parts.FFMPEG)
    return decoding if output == "null" else parts.SPEAKER
