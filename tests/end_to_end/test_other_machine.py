"""A speaker on another machine, with nothing but the file that it was enrolled with and the printed command."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.machines import Machine, RunsThere, two_machines
from tests.end_to_end.programs import Ran, processes_of
from tests.end_to_end.school import Slot, make_tracks, set_up, timetable, whole_second
from tests.waiting import until_now
from unmissable.places import Places
from wire.authority import Authority

__all__ = ["two_machines"]

TRACK_S = 2.5
"""Short, as many a test waits for one that begins."""
BREAK = Slot("break", -60, 900)
UNNAMED = "10.77.0.9"
"""An address of the school's machine that its certificate does not name."""
NOBODY = "10.77.0.77"


@dataclasses.dataclass
class School:
    """A school that is up on one machine, the other machine, and a folder for each."""

    places: Places
    here: Machine
    there: Machine
    folder: Path
    up: RunsThere

    def unmissable(self, *arguments: str) -> Ran:
        """Run a command on the school's machine."""
        return self.here.run(*arguments, "--config", str(self.places.config), folder=self.folder)

    def enrol(self, speaker: str, *more: str) -> tuple[str, ...]:
        """Enrol a speaker for the playground; the printed command that runs it, without `unmissable`."""
        enrolled = self.unmissable("enrol", "speaker", speaker, "--zone", "playground", "--output", "null", *more)
        assert enrolled.status == 0, enrolled
        assert enrolled.err == ""
        (command,) = [line for line in enrolled.out.splitlines() if line.startswith("  unmissable ")]
        return tuple(shlex.split(command)[1:])

    def carry(self, speaker: str, to: str) -> Path:
        """Carry a speaker's file to the other machine and unpack it there; the folder that it was unpacked in."""
        folder = self.folder / to
        folder.mkdir(exist_ok=True)
        subprocess.run(["tar", "-xf", self.folder / f"speaker-{speaker}.tar"], cwd=folder, check=True)
        return folder

    def state_of(self, speaker: str) -> dict[str, object] | None:
        """What the school knows of a speaker."""
        told = self.unmissable("speakers", "--json")
        assert told.status == 0, told
        found = json.loads(told.out).get(speaker)
        assert found is None or isinstance(found, dict)
        return found

    def plays(self, speaker: str) -> bool:
        """Whether the school hears of a speaker that it plays."""
        state = self.state_of(speaker)
        return state is not None and bool(state["online"]) and state["playing"] is not None


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, two_machines: tuple[Machine, Machine]) -> Iterator[School]:
    here, there = two_machines
    folder = tmp_path_factory.mktemp("other-machine")
    places = Places(folder / "config")
    make_tracks(places.config / "music", ("mp3", "flac", "opus"), TRACK_S)
    set_up(places, rooms=("classrooms",))
    places.schedule.write_text(timetable(whole_second(), (BREAK,), 4), encoding="utf-8")
    here.also(UNNAMED)
    up = here.start(folder / "up.log", "up", "--config", str(places.config), "--output", "null", folder=folder)
    try:
        until_now(lambda: "the scheduler is there" in up.said, 20.0, up.said)
        yield School(places, here, there, folder, up)
    finally:
        status = up.end()
    assert status == 0
    assert processes_of(str(folder)) == {}
    assert "Traceback" not in up.said


@pytest.fixture(scope="module")
def command(school: School) -> tuple[str, ...]:
    """East is enrolled while the school is up, and its file is on the other machine."""
    command = school.enrol("east", "--address", school.here.address)
    school.carry("east", "east")
    return command


@pytest.fixture(scope="module")
def east(school: School, command: tuple[str, ...]) -> Iterator[RunsThere]:
    """East, run there by the printed command."""
    with running(school, command, "east") as east:
        yield east


@contextlib.contextmanager
def running(school: School, command: tuple[str, ...], name: str, folder: Path | None = None) -> Iterator[RunsThere]:
    """A speaker on the other machine, run in the folder in which its file was unpacked."""
    speaker = school.there.start(school.folder / f"{name}.log", *command, folder=folder or school.folder / name)
    try:
        yield speaker
    finally:
        status = speaker.end()
    assert status == 0, speaker.said
    assert "Traceback" not in speaker.said


@pytest.fixture(scope="module")
def twins(school: School, command: tuple[str, ...]) -> Iterator[tuple[RunsThere, RunsThere]]:
    """Two machines with one speaker's file: they take the connection from each other, again and again."""
    doubled = school.enrol("west")
    folders = [school.carry("west", name) for name in ("west", "copied")]
    with (
        running(school, doubled, "west", folders[0]) as first,
        running(school, doubled, "copied", folders[1]) as second,
    ):
        yield first, second


def began(speaker: RunsThere) -> int:
    """How many tracks have begun to sound."""
    return speaker.said.count("track sounds: ")


def plays_on(speaker: RunsThere) -> None:
    """Wait until one more track begins."""
    before = began(speaker)
    until_now(lambda: began(speaker) > before, 4 * TRACK_S, speaker.said)


def test_it_is_let_in_fetches_its_tracks_and_plays(school: School, east: RunsThere) -> None:
    until_now(lambda: school.plays("east"), 20.0, east.said)
    assert f"connected to mqtts://{school.here.address}:8883 as east" in east.said
    state = school.state_of("east")
    assert state is not None
    assert state["cache"] == {"ready": 3, "missing": 0}
    assert state["fault"] is None
    tracks = sorted(path.name for path in (school.folder / "east" / "speaker-east" / "state" / "tracks").iterdir())
    assert len(tracks) == 3
    assert school.plays("classrooms-1"), "the school's own speaker goes on"
    up = school.up.said
    assert "enrolled: east (playground)" in up
    opened = f"the school is open to its network at mqtts://{school.here.address}:8883; the broker starts again for it"
    assert up.count(opened) == 1


