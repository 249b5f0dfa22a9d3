"""The made-up school of the demo: its config folder, with a timetable whose slots are around now.

The school's time zone is chosen so that it is morning there, whatever the machine's clock says: so the demo also works
just before midnight and on a bank holiday, and its day never ends while somebody looks.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime as dt
import json
import random
import string
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from office.database import Database
from office.ledger import enter, published_reasons
from office.pupils import active_pupils, roster
from office.roll import import_roll
from office.staff import add_staff
from office.turns import bring_forward
from scheduler.approvals import approve
from scheduler.library_scan import content_id, scan
from scheduler.library_store import FileRow, LibraryStore
from scheduler.music_files import library_path
from unmissable.enrolling import first_enrolment
from unmissable.places import Places
from wire.cards import card_hash
from wire.requests import RosterAnswer

SITE = "demo"
CLASSROOMS = ("oak", "acorn", "elm", "ash")
ZONES = ("playground", "classrooms")
CLASSROOM = "oak"
"""The class whose kiosk is shown."""
DJ_CARDS = {"break": "1001", "lunch": "1002"}
"""The cards of the pupils whose turn it is to be School DJ, by slot."""
LOCK_S = 5
_MORNING_HOUR = 10


@dataclasses.dataclass(frozen=True)
class Demo:
    """A demo school that is ready to be run: the date in its own time zone, and when its DJ set begins."""

    places: Places
    date: dt.date
    dj_at: dt.datetime


def morning_zone(now: dt.datetime) -> str:
    """The name of a time zone in which `now` is between 10 and 11 in the morning."""
    hours = (_MORNING_HOUR - now.astimezone(dt.UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"  # POSIX's sign: Etc/GMT-3 is three hours ahead of UTC


def demo_timetable(school: Path, start: dt.datetime, lead_s: float) -> tuple[str, Demo]:
    """The text of the timetable, and what is worth knowing of it; the DJ set begins `lead_s` after `start`.

    `school` is the folder of the demo's music and bells.
    """
    zone = morning_zone(start)
    local = start.astimezone(ZoneInfo(zone)).replace(microsecond=0)

    def at(seconds: float) -> str:
        return f"{local + dt.timedelta(seconds=seconds):%H:%M:%S}"

    def path(name: str) -> str:
        return json.dumps(str(school / name), ensure_ascii=False)

    text = string.Template((school / "schedule.yaml").read_text(encoding="utf-8")).substitute(
        site=SITE,
        timezone=zone,
        morning=path("music/morning"),
        lively=path("music/lively"),
        calm=path("music/calm"),
        chime=path("bells/chime.ogg"),
        drop_off=at(0),
        drop_off_end=at(lead_s - 4),
        break_=at(lead_s),
        break_end=at(lead_s + 150),
        lunch=at(lead_s + 156),
        lunch_end=at(lead_s + 600),
        pick_up=at(lead_s + 605),
        pick_up_end=at(lead_s + 1_700),
        term_from=local.date() - dt.timedelta(days=30),
        term_to=local.date() + dt.timedelta(days=30),
        lock=LOCK_S,
    )
    return text, Demo(Places(school), local.date(), local + dt.timedelta(seconds=lead_s))


def make_demo(folder: Path, lead_s: float) -> Demo:
    """Make the demo's config folder; the clock of its timetable starts when everything else is ready."""
    places = Places(folder)
    places.state.mkdir(parents=True)
    school = Path(str(resources.files("unmissable").joinpath("demo_school")))
    first_enrolment(SITE, classrooms=CLASSROOMS, zones_here=ZONES).save(places.enrolment)
    _take_measured(places, school)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        scanned = pool.submit(_music, places, school)
        text, demo = _office(places, school, lead_s, scanned.result)
    places.schedule.write_text(text, encoding="utf-8")
    return dataclasses.replace(demo, places=places)


def _music(places: Places, school: Path) -> None:
    """Scan music and bells, and approve the music: a bell needs no approval, and is nothing to pick."""
    store = LibraryStore(places.library)
    scan(store, places.config, (str(school / "music"), str(school / "bells")))
    approve(store, places.config, [str(school / "music")], "demo", time.time())


def _take_measured(places: Places, school: Path) -> None:
    """Put into the library what was measured of the demo's files, for those whose content is still the same."""
    store = LibraryStore(places.library)
    for measured in json.loads((school / "measured.json").read_text(encoding="utf-8")):
        file = school / measured["path"]
        if file.is_file() and content_id(file) == measured["id"]:
            now = file.stat()
            path = library_path(places.config, file)
            store.put(FileRow(**{**measured, "path": path, "size": now.st_size, "mtime_ns": now.st_mtime_ns}))


def _office(places: Places, school: Path, lead_s: float, when_scanned: Callable[[], object]) -> tuple[str, Demo]:
    """The office's database with the roll, some points and today's School DJ; then the timetable, as of that moment."""
    database = Database.open(places.state)
    try:
        import_roll(database, school / "roll.csv", today=dt.datetime.now(dt.UTC).date())
        add_staff(database, "demo", "teacher", "2580-demo")
        _give_points(database, dt.datetime.now(dt.UTC))
        when_scanned()
        start = dt.datetime.now(dt.UTC)
        text, demo = demo_timetable(school, start, lead_s)
        with database.write() as session:
            pupils = roster(session, CLASSROOM)
            for slot, card in DJ_CARDS.items():
                bring_forward(session, _holder(pupils, card), date=demo.date, slot=slot, by="demo", now=start)
    finally:
        database.close()
    return text, demo


def _give_points(database: Database, now: dt.datetime) -> None:
    """Some points of the last days for the class that is shown, so that a child's page has something to show."""
    with database.write() as session:
        reasons = published_reasons(session)
        for pupil in active_pupils(session, CLASSROOM):
            chance = random.Random(pupil.upn)  # noqa: S311 - invented points
            for days in sorted(chance.sample(range(1, 9), chance.randint(3, 5)), reverse=True):
                one = chance.choice(reasons)
                at = now - dt.timedelta(days=days)
                enter(session, pupil.id, one.points, reason=one.text, picture=one.picture, at=at, by="demo")


def _holder(answer: RosterAnswer | None, card: str) -> str:
    """The id of the pupil who holds a card."""
    assert answer is not None, "the demo's roll has the class"
    wanted = card_hash(card, answer.salt)
    return next(pupil.id for pupil in answer.pupils if wanted in pupil.card_hashes)
