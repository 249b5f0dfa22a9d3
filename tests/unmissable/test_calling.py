"""call and hold as staff type them, in a school whose scheduler and one speaker run."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import shutil
from collections.abc import AsyncIterator, Iterator
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.library_scan import scan
from scheduler.library_store import LibraryStore
from scheduler.reading import read_timetable
from tests.end_to_end.programs import Program, Ran
from tests.end_to_end.school import (
    BREAK_ALL_DAY,
    ROOMS,
    SITE,
    desk_link,
    program_arguments,
    set_up,
    timetable,
    whole_second,
)
from tests.unmissable.conftest import Unmissable
from tests.waiting import until, until_now
from unmissable.places import Places
from wire.enrolment import Enrolment
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker
from wire.programme import Call, Programme
from wire.states import Hold, Silence, SpeakerState

CALLS = """\
calls:
  chime: calls/chime.ogg
  loud: {sound: calls/chime.ogg, volume: 90, duck_db: -30}
  lost: calls/lost.ogg
"""


@dataclasses.dataclass
class Up:
    """The school that is up, and what a speaker of any zone would hear."""

    places: Places
    broker: PrivateBroker
    unmissable: Unmissable
    calls: list[Heard[Call]] = dataclasses.field(default_factory=list)
    holds: dict[str, Hold] = dataclasses.field(default_factory=dict)

    async def run(self, *arguments: str) -> Ran:
        """Run a command for this school."""
        return await asyncio.to_thread(self.unmissable, *arguments, "--config", str(self.places.config))

    @property
    def timezone(self) -> ZoneInfo:
        """Where the school is."""
        read = read_timetable(self.places.schedule).timetable
        assert read is not None
        return read.timezone


def make_places(folder: Path) -> Places:
    """A school with calls, whose second zone is quieter."""
    places = Places(folder / "config")
    (places.config / "music").mkdir(parents=True)
    (places.config / "calls").mkdir()
    chime = resources.files("unmissable").joinpath("demo_school/bells/chime.ogg")
    shutil.copy(str(chime), places.config / "calls" / "chime.ogg")
    set_up(places)
    scan(LibraryStore(places.library), places.config, ["calls"])
    text = timetable(whole_second(), (BREAK_ALL_DAY,), 4) + CALLS
    text = text.replace("classrooms: {volume: 100, limit: 100}", "classrooms: {volume: 50, limit: 60}")
    places.schedule.write_text(text, encoding="utf-8")
    return places


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Places, PrivateBroker]]:
    """Broker, scheduler and the playground's speaker; the classrooms have none."""
    folder = tmp_path_factory.mktemp("school")
    places = make_places(folder)
    broker = PrivateBroker(places.broker, Enrolment.load(places.enrolment), secrets_folder=places.credentials)
    broker.start()
    programs = [Program(folder / f"{name}.log", *program_arguments(places, broker, name)) for name in
                ("scheduler", "playground")]  # fmt: skip
    try:
        yield places, broker
    finally:
        for program in reversed(programs):
            program.end()
        broker.stop()


@pytest.fixture
async def up(running: tuple[Places, PrivateBroker], unmissable: Unmissable) -> AsyncIterator[Up]:
    """The school that is up, with nothing held and nothing silenced."""
    places, broker = running
    up = Up(places, broker, unmissable)
    programmes: set[str] = set()
    speakers: dict[str, SpeakerState] = {}

    def hear_hold(heard: Heard[Hold]) -> None:
        if heard.message is not None:
            up.holds[heard.tail[-1]] = heard.message

    def hear_speaker(heard: Heard[SpeakerState]) -> None:
        if heard.message is not None:
            speakers[heard.tail[-1]] = heard.message

    # Calls are for speakers: the desk may not hear them.
    ears = desk_link(broker)
    ears.listen(ears.topics.programme(), Programme, lambda heard: programmes.add(heard.tail[-1]))
    ears.listen(ears.topics.hold(), Hold, hear_hold)
    ears.listen(ears.topics.speaker(), SpeakerState, hear_speaker)
    assert broker.address is not None
    other = Link(broker=broker.address, credentials=broker.credentials("classrooms-1"), site=SITE, client="ear")
    other.listen(other.topics.call(), Call, up.calls.append)
    await ears.start()
    await other.start()
    try:
        await until(lambda: programmes == set(ROOMS), 30.0, "both programmes")
        await until(lambda: any(state.online for state in speakers.values()), 30.0, "the speaker")
        assert await other.wait_connected(5.0)
        yield up
        if up.holds:
            await up.run("hold", "--end", *(f"--zone={zone}" for zone in ROOMS))
    finally:
        await ears.stop()
        await other.stop()


async def test_a_call_goes_to_every_zone_and_it_is_said_when_it_sounds_and_where_nobody_hears_it(up: Up) -> None:
    told = await up.run("call", "loud")
    assert told.status == 0, told
    await until(lambda: len(up.calls) == 2)
    calls = {heard.tail[-1]: heard.message for heard in up.calls}
    at = calls["playground"].at if calls["playground"] else None
    assert at is not None
    assert told.out == f"loud sounds at {at.astimezone(up.timezone):%H:%M:%S} in classrooms and playground\n"
    assert {zone: call.volume for zone, call in calls.items() if call} == {"playground": 90, "classrooms": 60}
    assert told.err == "unmissable: it is not heard everywhere: classrooms has no speaker that is there\n"


async def test_a_call_goes_to_the_zones_that_are_named(up: Up) -> None:
    told = await up.run("call", "chime", "--zone", "playground")
    assert told.status == 0, told
    assert told.out.endswith(" in playground\n")
    assert told.err == ""
    await until(lambda: up.calls)
    assert [heard.tail[-1] for heard in up.calls] == ["playground"]


