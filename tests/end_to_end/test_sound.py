"""The whole school for three quarters of a minute, with two rooms recorded: the right music at the right instant.

Real Mosquitto, scheduler, office and two speakers, each a process on a sound card of its own. A School DJ picks through
the office; speakers, broker and scheduler are killed in mid-track. The story runs once; each test looks at one part.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import shutil
import statistics
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.programs import Program
from tests.end_to_end.school import (
    CLASSROOM,
    DJ_CARD,
    ROLL,
    ROOMS,
    Slot,
    desk_link,
    kiosk_link,
    make_tracks,
    program_arguments,
    set_up,
    timetable,
)
from tests.sound import RATE, Mono, PrivatePulse, Recording, locate, private_pulse
from tests.waiting import until
from unmissable.places import Places
from wire.asking import Asker
from wire.cards import card_hash
from wire.clock import HeardClock, follow
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker
from wire.programme import MusicSet, Programme
from wire.requests import OPEN, PICK, ROSTER, TAP, TRACKS, TURN, Nothing, OpenAsk, PickAsk, RosterAsk, TapAsk, TracksAsk
from wire.states import SpeakerState

SINKS = dict(zip(ROOMS, ("nodeA", "nodeB"), strict=True))
DROP_OFF = Slot("drop-off", 0, 22, fade_out_s=2)
BREAK = Slot("break", 24, 48, dj=True, fade_out_s=2)
LOCK_S = 4
TRACK_S = 14.0
PIECE_S = 0.5
SEARCH_S = 1.0
ALIKE = 0.5
"""Music is as alike as this to its own place alone; a decoded copy of it is above 0.95."""
FOUND_AGAIN_S = 3.0
"""Within this time after its process began, a speaker sounds where it should."""


@dataclasses.dataclass
class Story:
    """What happened, and what was heard: instants in Unix seconds, recordings by room, sounds by track id."""

    sounds: Mapping[str, Mono]
    second_0_s: int
    before: dict[str, Programme] = dataclasses.field(default_factory=dict)
    after: dict[str, Programme] = dataclasses.field(default_factory=dict)
    picked: tuple[str, ...] = ()
    joined_s: float = 0.0
    killed_s: dict[str, float] = dataclasses.field(default_factory=dict)
    restarted_s: dict[str, float] = dataclasses.field(default_factory=dict)
    alone_s: float = 0.0
    ended_s: float = 0.0
    busy: bool = False
    logs: str = ""
    heard: dict[str, Recording] = dataclasses.field(default_factory=dict)

    def set_of(self, room: str, slot: Slot) -> MusicSet:
        """A set as it should be played."""
        return next(one for one in self.after[room].sets if one.slot == slot.name)

    def errors_ms(self, room: str, from_s: float, to_s: float) -> dict[float, float]:
        """How late the room sounds every half second between two instants; fails where another track sounds.

        A machine that is too busy breaks the sound off for moments, and the speaker says so: then half will do.
        """
        errors: dict[float, float] = {}
        lost: dict[float, float] = {}
        for at_s in map(float, np.arange(from_s, to_s - PIECE_S, PIECE_S)):
            due = self._due(room, at_s)
            if due is not None:
                likeness, error_ms = self._look(room, *due, at_s)
                if likeness > ALIKE:
                    errors[at_s] = error_ms
                else:
                    lost[at_s] = likeness
        assert len(lost) <= (len(errors) if self.busy else 0), f"something else sounds in {room}: {lost}"
        assert errors, "nothing was due then"
        return errors

    def _look(self, room: str, track: str, track_0_s: float, at_s: float) -> tuple[float, float]:
        """How alike what was heard is to its place in the track, and how late it is in milliseconds.

        Looked for within a second of that place: elsewhere it is wrong anyway.
        """
        first = max(0, round((at_s - track_0_s - SEARCH_S) * RATE))
        last = round((at_s - track_0_s + PIECE_S + SEARCH_S) * RATE)
        place = locate(self.heard[room].piece(at_s, PIECE_S), self.sounds[track][first:last])
        return place.likeness, (at_s - track_0_s - first / RATE - place.position_s) * 1e3

    def _due(self, room: str, at_s: float) -> tuple[str, float] | None:
        """The track that a whole piece from an instant on belongs to, and the instant of its second 0."""
        for one in self.after[room].sets:
            for track in one.tracks:
                start_s = one.start_at.timestamp() + track.at_s
                end_s = min(start_s + track.duration_s, one.end_at.timestamp() - one.fade_out_s)
                if start_s <= at_s and at_s + PIECE_S <= end_s:
                    return track.id, start_s
        return None


class _Desk:
    """What staff hear: the programmes, and what each speaker says."""

    def __init__(self, link: Link) -> None:
        self.programmes: dict[str, Programme] = {}
        self.speakers: dict[str, SpeakerState] = {}
        link.listen(link.topics.programme(), Programme, self._programme)
        link.listen(link.topics.speaker(), SpeakerState, self._speaker)

    def _programme(self, heard: Heard[Programme]) -> None:
        if heard.message is not None:
            self.programmes[heard.tail[-1]] = heard.message

    def _speaker(self, heard: Heard[SpeakerState]) -> None:
        if heard.message is not None:
            self.speakers[heard.message.zone] = heard.message

    def all_play(self) -> bool:
        return set(self.speakers) == set(ROOMS) and all(one.playing for one in self.speakers.values())

    def break_set(self, room: str) -> MusicSet:
        return next(one for one in self.programmes[room].sets if one.slot == BREAK.name)


class _School:
    """The broker and the programs of one story."""

    def __init__(self, folder: Path, pulse: PrivatePulse) -> None:
        self.places = Places(folder / "config")
        self._folder = folder
        self._pulse = pulse
        self.programs: dict[str, Program] = {}
        sounds = make_tracks(self.places.config / "music", ("mp3", "flac", "m4a", "ogg", "mp3"), TRACK_S)
        set_up(self.places)
        self.broker = PrivateBroker(self.places.broker, self.places.enrolled(), secrets_folder=self.places.credentials)
        self.story = Story(sounds, int(time.time()))
        self.places.schedule.write_text(timetable(self.story.second_0_s, (DROP_OFF, BREAK), LOCK_S), encoding="utf-8")

    def start(self, name: str) -> Program:
        arguments = program_arguments(self.places, self.broker, name, output="pulse")
        environment = self._pulse.environment(SINKS[name]) if name in SINKS else {}
        self.programs[name] = Program(self._folder / f"{name}.log", *arguments, **environment)
        return self.programs[name]

    def stop(self) -> None:
        for name in reversed(self.programs):
            self.programs[name].end()
        self.broker.stop()

    async def tell(self) -> None:
        """The story itself."""
        for name in ("scheduler", "office", *ROOMS):
            self.start(name)
        desk_end, kiosk = desk_link(self.broker), kiosk_link(self.broker)
        desk = _Desk(desk_end)
        await desk_end.start()
        await kiosk.start()
        try:
            await until(desk.all_play, 15.0, "music in both rooms")
            self.story.joined_s = time.time()
            self.story.before = dict(desk.programmes)
            await self._pick(kiosk, desk)
            await self._be_killed()
        finally:
            await kiosk.stop()
            await desk_end.stop()

    async def _pick(self, kiosk: Link, desk: _Desk) -> None:
        """A pupil checks in by card and picks what would not have come first, as the kiosk asks for it."""
        clock = HeardClock()
        asker = Asker(kiosk, clock.unix_s)
        following = asyncio.create_task(follow(clock, asker))
        try:
            roster = await asker.ask(ROSTER, RosterAsk(classroom=CLASSROOM), wait_s=10)
            card = card_hash(DJ_CARD, roster.salt)
            pupil = next(one.id for one in roster.pupils if card in one.card_hashes)
            tapped = await asker.ask(TAP, TapAsk(pupil=pupil, at=clock.now(), by="card"))
            assert tapped.dj_slot == BREAK.name
            session = (await asker.ask(OPEN, OpenAsk(pupil=pupil, card=card))).session
            offer = (await asker.ask(TURN, Nothing(), session=session)).offers[0]
            first = desk.break_set(ROOMS[0]).tracks[0].id
            tracks = (await asker.ask(TRACKS, TracksAsk())).tracks
            self.story.picked = tuple(one.id for one in tracks if one.id != first)[:2]
            ask = PickAsk(date=offer.date, slot=offer.slot, picks=self.story.picked)
            await asker.ask(PICK, ask, session=session)
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
        wanted = self.story.picked
        await until(
            lambda: all(tuple(one.id for one in desk.break_set(room).tracks[:2]) == wanted for room in ROOMS),
            5.0,
            "the picks in both programmes",
        )
        self.story.after = dict(desk.programmes)

    async def _be_killed(self) -> None:
        """In the break: a speaker is killed, then broker and scheduler for good, then the other speaker."""
        await self._second(BREAK.from_s + 4.5)
        self._kill_and_restart("classrooms")
        await self._second(BREAK.from_s + 10.5)
        self.broker.kill()
        self.programs["scheduler"].kill()
        self.story.alone_s = time.time()
        await self._second(BREAK.from_s + 16.5)
        self._kill_and_restart("playground")
        await self._second(BREAK.to_s + 1.5)
        self.story.ended_s = time.time()

    def _kill_and_restart(self, room: str) -> None:
        self.programs[room].kill()
        self.story.killed_s[room] = time.time()
        self.story.restarted_s[room] = self.start(room).started_s

    async def _second(self, second: float) -> None:
        due_s = self.story.second_0_s + second
        late_s = time.time() - due_s
        assert late_s < 0.5, f"the story is {late_s:.1f} s behind its timetable"
        await until(lambda: time.time() >= due_s, 60.0)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The story, told once."""
    if shutil.which("pulseaudio") is None:
        pytest.fail("these tests record sound: apt-get install pulseaudio pulseaudio-utils")
    folder = tmp_path_factory.mktemp("sound")
    with private_pulse(folder / "pa") as pulse:
        school = _School(folder, pulse)
        recorders = {room: pulse.record(sink) for room, sink in SINKS.items()}
        try:
            school.broker.start()
            asyncio.run(school.tell())
        except BaseException as wrong:
            for name, program in school.programs.items():
                wrong.add_note(f"--- {name}\n{program.said[-2_000:]}")
            raise
        finally:
            school.stop()
            heard = {room: recorder.stop() for room, recorder in recorders.items()}
        school.story.heard = heard
        school.story.busy = any("the sound broke off" in school.programs[room].said for room in ROOMS)
        school.story.logs = "".join(log.read_text(encoding="utf-8") for log in folder.glob("*.log"))
        yield school.story


