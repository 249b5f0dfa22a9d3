"""One run of the story with the real programs: they start, the days pass, things are killed, all is gathered."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from scheduler.asrun import AsRunLog
from wire.link import Link
from wire.mosquitto import PrivateBroker
from wire.programme import Turn
from wire.requests import DayAnswer, PlayedRecord

from .ears import Sound, sounds_of
from .pace import Pace, real_s
from .processes import Memory, Program, memory_of
from .school import School, make_school
from .speakers import Group
from .story import SITE, TIMEZONE, Day, Killed, Kind, Story

IN_ONE_PROCESS = 15
AWAY_S = 3.0
"""So many real seconds after it was killed, a thing is started again."""
CUT_S = 600.0
"""The network is away for ten minutes of school time."""
SETTLE_S = 40.0
SCHEDULER = "scheduler"
BROKER = "broker"

Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Size:
    """How large and how fast a rehearsal is; `ppm` is what the speakers' crystal is off.

    `limit_s` is how far from its instant a slot may begin or end, in school time.
    """

    speakers: int
    whole: int
    speed: float
    ppm: float
    limit_s: float = 0.05


@dataclasses.dataclass(frozen=True)
class Kill:
    """A kill -9, in school time: of what, from when to when it was away, and which speaker, if one."""

    what: Killed
    at_s: float
    back_s: float
    speaker: str | None = None


@dataclasses.dataclass
class Lived:
    """What happened."""

    school: School
    story: Story
    size: Size
    told: dict[dt.date, DayAnswer] = dataclasses.field(default_factory=dict)
    kills: list[Kill] = dataclasses.field(default_factory=list)
    memory: dict[dt.date, dict[str, Memory]] = dataclasses.field(default_factory=dict)
    sounds: dict[str, list[Sound]] = dataclasses.field(default_factory=dict)
    played: dict[dt.date, tuple[PlayedRecord, ...]] = dataclasses.field(default_factory=dict)
    picked: dict[dt.date, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    logs: dict[str, str] = dataclasses.field(default_factory=dict)
    cpu_s: dict[str, float] = dataclasses.field(default_factory=dict)
    ended: tuple[str, ...] = ()
    real_s: float = 0.0


@dataclasses.dataclass(frozen=True)
class _Event:
    at_real_s: float
    do: Callable[[], Awaitable[None]]


class Rehearsal:
    """The school while it runs."""

    def __init__(self, folder: Path, story: Story, size: Size, say: Say) -> None:
        self._folder = folder
        self._say = say
        say("making the school: music, library, enrolment")
        school = make_school(folder, story, size.speakers, size.whole)
        places = school.places
        self.lived = Lived(school, story, size)
        self._broker = PrivateBroker(places.broker, places.enrolled(), secrets_folder=places.credentials)
        self._programs: dict[str, Program] = {}
        self._pace_file = folder / "pace.json"
        self._pace = Pace(0.0, size.speed, story.stretches())

    async def run(self) -> Lived:
        """Live through it all; whatever happens, nothing is left running."""
        address = self._broker.start()
        began_s = real_s()
        self._pace = dataclasses.replace(self._pace, began_real_s=began_s)
        self._pace.save(self._pace_file)
        credentials = self._broker.credentials("office")
        office = Link(broker=address, credentials=credentials, site=SITE, client="1")
        try:
            self._start_programs(str(address))
            await office.start()
            for event in sorted(self._events(office), key=lambda one: one.at_real_s):
                await asyncio.sleep(max(0.0, event.at_real_s - real_s()))
                await event.do()
            await self._settle()
            self.lived.ended = tuple(name for name, program in self._programs.items() if not program.running)
            self.lived.cpu_s = {name: program.cpu_s() for name, program in self._programs.items()}
        finally:
            await office.stop()
            for program in reversed(self._programs.values()):
                await asyncio.to_thread(program.stop)
            self._broker.stop()
        self.lived.real_s = real_s() - began_s
        self._gather()
        return self.lived

    def _start_programs(self, address: str) -> None:
        places, size = self.lived.school.places, self.lived.size
        self._start(SCHEDULER, "tools.soak.paced", str(self._pace_file), "scheduler", "--config", str(places.config))
        zones = self.lived.school.zones
        rest = [name for name in zones if name not in self.lived.school.whole]
        groups: list[tuple[str, ...]] = [(name,) for name in self.lived.school.whole]
        groups += [tuple(rest[first : first + IN_ONE_PROCESS]) for first in range(0, len(rest), IN_ONE_PROCESS)]
        for number, members in enumerate(groups):
            whole = number < len(self.lived.school.whole)
            name = members[0] if whole else f"{members[0]} to {members[-1]}"
            group = Group(
                zones={member: zones[member] for member in members},
                whole=whole,
                ppm=size.ppm,
                pace=str(self._pace_file),
                broker=address,
                site=SITE,
                credentials=str(places.credentials),
                state=str(self._folder / "speakers"),
                ears=str(self._ears(name)),
            )
            told = self._folder / f"{members[0]}.json"
            group.save(told)
            self._start(name, "tools.soak.speakers", str(told))

    def _start(self, name: str, *arguments: str) -> None:
        self._programs[name] = Program(name, self._folder / f"{name.replace(' ', '-')}.log", *arguments)

    def _ears(self, name: str) -> Path:
        return self._folder / f"{name.replace(' ', '-')}.heard"

    # What happens when.

    def _events(self, office: Link) -> Iterator[_Event]:
        story, pace = self.lived.story, self._pace
        for day in story.days:
            morning_s = pace.real_s(story.begins_s(day))
            yield _Event(morning_s, lambda day=day: self._morning(day, office))  # type: ignore[misc]
            yield _Event(pace.real_s(story.ends_s(day)) - 1.0, lambda day=day: self._evening(day))  # type: ignore[misc]
            if day.kind is Kind.TROUBLE:
                for what, slot in story.kill_slots.items():
                    from_s, to_s = day.at_s(slot.from_time), day.at_s(slot.to_time)
                    at_s = pace.real_s(from_s + 0.25 * (to_s - from_s))
                    yield _Event(at_s, lambda what=what: self._kill(what))  # type: ignore[misc]

    async def _morning(self, day: Day, office: Link) -> None:
        self._say(f"{self._pace.now():%a %H:%M} {day.kind}: the day begins")
        slot = self.lived.story.turn_slot(day)
        if slot is not None:
            await self._publish_turn(day, slot.name, office)
        asked = await self._day(day)
        self.lived.told[day.date] = asked

    async def _publish_turn(self, day: Day, slot: str, office: Link) -> None:
        """The DJ picks the two tracks that the day would have had last."""
        sets = (await self._day(day)).zones["classrooms"]
        wanted = next(one for one in sets if one["slot"] == slot)
        picks = tuple(dict.fromkeys(track["id"] for track in reversed(wanted["tracks"])))[:2]
        turn = Turn(date=day.date, slot=slot, pupil="p1", dj="Bramble", picks=picks, at=self._pace.now())
        office.keep(office.topics.turn(day.date, slot), turn)
        self.lived.picked[day.date] = picks
        await asyncio.sleep(0.5)

    async def _day(self, day: Day) -> DayAnswer:
        """What `unmissable day` says."""
        arguments = ("tools.soak.paced", str(self._pace_file), "day", str(day.date), "--json", "--config")
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *arguments, str(self.lived.school.places.config), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await child.communicate()
        if child.returncode != 0:
            raise RuntimeError(f"unmissable day {day.date}: status {child.returncode}")
        return DayAnswer.model_validate_json(out)

    async def _evening(self, day: Day) -> None:
        memory = {name: memory_of(program.pid) for name, program in self._programs.items() if program.running}
        if self._broker.process is not None:
            memory[BROKER] = memory_of(self._broker.process.pid)
        self.lived.memory[day.date] = memory
        self._say(f"{self._pace.now():%a %H:%M} {day.kind}: the day is over")

    async def _kill(self, what: Killed) -> None:
        at_s = self._pace.now_s()
        self._say(f"{self._pace.now():%a %H:%M} kill -9: {what}")
        name = self.lived.school.whole[0] if what is Killed.SPEAKER else SCHEDULER
        if what is Killed.BROKER:
            self._broker.kill()
            await asyncio.sleep(CUT_S / self.lived.size.speed if self._long else AWAY_S)
            self._broker.start()
        else:
            self._programs[name].kill()
            await asyncio.sleep(AWAY_S if self._long else 0.0)
            self._programs[name].start_again()
        speaker = name if what is Killed.SPEAKER else None
        self.lived.kills.append(Kill(what, at_s, self._pace.now_s(), speaker))

    @property
    def _long(self) -> bool:
        return len(self.lived.story.days) > 1

    async def _settle(self) -> None:
        """Wait until every speaker's as-run records were answered for."""
        self._say("waiting for the last records")
        deadline_s = real_s() + SETTLE_S
        spools = [self._folder / "speakers" / name / "as-run.jsonl" for name in self.lived.school.zones]
        while real_s() < deadline_s and any(one.exists() and one.stat().st_size for one in spools):
            await asyncio.sleep(0.1)

    def _gather(self) -> None:
        lived = self.lived
        log = AsRunLog(lived.school.places.state / "as-run", TIMEZONE)
        lived.played = {day.date: log.records(day.date) for day in lived.story.days}
        for name, program in self._programs.items():
            lived.logs[name] = program.said
            with contextlib.suppress(FileNotFoundError):
                lived.sounds.update(sounds_of(self._ears(name)))
