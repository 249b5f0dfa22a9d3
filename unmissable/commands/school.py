"""A school's set-up: init and roll import."""

from __future__ import annotations

import datetime as dt
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import click

from unmissable import parts
from unmissable.commands.options import config
from unmissable.errors import UnmissableError, WrongUse
from unmissable.places import Places

_PIN = "A PIN for the first admin (4 characters or more)"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--school", "name", metavar="NAME", help="The school's name.")
@click.option("--site", metavar="SITE", help="Its short name on the network; default: made of the name.")
@click.option("--classes", metavar="A,B,…", help="The classes, each with a kiosk; default: the roll's.")
@click.option("--music", type=click.Path(path_type=Path), metavar="FOLDER", help="The folder with its music.")
@click.option("--roll", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="The roll as CSV.")
@click.option("--admin", default="admin", show_default=True, metavar="NAME", help="The first admin's sign-in name.")
@click.option("--pin-file", type=click.File("r"), help="A file with the first admin's PIN (- is standard input).")
@click.option("--timezone", default="Europe/London", show_default=True, help="The school's time zone.")
@click.option(
    "--zone",
    "zones",
    multiple=True,
    default=("playground",),
    show_default=True,
    help="A zone that this machine's own output plays; may be given again.",
)
def init(
    folder: Path,
    name: str | None,
    site: str | None,
    classes: str | None,
    music: Path | None,
    roll: Path | None,
    admin: str,
    pin_file: TextIO | None,
    timezone: str,
    zones: tuple[str, ...],
) -> None:
    """Set a school up in FOLDER, by flags or by questions; then `unmissable up --config FOLDER` runs it."""
    parts.need(parts.FFMPEG)
    from office.roll_file import class_id
    from unmissable.commands.music import scan_lines
    from unmissable.first_school import NewSchool, classes_of, set_up, slug

    places = Places(folder.absolute())
    if places.schedule.exists():
        raise WrongUse(f"{places.schedule} is there already; edit it, or name another folder")
    name = name or _asked("The school's name", "--school")
    classrooms = classes_of(roll) if roll is not None and not classes else ()
    if not classrooms:

        def ids(text: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(one for one in map(class_id, text.split(",")) if one))

        def no_class(text: str) -> str | None:
            return None if ids(text) else "should be names with commas, such as acorn,oak"

        classes = classes or _asked("Its classes, with commas (acorn, oak, elm)", "--classes", no_class)
        classrooms = ids(classes)
    if not classrooms:
        raise WrongUse(f"classes {classes!r}: should be names with commas, such as acorn,oak")
    music = music or Path(_asked("The folder with its music", "--music", _no_folder)).expanduser()
    pin = pin_file.read().strip() if pin_file else _asked(_PIN, "--pin-file", _weak_pin, hide=True)
    school = NewSchool(
        name=name,
        site=site or slug(name) or "school",
        timezone=timezone,
        classrooms=classrooms,
        music=music,
        admin=admin,
        pin=pin,
        roll=roll,
        zones_here=zones,
    )
    with click.progressbar(length=1, label="Reading music", show_pos=True) as bar:

        def progress(done: int, total: int, _path: str) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        made = set_up(places, school, progress)
        bar.update((bar.length or 1) - bar.pos)
    for line in scan_lines(made.scan):
        click.echo(line)
    click.echo(f"approved by {admin}: {len(made.approved.done)}")
    for path in made.approved.needs_name:
        click.echo(f"{path}: marked explicit; an adult approves it by name: unmissable music approve FILE")
    if made.roll is not None:
        for line in made.roll.lines():
            click.echo(line)
    here = shlex.quote(str(folder))
    click.echo(f"{name} is set up in {folder}. Its terms are a guess: edit {folder / 'schedule.yaml'}, then:")
    click.echo(f"  unmissable check --config {here}")
    click.echo(f"  unmissable up --config {here}")
    click.echo(f"  unmissable kiosk --config {here} --classroom {classrooms[0]}    (in a terminal of its own)")


@click.group()
def roll() -> None:
    """The school's pupils."""


@roll.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--part", is_flag=True, help="The file is not the whole school: nobody leaves.")
@click.option("--force", is_flag=True, help="Even if a large part of the school would leave.")
@config
def roll_import(places: Places, file: Path, part: bool, force: bool) -> None:
    """Take in the roll from the MIS's CSV FILE: by UPN, however often, with a report of every change and bad row."""
    from office.database import Database
    from office.errors import OfficeError
    from office.roll import import_roll

    places.enrolled()
    try:
        database = Database.open(places.state)
        try:
            report = import_roll(
                database, file, today=dt.datetime.now(dt.UTC).date(), whole_school=not part, force=force
            )
        finally:
            database.close()
    except OfficeError as wrong:
        raise UnmissableError(str(wrong)) from None
    for line in report.lines():
        click.echo(line)
    if report.bad:
        raise SystemExit(1)


def _asked(
    question: str, flag: str, problem: Callable[[str], str | None] = lambda _answer: None, *, hide: bool = False
) -> str:
    """The answer to a question, asked again while there is a problem with it; raises WrongUse that names the flag."""
    if not sys.stdin.isatty():
        raise WrongUse(f"{flag} is missing, and there is no terminal to ask in")
    while True:
        answer = str(click.prompt(question, hide_input=hide, confirmation_prompt=hide)).strip()
        wrong = problem(answer)
        if wrong is None:
            return answer
        click.echo(wrong if hide else f"{answer}: {wrong}", err=True)


def _weak_pin(pin: str) -> str | None:
    from office.errors import StaffError
    from office.staff import check_pin

    try:
        check_pin(pin)
    except StaffError as weak:
        return str(weak)
    return None


def _no_folder(answer: str) -> str | None:
    return None if Path(answer).expanduser().is_dir() else "there is no such folder"