def test_when_the_cable_is_pulled_it_plays_on_and_is_back_when_that_is(school: School, east: RunsThere) -> None:
    until_now(lambda: school.plays("east"), 20.0, east.said)
    school.there.plug(pulled=True)
    try:
        broker = int((school.places.broker / "pid").read_text(encoding="ascii"))
        os.kill(broker, signal.SIGKILL)  # the connection of before is worth nothing when the cable is back
        plays_on(east)
        plays_on(east)
    finally:
        school.there.plug(pulled=False)
    connected = f"connected to mqtts://{school.here.address}:8883 as east"
    until_now(lambda: east.said.count(connected) == 2, 20.0, east.said)
    until_now(lambda: school.plays("east"), 5.0, east.said)


def test_what_is_wrong_is_said_in_one_line_without_an_end(
    school: School, command: tuple[str, ...], twins: tuple[RunsThere, RunsThere]
) -> None:
    broker = f"mqtts://{school.here.address}:8883"
    school.enrol("north")
    Authority.open(school.folder / "another", "test")
    wrong = {
        "secret": (broker, f"{broker} refuses the user north: wrong or revoked secret; enrol it again"),
        "authority": (broker, f"{broker}: its certificate is not accepted: "),
        "name": (
            f"mqtts://{UNNAMED}:8883",
            f"mqtts://{UNNAMED}:8883: its certificate is not accepted: IP address mismatch, certificate is not valid "
            f"for '{UNNAMED}'",
        ),
        "port": (
            f"mqtts://{school.here.address}:8885",
            f"mqtts://{school.here.address}:8885: cannot be reached: Connection refused",
        ),
        "nobody": (f"mqtts://{NOBODY}:8883", f"mqtts://{NOBODY}:8883: cannot be reached: "),
    }
    with contextlib.ExitStack() as stack:
        speakers = {}
        for name, (address, _) in wrong.items():
            folder = school.carry("north", name)
            if name == "secret":
                secret = folder / "speaker-north" / "credentials.json"
                secret.write_text(secret.read_text().replace('"password": "', '"password": "x'))
            if name == "authority":
                (folder / "speaker-north" / "ca.pem").write_bytes((school.folder / "another" / "ca.pem").read_bytes())
            arguments = [word.replace("east", "north").replace(broker, address) for word in command]
            speakers[name] = stack.enter_context(running(school, tuple(arguments), name))
        for name, (_, line) in wrong.items():
            until_now(lambda name=name, line=line: line in speakers[name].said, 25.0, f"{name}: {line}")  # type: ignore[misc]
        for name, (_, line) in wrong.items():
            assert speakers[name].running
            assert speakers[name].said.count(line) == 1
            assert "connected to" not in speakers[name].said
            assert len(speakers[name].lines) == 2, speakers[name].said
        for speaker in speakers.values():
            speaker.process.terminate()  # together: one that tries to connect just now ends only after that
    assert school.unmissable("enrol", "revoke", "north").status == 0


def test_a_secret_does_not_go_over_the_network_in_the_clear(school: School, command: tuple[str, ...]) -> None:
    plain = f"mqtt://{school.here.address}:8883"
    arguments = [plain if word.startswith("mqtts://") else word for word in command]
    told = school.there.run(*arguments, folder=school.folder / "east")
    assert told.status == 2
    assert told.err == (
        f"unmissable: broker '{plain}': would send the secret in the clear over the network; "
        "should be mqtts://HOST:PORT\n"
    )


def test_enrolled_again_its_old_secret_no_longer_works(school: School, east: RunsThere) -> None:
    until_now(lambda: school.plays("east"), 20.0, east.said)
    again = school.enrol("east")
    refused = "refuses the user east: wrong or revoked secret; enrol it again"
    until_now(lambda: refused in east.said, 10.0, east.said)
    assert "enrolled again: east; its old secret no longer works" in school.up.said
    until_now(lambda: (state := school.state_of("east")) is not None and not state["online"], 5.0)
    plays_on(east)
    folder = school.carry("east", "east-anew")
    with running(school, again, "east-anew", folder) as anew:
        until_now(lambda: school.plays("east"), 20.0, anew.said)
        assert school.unmissable("enrol", "revoke", "east").status == 0
        until_now(lambda: refused in anew.said, 10.0, anew.said)
        until_now(lambda: school.state_of("east") is None, 10.0, "nothing is known any more of one that is revoked")
        assert "revoked: east" in school.up.said
        plays_on(anew)


def test_of_two_with_one_identity_one_leaves_it_to_the_other_and_plays_on(
    school: School, twins: tuple[RunsThere, RunsThere]
) -> None:
    line = (
        "another program uses the identity west (client 1); stop one of them; "
        "this one leaves the school's network to it, and tries again every minute"
    )
    (left,) = until_now(lambda: [one for one in twins if line in one.said], 45.0, twins[0].said)
    (other,) = [one for one in twins if one is not left]
    assert left.said.count(line) == 1
    assert left.running
    until_now(lambda: school.plays("west"), 10.0, other.said)
    assert line not in other.said
    plays_on(left)