def worst_ms(*all_errors: Mapping[float, float]) -> float:
    """The largest error of some."""
    return max(abs(error) for errors in all_errors for error in errors.values())


def skews_ms(story: Story, from_s: float, to_s: float) -> list[float]:
    """How far apart the two rooms sound, every half second."""
    one, other = (story.errors_ms(room, from_s, to_s) for room in ROOMS)
    return [abs(one[at_s] - other[at_s]) for at_s in one.keys() & other.keys()]


def test_both_rooms_join_the_drop_off_at_its_right_place_and_sound_as_one(story: Story) -> None:
    from_s, to_s = story.joined_s + 0.5, story.second_0_s + DROP_OFF.to_s
    assert worst_ms(*(story.errors_ms(room, from_s, to_s) for room in ROOMS)) < 50
    skews = skews_ms(story, from_s, to_s)
    assert max(skews) < 20
    assert statistics.median(skews) < 5


def test_the_pick_changes_what_the_break_begins_with(story: Story) -> None:
    for room in ROOMS:
        first = next(one for one in story.before[room].sets if one.slot == BREAK.name).tracks[0].id
        assert first != story.picked[0]
        assert tuple(track.id for track in story.set_of(room, BREAK).tracks) == story.picked
        assert story.set_of(room, BREAK).dj == "Bramble"


