"""The timetable, looked at: check and day."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmissable.commands.options import config, talk
from unmissable.errors import UnmissableError, WrongUse
from unmissable.places import Places
from wire.clock import wall_s
from wire.values import instant_of

if TYPE_CHECKING:
    from scheduler.timetable import Timetable
    from scheduler.tracks import Library


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@config
def check(places: Places, file: Path | None) -> None:
    """Check a timetable, FILE or the school's own: every problem with its line, and what would be right."""
    from scheduler.check import check_timetable
    from scheduler.errors import LibraryError
    from scheduler.reading import read_timetable

    path = file or places.schedule
    if path.name == places.schedule.name:
        places = Places(path.absolute().parent)
    reading = read_timetable(path)
    try:
        library = library_of(places, reading.timetable) if path.absolute() == places.schedule else None
    except LibraryError as wrong:
        raise UnmissableError(str(wrong)) from None
    outcome = check_timetable(path, reading, library, dt.datetime.now(dt.UTC).date())
    for line in outcome.lines():
        click.echo(line, err=not outcome.ok)
    if not outcome.ok:
        raise SystemExit(WrongUse.status)


@click.command()
@click.argument("date", required=False)
@config
@talk
@click.option("--zone", metavar="ZONE", help="Only this zone.")
@click.option("--json", "as_json", is_flag=True, help="For a program to read: the sets as on the wire.")
def day(
    places: Places, broker: str | None, credentials: Path | None, date: str | None, zone: str | None, as_json: bool
) -> None:
    """Tell what will play on DATE (YYYY-MM-DD, default today), when, and why."""
    from scheduler.day import day_text, explain_day
    from scheduler.errors import SchedulerError, UnknownZone
    from scheduler.offline import moment_offline
    from scheduler.plan import begun_sets
    from unmissable.on_the_wire import day_on_the_wire

    timetable = timetable_of(places)
    now = instant_of(wall_s())
    today = now.astimezone(timetable.timezone).date()
    wanted = _date(date) or today
    known = day_on_the_wire(places, broker, credentials, today)
    try:
        moment = dataclasses.replace(
            moment_offline(timetable, places.state, now, as_of=wanted),
            turns=known.turns,
            begun=begun_sets(known.programmes, now),
        )
        planned = moment.plan(wanted)
        if as_json:
            click.echo(explain_day(timetable, planned, zone).model_dump_json(indent=1))
        else:
            click.echo(day_text(timetable, planned, zone), nl=False)
    except UnknownZone as wrong:
        raise WrongUse(str(wrong)) from None
    except SchedulerError as wrong:
        raise UnmissableError(str(wrong)) from None
    if not places.library.exists():
        click.echo("unmissable: the music was not scanned yet; run: unmissable music scan", err=True)
    if known.note:
        click.echo(f"unmissable: {known.note}", err=True)


def timetable_of(places: Places) -> Timetable:
    """The school's timetable; raises WrongUse with every problem, a line each."""
    from scheduler.reading import read_timetable

    reading = read_timetable(places.schedule)
    if reading.timetable is None:
        raise WrongUse("the timetable cannot be used:\n" + "\n".join(map(str, reading.problems)))
    return reading.timetable


def library_of(places: Places, timetable: Timetable | None) -> Library | None:
    """What is known of the music, or None when it was never scanned; raises LibraryError."""
    from scheduler.library_store import LibraryStore

    if timetable is None or not places.library.exists():
        return None
    return LibraryStore(places.library).library(timetable.folder)


def _date(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"date {text!r}: should be YYYY-MM-DD, such as 2026-11-23") from None