async def test_a_call_that_nobody_hears_fails(up: Up) -> None:
    told = await up.run("call", "chime", "--zone", "classrooms")
    assert told.status == 1
    assert told.err == "unmissable: nobody hears it: classrooms has no speaker that is there\n"


async def test_a_call_into_a_muted_zone_is_told_to_be_heard_by_nobody(up: Up) -> None:
    assert (await up.run("hold", "--zone", "playground", "--mute", "--for", "20")).status == 0
    told = await up.run("call", "chime", "--zone", "playground")
    assert told.status == 1
    ends = up.holds["playground"].until.astimezone(up.timezone)
    assert told.err == f"unmissable: nobody hears it: playground is muted until {ends:%H:%M}\n"


async def test_a_call_into_a_silenced_school_is_told_to_be_heard_by_nobody(up: Up) -> None:
    desk = desk_link(up.broker)
    await desk.start()
    assert await desk.wait_connected(5.0)
    try:
        desk.publish(desk.topics.silence, Silence(on=True, by="s.okoro", at=dt.datetime.now(dt.UTC)), retain=True)
        told = await up.run("call", "chime", "--zone", "playground")
        assert told.status == 1
        assert told.err == "unmissable: nobody hears it: playground is silenced with the school by s.okoro\n"
    finally:
        desk.publish(desk.topics.silence, Silence(on=False, by="s.okoro", at=dt.datetime.now(dt.UTC)), retain=True)
        await desk.stop()


async def test_what_can_be_called_is_listed_and_what_cannot_with_the_reason(up: Up) -> None:
    told = await up.run("call", "--list")
    assert told.status == 0, told
    assert told.out.splitlines() == [
        "chime: calls/chime.ogg",
        "loud: calls/chime.ogg",
        "lost: not ready: calls/lost.ogg was not scanned or cannot be played, so it cannot be called; "
        "run: unmissable music scan",
    ]


async def test_a_mute_and_a_volume_hold_for_as_long_as_said_and_end(up: Up) -> None:
    both = ("--zone", "playground", "--zone", "classrooms")
    muted = await up.run("hold", *both, "--mute")
    assert muted.status == 0, muted
    assert muted.out == "playground: muted until 00:00\nclassrooms: muted until 00:00\n"
    await until(lambda: all(up.holds[zone].mute for zone in ROOMS))

    louder = await up.run("hold", *both, "--volume", "80", "--for", "45")
    await until(lambda: up.holds["playground"].volume == 80 and up.holds["classrooms"].volume == 60)
    hold = up.holds["playground"]
    assert dt.timedelta(minutes=44, seconds=55) < hold.until - hold.at < dt.timedelta(minutes=45, seconds=5)
    ends = f"{hold.until.astimezone(up.timezone):%H:%M}"
    assert louder.out == f"playground: volume 80 until {ends}\nclassrooms: volume 60, its limit, until {ends}\n"

    ended = await up.run("hold", *both, "--end")
    assert ended.out == "playground: back to the programme\nclassrooms: back to the programme\n"
    await until(lambda: all(up.holds[zone].until <= up.holds[zone].at for zone in ROOMS))


@pytest.mark.parametrize(
    ("arguments", "status", "right"),
    [
        (("call", "chme"), 2, "there is no call 'chme'; did you mean 'chime'?"),
        (("call", "chime", "--zone", "hall"), 2, "there is no zone 'hall'; known here: playground, classrooms"),
        (("call", "chime", "--zone", "The Hall"), 2, "'The Hall': should be 1 to 32 of a-z, 0-9 and -"),
        (("call", "lost"), 1, "call lost: calls/lost.ogg was not scanned or cannot be played"),
        (("call",), 2, "name a call; unmissable call --list tells what there is"),
        (("call", "chime", "--list"), 2, "--list goes alone"),
        (("hold", "--zone", "hall", "--mute"), 2, "there is no zone 'hall'; known here: playground, classrooms"),
        (("hold", "--zone", "playground"), 2, "name one of --mute, --volume N and --end"),
        (("hold", "--zone", "playground", "--mute", "--end"), 2, "name one of --mute, --volume N and --end"),
        (("hold", "--zone", "playground", "--end", "--for", "5"), 2, "--end ends the hold now; leave out --for"),
        (("hold", "--zone", "playground", "--mute", "--for", "1440"), 1, "is another day; a hold ends with the day"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
async def test_a_wrong_word_is_told_in_one_line_and_changes_nothing(
    up: Up, arguments: tuple[str, ...], status: int, right: str
) -> None:
    told = await up.run(*arguments)
    assert told.status == status, told
    assert right in told.err
    assert told.err.startswith("unmissable: ")
    assert len(told.err.splitlines()) == 1
    assert not up.calls
    assert all(hold.until <= hold.at for hold in up.holds.values())


def test_without_a_scheduler_it_is_said_that_nobody_answers(tmp_path: Path, unmissable: Unmissable) -> None:
    places = make_places(tmp_path)
    broker = PrivateBroker(places.broker, Enrolment.load(places.enrolment), secrets_folder=places.credentials)
    broker.start()
    try:
        until_now(lambda: (places.broker / "port").exists())
        told = unmissable("call", "chime", "--zone", "playground", "--config", str(places.config))
        everywhere = unmissable("call", "chime", "--config", str(places.config))
    finally:
        broker.stop()
    assert (told.status, told.err) == (1, "unmissable: the scheduler does not answer; see: unmissable status\n")
    assert (everywhere.status, everywhere.err) == (
        1,
        "unmissable: no zone has a programme yet; see: unmissable status\n",
    )
