"""The programme as the files alone give it, for a command that runs without the scheduler: no turns, nothing begun."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from scheduler.asrun import AsRunLog, AsRunOfTheDay
from scheduler.library_store import LibraryStore
from scheduler.moment import Moment
from scheduler.timetable import Timetable
from scheduler.tracks import Library


def moment_offline(timetable: Timetable, state: Path, now: dt.datetime, *, as_of: dt.date | None = None) -> Moment:
    """What the scheduler would start from at `now`, with the library and the as-run log in its state folder.

    The log is taken as of today, or as of an earlier date. The media address is none that can be fetched from. Raises
    LibraryError.
    """
    today = now.astimezone(timetable.timezone).date()
    library = state / "library.sqlite"
    if as_of is not None and as_of < today:
        played = AsRunLog(state / "as-run", timetable.timezone).as_of(as_of)
    else:
        played = AsRunOfTheDay(state / "as-run").as_of(today, now, timetable.timezone)
    return Moment(
        timetable=timetable,
        library=LibraryStore(library).library(timetable.folder) if library.exists() else Library(),
        turns={},
        played=played,
        begun={},
        media="http://offline.invalid/media",
        now=now,
    )
