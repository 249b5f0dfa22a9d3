"""The music library: scan, approve, refuse, list."""

from __future__ import annotations

import getpass
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unmissable import parts
from unmissable.commands.options import config
from unmissable.commands.timetable import timetable_of
from unmissable.errors import UnmissableError, WrongUse
from unmissable.places import Places

if TYPE_CHECKING:
    from scheduler.approvals import Outcome
    from scheduler.library_scan import ScanReport
    from scheduler.library_store import LibraryStore


@click.group()
def music() -> None:
    """The school's music: find it, and say what may be played."""


@music.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, exists=True))
@config
def scan(places: Places, folders: tuple[Path, ...]) -> None:
    """Read the music that the timetable names, and that in FOLDERS; unchanged files are not read again."""
    from scheduler.library_scan import music_places
    from scheduler.library_scan import scan as scan_music

    parts.need(parts.FFMPEG)
    timetable = timetable_of(places)
    with _store(places) as store, click.progressbar(length=1, label="Reading music", show_pos=True) as bar:

        def progress(done: int, total: int, _path: str) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        report = scan_music(
            store,
            timetable.folder,
            (*music_places(timetable), *(str(folder.absolute()) for folder in folders)),
            progress=progress,
        )
        bar.update((bar.length or 1) - bar.pos)
    for line in scan_lines(report):
        click.echo(line)


@music.command()
@click.argument("files", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that is new and not marked explicit.")
@config
def approve(places: Places, files: tuple[str, ...], everything: bool) -> None:
    """Let FILES be played; a track marked explicit only by its name."""
    from scheduler.approvals import approve as approve_files
    from scheduler.approvals import approve_all

    _judge(places, files, everything, approve_files, approve_all, "approved")


@music.command()
@click.argument("files", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that nobody has approved yet.")
@config
def refuse(places: Places, files: tuple[str, ...], everything: bool) -> None:
    """Never play FILES, under whatever name."""
    from scheduler.approvals import refuse as refuse_files
    from scheduler.approvals import refuse_all

    _judge(places, files, everything, refuse_files, refuse_all, "refused")


@music.command("list")
@config
def list_(places: Places) -> None:
    """List the library: how each track stands, its length, title and file."""
    from scheduler.approvals import music as library

    with _store(places) as store:
        for item in library(store):
            minutes, seconds = divmod(round(item.file.duration_s), 60)
            artist = f" · {item.file.artist}" if item.file.artist else ""
            click.echo(
                f"{item.standing.value:14} {minutes}:{seconds:02}  {item.file.title}{artist}  ({item.file.path})"
            )


def scan_lines(report: ScanReport) -> Iterator[str]:
    """A scan's report: every bad file by name, then the counts."""
    yield from (f"cannot be played: {bad}" for bad in report.bad)
    yield (
        f"{len(report.added)} new, {len(report.changed)} changed, {len(report.unchanged)} unchanged, "
        f"{len(report.removed)} gone, {len(report.bad)} bad"
    )


def who() -> str:
    """Who says so, as the record keeps it."""
    return re.sub(r"[^a-z0-9-]", "-", getpass.getuser().lower())[:32] or "somebody"


def _here(files: tuple[str, ...]) -> list[str]:
    """The files as named: one that is there from the current folder is meant so, else from the timetable's folder."""
    return [str(Path(name).absolute()) if Path(name).exists() else name for name in files]


def _judge(
    places: Places,
    files: tuple[str, ...],
    everything: bool,
    of_files: Callable[[LibraryStore, Path, Iterable[str], str, float], Outcome],
    of_all: Callable[[LibraryStore, str, float], Outcome],
    done: str,
) -> None:
    """Give a verdict on files or on everything, and say what it did; raises WrongUse unless it is one of both."""
    if bool(files) == everything:
        raise WrongUse("name FILES, or --all")
    with _store(places) as store:
        by, now = who(), time.time()
        outcome = of_all(store, by, now) if everything else of_files(store, places.config, _here(files), by, now)
    _say(outcome, done)


@contextmanager
def _store(places: Places) -> Iterator[LibraryStore]:
    from scheduler.errors import SchedulerError
    from scheduler.library_store import LibraryStore

    places.make_state()
    try:
        yield LibraryStore(places.library)
    except SchedulerError as wrong:
        raise UnmissableError(str(wrong)) from None


def _say(outcome: Outcome, done: str) -> None:
    for path in outcome.needs_name:
        click.echo(f"{path}: marked explicit; an adult approves it by name")
    click.echo(f"{len(outcome.done)} {done}, {len(outcome.already)} were already")
    wrong = [f"{path}: not in the library; run: unmissable music scan" for path in outcome.unknown]
    wrong += [f"{path}: cannot be played" for path in outcome.bad]
    if wrong:
        raise UnmissableError("\n".join(wrong))
