"""A call and a hold as staff ask for them and two rooms hear them: the command, the scheduler and two real speakers."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from scheduler.library_scan import scan
from scheduler.library_store import LibraryStore
from tests.end_to_end.programs import Program, run
from tests.end_to_end.school import (
    BREAK_ALL_DAY,
    ROOMS,
    SITE,
    desk_link,
    make_tracks,
    program_arguments,
    set_up,
    timetable,
    whole_second,
)
from tests.sound import Mono, PrivatePulse, Recording, music, pulse, write_wav
from tests.waiting import until
from unmissable.enrolling import speaker_user
from unmissable.places import Places
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker
from wire.programme import Call
from wire.states import Hold, SpeakerState

__all__ = ["pulse"]

SINKS = dict(zip(ROOMS, ("nodeA", "nodeB"), strict=True))
LUNCH_S = 2.0


@dataclasses.dataclass
class Rooms:
    """Two rooms in which music plays, and what goes over the wire to them."""

    places: Places
    lunch: Mono
    calls: list[Call] = dataclasses.field(default_factory=list)
    holds: dict[str, Hold] = dataclasses.field(default_factory=dict)
    speakers: dict[str, SpeakerState] = dataclasses.field(default_factory=dict)

    async def unmissable(self, *arguments: str) -> None:
        """Run a command for this school, which must do what it says."""
        told = await asyncio.to_thread(run, *arguments, "--config", str(self.places.config))
        assert told.status == 0, told

    def ready(self, track: str) -> bool:
        """Whether both rooms play, and have the called sound decoded."""
        pcm = [self.places.state_of(speaker_user(room)) / "pcm" / f"{track}.pcm" for room in ROOMS]
        return all(file.exists() for file in pcm) and all(
            room in self.speakers and self.speakers[room].playing is not None for room in ROOMS
        )

    def hear(self, link: Link) -> None:
        """Note what a speaker and the desk may hear."""
        link.listen(link.topics.call("playground"), Call, self._call)
        link.listen(link.topics.hold(), Hold, self._hold)
        link.listen(link.topics.speaker(), SpeakerState, self._speaker)

    def _call(self, heard: Heard[Call]) -> None:
        if heard.message is not None:
            self.calls.append(heard.message)

    def _hold(self, heard: Heard[Hold]) -> None:
        if heard.message is not None:
            self.holds[heard.tail[-1]] = heard.message

    def _speaker(self, heard: Heard[SpeakerState]) -> None:
        if heard.message is not None:
            self.speakers[heard.message.zone] = heard.message


@pytest.fixture
async def rooms(tmp_path: Path, pulse: PrivatePulse) -> AsyncIterator[Rooms]:
    places = Places(tmp_path / "config")
    make_tracks(places.config / "music", ("flac", "mp3", "flac"), 40.0)
    (places.config / "calls").mkdir()
    rooms = Rooms(places, music(99, LUNCH_S))
    write_wav(places.config / "calls" / "lunch.wav", rooms.lunch)
    set_up(places)
    store = LibraryStore(places.library)
    scan(store, places.config, ["calls"])
    text = timetable(whole_second(), (BREAK_ALL_DAY,), 4) + "calls: {lunch: {sound: calls/lunch.wav, duck_db: -40}}\n"
    places.schedule.write_text(text, encoding="utf-8")
    broker = PrivateBroker(places.broker, places.enrolled(), secrets_folder=places.credentials)
    broker.start()
    assert broker.address is not None
    programs = []
    ear = Link(broker=broker.address, credentials=broker.credentials("playground-1"), site=SITE, client="ear")
    desk = desk_link(broker)
    for link in (ear, desk):
        rooms.hear(link)
        await link.start()
    try:
        for name in ("scheduler", *ROOMS):
            environment = pulse.environment(SINKS[name]) if name in SINKS else {}
            arguments = program_arguments(places, broker, name, output="pulse")
            programs.append(Program(tmp_path / f"{name}.log", *arguments, **environment))
        lunch_id = store.files()["calls/lunch.wav"].id
        await until(lambda: rooms.ready(lunch_id), 40.0, "music in both rooms, and the call decoded ahead")
        yield rooms
    finally:
        for link in (desk, ear):
            await link.stop()
        for program in reversed(programs):
            program.end()
        broker.stop()


async def test_a_call_is_heard_in_both_rooms_as_one_and_a_hold_mutes_one_room_until_it_is_ended(
    rooms: Rooms, pulse: PrivatePulse
) -> None:
    recorders = {room: await asyncio.to_thread(pulse.record, sink) for room, sink in SINKS.items()}
    asked_s = time.time()
    await rooms.unmissable("call", "lunch")
    await until(lambda: rooms.calls)
    called_s = rooms.calls[0].at.timestamp()
    await until(lambda: time.time() > called_s + LUNCH_S + 1.5, 10.0)

    await rooms.unmissable("hold", "--zone", "playground", "--mute", "--for", "5")
    await until(lambda: rooms.speakers["playground"].silent, 5.0, "the speaker's word that it is muted")
    muted_s = time.time()
    await until(lambda: time.time() > muted_s + 1.5)
    await rooms.unmissable("hold", "--zone", "playground", "--end")
    await until(lambda: not rooms.speakers["playground"].silent, 5.0, "the speaker's word that it sounds again")
    ended_s = time.time()
    await until(lambda: time.time() > ended_s + 1.5)
    heard = {room: await asyncio.to_thread(recorder.stop) for room, recorder in recorders.items()}

    late_ms = {
        room: recording.error_ms(rooms.lunch, called_s, called_s + 0.4, 1.0) for room, recording in heard.items()
    }
    assert all(abs(one) < 20.0 for one in late_ms.values()), late_ms
    assert abs(late_ms["playground"] - late_ms["classrooms"]) < 10.0, late_ms
    assert called_s - asked_s < 6.0, "the command itself, on a busy machine, and 0.6 s"
    assert quiet(heard["playground"], muted_s + 0.6)
    assert not quiet(heard["classrooms"], muted_s + 0.6)
    assert not quiet(heard["playground"], ended_s + 0.8)


def quiet(recording: Recording, unix_s: float) -> bool:
    """Whether nothing at all is heard for half a second."""
    return not np.any(recording.piece(unix_s, 0.5))
