"""A small school for whole runs: tracks that are alike in no place, a timetable around now, a class with cards."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from office.database import Database
from office.roll import import_roll
from office.staff import add_staff
from tests.sound import Mono, encode, music, write_wav
from unmissable.demo_config import morning_zone
from unmissable.enrolling import DESK, first_enrolment, kiosk_user, speaker_user
from unmissable.first_school import library
from unmissable.places import Places
from wire.link import Link
from wire.mosquitto import PrivateBroker

SITE = "test"
CLASSROOM = "oak"
DJ_CARD = "1001"
ROLL = (
    "upn,first_name,last_name,class,date_of_birth,card,language,dj_name_consent\n"
    "X100000000001,Bramble,Otterby,Oak,2018-03-09,1001,English,yes\n"
    "X100000000002,Clementine,Fernwick,Oak,2017-11-30,1002,Polish,no\n"
    "X100000000003,Wren,Applegarth,Oak,2018-01-02,1003,English,yes\n"
)
"""An invented class, as a school's MIS writes it."""
ROOMS = ("playground", "classrooms")

_TIMETABLE = """\
school: {{name: Test School, site: {site}, timezone: {timezone}}}
zones:
  playground: {{volume: 100, limit: 100}}
  classrooms: {{volume: 100, limit: 100}}
playlists:
  all: {{folder: music}}
days:
  normal:
{slots}
week: {{monday: normal, tuesday: normal, wednesday: normal, thursday: normal, friday: normal}}
terms: []
bank_holidays: none
dates: {{{date}: normal}}
registers:
  am: {{start: 11:00, close: 11:15, end: 12:00}}
  pm: {{start: 13:00, close: 13:15, end: 15:15}}
dj: {{lock_s: {lock_s}}}
"""


@dataclasses.dataclass(frozen=True)
class Slot:
    """A slot in both rooms: seconds after the timetable's second 0."""

    name: str
    from_s: int
    to_s: int
    dj: bool = False
    fade_out_s: int = 0


BREAK_ALL_DAY = Slot("break", -60, 3_600)


def timetable(second_0_s: int, slots: Iterable[Slot], lock_s: int) -> str:
    """The text of a timetable whose slots are around an instant, whatever the machine's clock and date are."""
    start = dt.datetime.fromtimestamp(second_0_s, dt.UTC)
    zone = morning_zone(start)
    local = start.astimezone(ZoneInfo(zone))

    def at(seconds: int) -> str:
        return f"{local + dt.timedelta(seconds=seconds):%H:%M:%S}"

    lines = [
        f"    - {{slot: {one.name}, from: {at(one.from_s)}, to: {at(one.to_s)}, zones: [playground, classrooms], "
        f"playlist: all, dj: {str(one.dj).lower()}, fade_in: 0, fade_out: {one.fade_out_s}}}"
        for one in slots
    ]
    return _TIMETABLE.format(site=SITE, timezone=zone, slots="\n".join(lines), date=local.date(), lock_s=lock_s)


def make_tracks(folder: Path, kinds: Iterable[str], duration_s: float) -> dict[str, Mono]:
    """Make music files in a folder; the sound that each should give, by its track id."""
    folder.mkdir(parents=True)
    sounds = {}
    for seed, kind in enumerate(kinds, start=1):
        sound = music(seed, duration_s)
        wav = write_wav(folder / f"tune{seed}.wav", sound)
        path = encode(wav, kind, "-metadata", f"title=Tune {seed}", "-metadata", f"artist=Band {seed}")
        if path != wav:
            wav.unlink()
        sounds[hashlib.sha256(path.read_bytes()).hexdigest()] = sound
    return sounds


def set_up(places: Places, rooms: Iterable[str] = ROOMS) -> None:
    """Everything of a school but its timetable; its music is in `music` already, and speakers are in some rooms."""
    places.state.mkdir(parents=True)
    first_enrolment(SITE, classrooms=(CLASSROOM,), zones_here=rooms).save(places.enrolment)
    library(places, (str(places.config / "music"),), "test")
    roll = places.config / "roll.csv"
    roll.write_text(ROLL, encoding="utf-8")
    database = Database.open(places.state)
    try:
        add_staff(database, "test", "admin", "2580-test")
        import_roll(database, roll, today=dt.datetime.now(dt.UTC).date())
    finally:
        database.close()


def edit_for_now(schedule: Path, from_s: int, to_s: int) -> dt.date:
    """Do as staff do in an editor with the first timetable: today's break, in so many seconds, and a fitting time zone.

    The answer is today's date there.
    """
    now = dt.datetime.now(dt.UTC)
    zone = morning_zone(now)
    local = now.astimezone(ZoneInfo(zone))
    begins, ends = (local + dt.timedelta(seconds=seconds) for seconds in (from_s, to_s))
    text = schedule.read_text(encoding="utf-8")
    for before, after in (
        ("timezone: Europe/London", f"timezone: {zone}"),
        ("from: 10:30, to: 10:45,", f"from: {begins:%H:%M:%S}, to: {ends:%H:%M:%S},"),
        ("dates: {}", f"dates: {{{local.date()}: normal}}"),
    ):
        assert before in text
        text = text.replace(before, after)
    schedule.write_text(text, encoding="utf-8")
    return local.date()


def whole_second() -> int:
    """This second, in Unix seconds."""
    return int(time.time())


def desk_link(broker: PrivateBroker) -> Link:
    """A link that hears all that staff may hear."""
    return _link(broker, DESK)


def kiosk_link(broker: PrivateBroker) -> Link:
    """A link of the class's kiosk."""
    return _link(broker, kiosk_user(CLASSROOM))


def _link(broker: PrivateBroker, user: str) -> Link:
    assert broker.address is not None
    return Link(broker=broker.address, credentials=broker.credentials(user), site=SITE, client="test")


def program_arguments(places: Places, broker: PrivateBroker, name: str, output: str = "null") -> tuple[str, ...]:
    """What starts `office`, `scheduler` or the speaker of a room, as arguments of `unmissable`."""
    user = speaker_user(name) if name in ROOMS else name
    talk = ("--broker", str(broker.address), "--credentials", str(broker.credentials_file(user)))
    if name not in ROOMS:
        return (name, "--config", str(places.config), *talk)
    own = ("--id", user, "--zone", name, "--site", SITE, "--state", str(places.state_of(user)), "--output", output)
    return ("speaker", *own, *talk)
