"""Setting up a school: from what a technician is asked to a config folder that runs.

What is made: schedule.yaml, who is enrolled, the office's database with its first admin and the roll, and the music
library, scanned and approved. A step that fails leaves no schedule.yaml, so that it can be done again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import re
import string
import time
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path

from office.database import Database
from office.errors import OfficeError, StaffError
from office.roll import RollReport, import_roll
from office.roll_file import read_roll
from office.staff import add_staff
from scheduler.approvals import Outcome, approve_all
from scheduler.errors import SchedulerError
from scheduler.library_scan import ScanReport, scan
from scheduler.library_store import LibraryStore
from scheduler.reading import parse_timetable
from unmissable.enrolling import first_enrolment
from unmissable.errors import UnmissableError, WrongUse
from unmissable.places import Places

Progress = Callable[[int, int, str], None]


@dataclasses.dataclass(frozen=True)
class NewSchool:
    """What is asked before a school can be set up; `zones_here` are the zones that this machine itself plays."""

    name: str
    site: str
    timezone: str
    classrooms: tuple[str, ...]
    music: Path
    admin: str
    pin: str = dataclasses.field(repr=False)
    roll: Path | None = None
    zones_here: tuple[str, ...] = ("playground",)


@dataclasses.dataclass(frozen=True)
class SetUp:
    """What was set up."""

    scan: ScanReport
    approved: Outcome
    roll: RollReport | None


def classes_of(roll: Path) -> tuple[str, ...]:
    """The ids of the classes in a roll; raises UnmissableError when it cannot be read."""
    try:
        rows = read_roll(roll, today=dt.datetime.now(dt.UTC).date()).rows
    except OfficeError as wrong:
        raise UnmissableError(str(wrong)) from None
    return tuple(sorted({row.classroom_id for row in rows}))


def slug(text: str) -> str:
    """A name for the wire made of any text: a-z, 0-9 and -, at most 32."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:32].strip("-")


def set_up(places: Places, school: NewSchool, progress: Progress | None = None) -> SetUp:
    """Make a school's config folder; raises WrongUse for what cannot be, UnmissableError for what failed."""
    if places.schedule.exists():
        raise WrongUse(f"{places.schedule} is there already; edit it, or name another folder")
    if not school.music.is_dir():
        raise WrongUse(f"music folder {school.music}: there is no such folder")
    timetable = first_timetable(places, school)
    places.make_state()
    try:
        enrol(places, school)
        roll = _office(places, school)
        scanned, approved = library(places, (str(school.music.absolute()),), school.admin, progress)
    except StaffError as wrong:
        raise WrongUse(str(wrong)) from None
    except (OfficeError, SchedulerError) as wrong:
        raise UnmissableError(str(wrong)) from None
    places.schedule.write_text(timetable, encoding="utf-8")
    return SetUp(scanned, approved, roll)


def first_timetable(places: Places, school: NewSchool) -> str:
    """The text of the first schedule.yaml, which passes the check; raises WrongUse when an answer makes it fail."""
    template = resources.files("unmissable").joinpath("first_config/schedule.yaml").read_text(encoding="utf-8")
    music = school.music.absolute()
    folder = os.path.relpath(music, places.config) if music.is_relative_to(places.config) else str(music)
    text = string.Template(template).substitute(
        name=json.dumps(school.name, ensure_ascii=False),
        site=school.site,
        timezone=school.timezone,
        music=json.dumps(folder, ensure_ascii=False),
        **_guessed_terms(dt.datetime.now(dt.UTC).date()),
    )
    reading = parse_timetable(text.encode(), file=str(places.schedule), folder=places.config)
    if reading.timetable is None:
        raise WrongUse("\n".join(map(str, reading.problems)))
    for zone in school.zones_here:
        if zone not in reading.timetable.zones:
            raise WrongUse(f"zone {zone!r}: should be one of {', '.join(reading.timetable.zones)}")
    return text


def enrol(places: Places, school: NewSchool) -> None:
    """Write who is enrolled; their secrets are made when the broker first starts."""
    first_enrolment(school.site, classrooms=school.classrooms, zones_here=school.zones_here).save(places.enrolment)


def library(
    places: Places, folders: Iterable[str], by: str, progress: Progress | None = None
) -> tuple[ScanReport, Outcome]:
    """Scan music folders and approve all in them that is not marked explicit; raises SchedulerError."""
    store = LibraryStore(places.library)
    scanned = scan(store, places.config, folders, progress=progress)
    return scanned, approve_all(store, by, time.time())


def _office(places: Places, school: NewSchool) -> RollReport | None:
    """The office's database with its first admin, and the roll if there is one; raises OfficeError."""
    database = Database.open(places.state)
    try:
        add_staff(database, school.admin, "admin", school.pin)
        if school.roll is None:
            return None
        return import_roll(database, school.roll, today=dt.datetime.now(dt.UTC).date())
    finally:
        database.close()


def _guessed_terms(today: dt.date) -> dict[str, object]:
    """A year of usual English term dates around today, to be replaced by the school's own."""
    year = today.year if today.month >= 8 else today.year - 1

    def week_of(date: dt.date) -> tuple[dt.date, dt.date]:
        monday = date - dt.timedelta(days=date.weekday())
        return monday, monday + dt.timedelta(days=4)

    autumn_half, spring_half = week_of(dt.date(year, 10, 28)), week_of(dt.date(year + 1, 2, 17))
    summer_half = week_of(dt.date(year + 1, 5, 31))
    return {
        "autumn": year,
        "spring": year + 1,
        "autumn_from": dt.date(year, 9, 2),
        "autumn_to": dt.date(year, 12, 18),
        "autumn_half_from": autumn_half[0],
        "autumn_half_to": autumn_half[1],
        "spring_from": dt.date(year + 1, 1, 5),
        "spring_to": dt.date(year + 1, 3, 26),
        "spring_half_from": spring_half[0],
        "spring_half_to": spring_half[1],
        "summer_from": dt.date(year + 1, 4, 13),
        "summer_to": dt.date(year + 1, 7, 21),
        "summer_half_from": summer_half[0],
        "summer_half_to": summer_half[1],
    }