def test_the_pick_sounds_in_both_rooms_from_its_instant_on(story: Story) -> None:
    start_s = story.second_0_s + BREAK.from_s
    assert worst_ms(*(story.errors_ms(room, start_s, story.killed_s["classrooms"]) for room in ROOMS)) < 50
    assert max(skews_ms(story, start_s, story.killed_s["classrooms"])) < 20


def test_it_is_quiet_between_the_slots_and_after_the_last(story: Story) -> None:
    for room, slot in itertools.product(ROOMS, (DROP_OFF, BREAK)):
        over_s = story.second_0_s + slot.to_s
        assert story.heard[room].loudness(over_s - 6.0, 1.0) > 0.01
        assert story.heard[room].loudness(over_s + 0.2, 1.0) < 1e-4


def test_a_killed_speaker_finds_its_place_again_within_seconds(story: Story) -> None:
    back_s = story.restarted_s["classrooms"] + FOUND_AGAIN_S
    assert story.heard["classrooms"].loudness(story.killed_s["classrooms"] + 0.3, 0.2) < 1e-4
    assert worst_ms(story.errors_ms("classrooms", back_s, story.alone_s)) < 50
    assert max(skews_ms(story, back_s, story.alone_s)) < 20
    undisturbed = story.errors_ms("playground", story.killed_s["classrooms"], story.alone_s)
    assert worst_ms(undisturbed) < 50


def test_without_broker_and_scheduler_both_rooms_go_on_into_the_next_track(story: Story) -> None:
    to_s = story.killed_s["playground"]
    assert to_s > story.second_0_s + BREAK.from_s + TRACK_S + 2 * PIECE_S
    assert worst_ms(*(story.errors_ms(room, story.alone_s, to_s) for room in ROOMS)) < 50
    assert max(skews_ms(story, story.alone_s, to_s)) < 20


def test_a_speaker_that_is_killed_while_nobody_answers_finds_its_place_again(story: Story) -> None:
    back_s = story.restarted_s["playground"] + FOUND_AGAIN_S
    to_s = story.second_0_s + BREAK.to_s
    assert worst_ms(story.errors_ms("playground", back_s, to_s)) < 50
    assert max(skews_ms(story, back_s, to_s)) < 20


def test_no_child_is_named_in_a_log(story: Story) -> None:
    assert "track sounds" in story.logs, "the logs of the programs are there"
    names = [cell for line in ROLL.splitlines()[1:] for cell in line.split(",")[1:3]]
    assert [name for name in names if name.casefold() in story.logs.casefold()] == []
