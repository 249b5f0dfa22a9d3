"""A school's first day as a technician and staff live it: from an empty folder, a roll and three MP3 files to music."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import json
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.programs import Program, Ran, processes_of, run
from tests.end_to_end.school import ROLL, edit_for_now
from tests.sound import encode, music, write_wav
from tests.waiting import until, until_now
from unmissable.enrolling import DESK
from unmissable.places import Places
from wire.address import BrokerAddress, Credentials
from wire.link import Heard, Link
from wire.programme import Programme
from wire.states import SpeakerState

PIN = "4711-invented"
TITLES = ("Rainy Boots", "Hopscotch", "Big Yellow Digger")


@dataclasses.dataclass
class FirstDay:
    """A school that was set up and is up; commands run as a member of staff runs them, in a folder of theirs."""

    places: Places
    machine: Path
    music: Path
    init: Ran
    up: Program
    date: dt.date

    def unmissable(self, *arguments: str) -> Ran:
        """Run a command for this school."""
        return run(*arguments, "--config", str(self.places.config), environment=environment_of(self.machine))

    @property
    def desk(self) -> Link:
        """A link of the desk's user."""
        credentials = Credentials.load(self.places.credentials_file(DESK))
        port = int((self.places.broker / "port").read_text(encoding="ascii"))
        return Link(broker=BrokerAddress("127.0.0.1", port), credentials=credentials, site="hill-end", client="test")

    async def hears(self) -> tuple[SpeakerState, Programme]:
        """The speaker's state once it plays, and the programme that it plays."""
        speakers: list[SpeakerState] = []
        programmes: list[Programme] = []

        def speaker(heard: Heard[SpeakerState]) -> None:
            if heard.message is not None and heard.message.playing is not None:
                speakers.append(heard.message)

        def programme(heard: Heard[Programme]) -> None:
            if heard.message is not None:
                programmes.append(heard.message)

        desk = self.desk
        desk.listen(desk.topics.speaker(), SpeakerState, speaker)
        desk.listen(desk.topics.programme("playground"), Programme, programme)
        await desk.start()
        try:
            await until(lambda: speakers and programmes, 20.0, "a speaker that plays")
        finally:
            await desk.stop()
        return speakers[-1], programmes[-1]


def environment_of(machine: Path) -> dict[str, str]:
    """A user of an empty machine: whatever a program writes beside the school's folder is found under `machine`."""
    for name in ("home", "tmp"):
        (machine / name).mkdir(parents=True, exist_ok=True)
    return {"HOME": str(machine / "home"), "TMPDIR": str(machine / "tmp"), "XDG_RUNTIME_DIR": ""}


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstDay]:
    """`init` with three MP3 files and a roll, an edit of the timetable, and `up` on a machine without sound."""
    place = tmp_path_factory.mktemp("first-day")
    folder, machine = place / "Hill End" / "config", place / "machine"
    songs = place / "Music of ours"
    songs.mkdir()
    for seed, title in enumerate(TITLES, start=21):
        wav = write_wav(songs / f"{title}.wav", music(seed, 8.0))
        encode(wav, "mp3", "-metadata", f"title={title}", "-metadata", "artist=The Invented")
        wav.unlink()
    roll = place / "roll.csv"
    roll.write_text(ROLL, encoding="utf-8")
    init = run(
        *("init", str(folder), "--school", "Hill End", "--classes", "oak,elm", "--music", str(songs)),
        *("--roll", str(roll), "--pin-file", "-"),
        answer=PIN + "\n",
        environment=environment_of(machine),
    )
    assert init.status == 0, init
    date = edit_for_now(folder / "schedule.yaml", -60, 600)
    up = Program(place / "up.log", "up", "--config", str(folder), "--output", "null", **environment_of(machine))
    try:
        until_now(lambda: "the broker is at" in up.said, 10.0, "the broker")
        yield FirstDay(Places(folder), machine, songs, init, up, date)
    finally:
        with contextlib.suppress(AssertionError):
            up.end()


