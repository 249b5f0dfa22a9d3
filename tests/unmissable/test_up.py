"""`unmissable up` as a technician sees it: what to do next, and what is wrong."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.programs import COMMAND, Program, processes_of, run
from tests.end_to_end.school import BREAK_ALL_DAY, CLASSROOM, timetable, whole_second
from tests.waiting import until_now
from unmissable.enrolling import kiosk_user
from unmissable.places import Places


@pytest.fixture
def up(places: Places, tmp_path: Path) -> Iterator[Program]:
    """The school up, though somebody lost the file with who is enrolled."""
    places.enrolment.unlink()
    program = Program(tmp_path / "up.log", "up", "--config", str(places.config), "--output", "null")
    try:
        until_now(lambda: "the office is there" in program.said and "the scheduler is there" in program.said, 20.0)
        yield program
    finally:
        status = program.end()
    assert status == 0
    assert processes_of(str(places.config)) == {}


def test_up_tells_what_is_ahead_and_how_a_kiosk_is_started(up: Program, places: Places) -> None:
    user = kiosk_user(CLASSROOM)
    enrolled = places.enrolled().get(user)
    assert enrolled is not None
    assert enrolled.classrooms == (CLASSROOM,), "a kiosk for each class of the roll"
    assert user in up.said.splitlines()[0]
    assert f"unmissable kiosk --config {shlex.quote(str(places.config))} --classroom {CLASSROOM}\n" in up.said
    until_now(lambda: "music now: break in " in up.said, 5.0)

    second = run("up", "--config", str(places.config), "--output", "null")
    assert second.status == 1
    assert second.err == f"unmissable: {places.broker}: this school runs already, in another process; end that first\n"
    assert "Traceback" not in up.said
    assert up.running


def test_a_school_whose_timetable_was_written_by_hand_keeps_its_state_to_itself(tmp_path: Path) -> None:
    places = Places(tmp_path / "school")
    (places.config / "music").mkdir(parents=True)
    places.schedule.write_text(timetable(whole_second(), (BREAK_ALL_DAY,), 4), encoding="utf-8")
    scanned = run("music", "scan", "--config", str(places.config))
    assert scanned.status == 0, scanned
    assert places.state.stat().st_mode & 0o077 == 0


def test_a_school_goes_on_when_nobody_reads_what_it_tells_any_more(places: Places, tmp_path: Path) -> None:
    command = [*COMMAND, "up", "--config", str(places.config), "--output", "null"]
    with (tmp_path / "errors").open("wb") as errors:
        up = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
    try:
        assert up.stdout is not None
        assert b"the broker is at" in up.stdout.readline()
        up.stdout.close()
        until_now(lambda: office(places), 10.0, "the office")
        killed = office(places)
        os.kill(killed[0], signal.SIGKILL)
        until_now(lambda: office(places) not in ([], killed), 15.0, "the office again")
    finally:
        up.terminate()
        up.wait(20.0)
    assert processes_of(str(places.config)) == {}
    assert b"Traceback" not in (tmp_path / "errors").read_bytes()


def office(places: Places) -> list[int]:
    """The process of the school's office."""
    return [pid for pid, line in processes_of(str(places.config)).items() if "unmissable office " in line]