def test_init_tells_what_it_did_and_what_comes_next(first_day: FirstDay) -> None:
    said = first_day.init.out
    assert "3 new, 0 changed, 0 unchanged, 0 gone, 0 bad" in said
    assert "approved by admin: 3" in said
    assert "3 added, 0 changed, 0 unchanged, 0 left, 0 bad rows" in said
    (next_step,) = [line for line in said.splitlines() if "unmissable up" in line]
    words = shlex.split(next_step[next_step.index("unmissable up") :])
    assert words[:4] == ["unmissable", "up", "--config", str(first_day.places.config)], "it can be pasted into a shell"
    assert PIN not in said + first_day.init.err


def test_the_speaker_plays_a_track_of_the_school(first_day: FirstDay) -> None:
    state, programme = asyncio.run(first_day.hears())
    assert state.online
    assert state.playing is not None
    title = state.playing.title
    assert title in TITLES
    assert state.playing.set == f"{first_day.date}/break"
    assert state.revision == programme.revision
    until_now(lambda: f"plays {title}" in first_day.up.said, 5.0, "a line for it")


def test_check_finds_nothing_wrong(first_day: FirstDay) -> None:
    checked = first_day.unmissable("check")
    assert checked.status == 0, checked
    assert checked.out.splitlines()[-1] == f"{first_day.places.schedule}: ok"


def test_day_as_json_is_what_the_speakers_were_sent(first_day: FirstDay) -> None:
    _, programme = asyncio.run(first_day.hears())
    told = first_day.unmissable("day", "--json")
    assert told.status == 0, told
    day = json.loads(told.out)
    assert (day["date"], day["day"]) == (str(first_day.date), "normal")
    sent = [one.model_dump(mode="json") for one in programme.sets if one.date == first_day.date]
    assert len(sent) == 4
    assert day["zones"]["playground"] == sent


def test_day_tells_it_to_people(first_day: FirstDay) -> None:
    told = first_day.unmissable("day", "--zone", "playground")
    assert told.status == 0, told
    assert str(first_day.date) in told.out
    assert "break" in told.out
    assert any(title in told.out for title in TITLES)


def test_status_and_speakers_tell_that_all_is_well(first_day: FirstDay) -> None:
    until_now(lambda: first_day.unmissable("status").status == 0, 15.0, "office and scheduler")
    status = first_day.unmissable("status")
    assert [line.split(",")[0] for line in status.out.splitlines()] == ["scheduler: runs", "office: runs"]
    asyncio.run(first_day.hears())
    speakers = first_day.unmissable("speakers")
    assert speakers.status == 0, speakers
    assert speakers.out.startswith("playground-1: playground, plays ")
    assert "3 tracks ready, 0 missing" in speakers.out


def test_silence_stops_the_speaker_until_it_is_lifted(first_day: FirstDay) -> None:
    asyncio.run(first_day.hears())
    on = first_day.unmissable("silence", "on", "--reason", "fire drill")
    try:
        assert on.status == 0, on
        assert "1 of 1 speakers confirmed" in on.out
        assert "silenced" in first_day.unmissable("speakers").out
    finally:
        off = first_day.unmissable("silence", "off")
    assert off.status == 0, off
    assert "1 of 1 speakers confirmed" in off.out
    state, _ = asyncio.run(first_day.hears())
    assert not state.silent


def test_the_music_is_listed_as_approved(first_day: FirstDay) -> None:
    listed = first_day.unmissable("music", "list")
    assert listed.status == 0, listed
    lines = listed.out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("approved") and "0:08" in line and "The Invented" in line for line in lines)


def test_sigterm_ends_it_all_and_nothing_was_written_elsewhere(first_day: FirstDay) -> None:
    folder = str(first_day.places.config)
    assert len(processes_of(folder)) >= 5, "up, broker, scheduler, office and speaker"
    began = time.monotonic()
    assert first_day.up.end() == 0, first_day.up.said
    assert time.monotonic() - began < 10
    until_now(lambda: not processes_of(folder), 3.0, f"the end of {processes_of(folder)}")
    assert files_under(first_day.machine) == []
    assert files_under(first_day.music) == sorted(f"{title}.mp3" for title in TITLES)
    assert sorted(one.name for one in first_day.places.config.iterdir()) == ["schedule.yaml", "state"]


def files_under(folder: Path) -> list[str]:
    """The files below a folder, as paths from it."""
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
