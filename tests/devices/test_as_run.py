"""What was played: told from what sounds, kept on disk until the scheduler has it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from pathlib import Path

import pytest

from devices.plan import Label
from devices.player import Sounding
from devices.playlog import PlayLog
from devices.spool import MOST, SLACK, Spool
from tests.brokers import LinkFor
from tests.devices.conftest import NOON
from tests.devices.test_speaker import SchedulerStandIn
from tests.waiting import until
from wire.asking import Asker
from wire.requests import PlayedRecord

START_S = NOON.timestamp()
FIRST = Label("2026-11-23/lunch", "a" * 64, "Sunrise", "Tidal Band", 100.0, START_S)
SECOND = Label("2026-11-23/lunch", "b" * 64, "Moon", "", 50.0, START_S + 100.0)
BELL = Label("", "c" * 64, "chime", "", 2.0, START_S)


def at(label: Label, second: float) -> Sounding:
    return Sounding(label, START_S + second - label.start_unix_s, START_S + second)


def look(log: PlayLog, label: Label | None, second: float) -> tuple[str | None, PlayedRecord | None]:
    """The title that began and the record that ended."""
    step = log.look(None if label is None else at(label, second), START_S + second)
    return (None if step.began is None else step.began.label.title), step.ended


def test_a_track_that_was_heard_to_its_end_has_ended() -> None:
    log = PlayLog("playground", "east")
    assert look(log, FIRST, 0.1) == ("Sunrise", None)
    assert look(log, FIRST, 50.0) == (None, None)
    assert look(log, FIRST, 99.9) == (None, None)
    began, record = look(log, SECOND, 100.1)
    assert began == "Moon"
    assert record is not None
    assert (record.why, record.from_s, record.zone, record.speaker) == ("ended", 0.0, "playground", "east")
    assert record.started_at.timestamp() == pytest.approx(START_S)
    assert record.ended_at.timestamp() == pytest.approx(START_S + 100.0)


def test_a_track_whose_end_was_looked_at_late_has_ended_even_so() -> None:
    log = PlayLog("playground", "east")
    look(log, FIRST, 0.1)
    look(log, FIRST, 98.5)
    _, record = look(log, SECOND, 100.4)
    assert record is not None
    assert record.why == "ended"
    assert record.ended_at.timestamp() == pytest.approx(START_S + 100.0)


def test_a_track_that_the_next_one_took_over_by_a_crossfade_has_ended() -> None:
    log = PlayLog("playground", "east")
    crossed = dataclasses.replace(FIRST, crossed_s=3.0)
    second = dataclasses.replace(SECOND, start_unix_s=START_S + 97.0)
    look(log, crossed, 0.1)
    look(log, crossed, 96.9)
    began, record = look(log, second, 97.1)
    assert began == "Moon"
    assert record is not None
    assert record.why == "ended"
    assert record.ended_at.timestamp() == pytest.approx(START_S + 100.0)


def test_a_track_left_long_before_its_end_was_cut_however_late_the_look() -> None:
    log = PlayLog("playground", "east")
    look(log, FIRST, 0.1)
    look(log, FIRST, 60.0)
    _, record = look(log, SECOND, 100.1)
    assert record is not None
    assert record.why == "cut"


def test_a_track_that_stops_before_its_end_was_cut() -> None:
    log = PlayLog("playground", "east")
    look(log, FIRST, 40.0)
    look(log, FIRST, 60.0)
    _, record = look(log, None, 60.2)
    assert record is not None
    assert (record.why, record.from_s) == ("cut", 40.0)
    assert record.ended_at.timestamp() == pytest.approx(START_S + 60.0)


def test_a_bell_is_not_logged_and_ends_nothing() -> None:
    log = PlayLog("playground", "east")
    look(log, FIRST, 1.0)
    assert look(log, BELL, 1.5) == (None, None)
    assert look(log, FIRST, 2.0) == (None, None)


def test_the_same_track_twice_in_a_row_is_two_plays() -> None:
    log = PlayLog("playground", "east")
    look(log, FIRST, 99.9)
    again = dataclasses.replace(FIRST, start_unix_s=START_S + 100.0)
    began, record = look(log, again, 100.1)
    assert (began, record is not None) == ("Sunrise", True)


def test_a_track_that_is_lacking_is_recorded_when_its_span_is_over() -> None:
    log = PlayLog("playground", "east")
    assert log.lack(FIRST, START_S + 10.0) is None
    assert log.lack(FIRST, START_S + 90.0) is None
    record = log.lack(SECOND, START_S + 100.0)
    assert record is not None
    assert (record.track, record.why) == (FIRST.track, "missing")
    assert log.lack(None, START_S + 100.5) is None


def record(number: int) -> PlayedRecord:
    return PlayedRecord(
        zone="playground",
        speaker="east",
        set="2026-11-23/lunch",
        track=f"{number:064x}",
        started_at=NOON,
        ended_at=NOON,
    )


def test_records_outlive_the_program_and_a_torn_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "as-run.jsonl"
    spool = Spool(path)
    spool.add(record(1))
    spool.add(record(2))
    with path.open("a") as file:
        file.write('{"zone": "playgr')
    assert Spool(path).waiting == 2


def test_a_record_behind_a_torn_line_is_not_lost_with_it(tmp_path: Path) -> None:
    path = tmp_path / "as-run.jsonl"
    Spool(path).add(record(1))
    with path.open("a") as file:
        file.write('{"zone": "playgr')
    Spool(path).add(record(2))
    assert Spool(path).waiting == 2


def test_a_disk_that_cannot_be_read_starts_with_no_records_and_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "as-run.jsonl"
    path.mkdir()
    spool = Spool(path)
    spool.add(record(1))
    assert spool.waiting == 1
    assert spool.fault is not None


def test_a_backlog_of_more_than_a_term_keeps_the_newest_and_costs_little(tmp_path: Path) -> None:
    path = tmp_path / "as-run.jsonl"
    lines = [record(number).model_dump_json() + "\n" for number in range(MOST + SLACK)]
    path.write_text("".join(lines))
    spool = Spool(path)
    writes = path.stat().st_ino
    spool.add(record(MOST + SLACK))
    assert spool.waiting == MOST
    assert path.stat().st_ino != writes
    rewritten = path.stat().st_ino
    for number in range(20):
        spool.add(record(number))
    assert path.stat().st_ino == rewritten, "appended, not written anew"
    assert Spool(path).waiting == MOST + 20


def test_a_track_that_played_when_the_program_was_killed_is_a_record_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "as-run.jsonl"
    Spool(path).running(record(1))
    assert Spool(path).waiting == 1
    assert Spool(path).waiting == 1


async def test_records_are_sent_when_there_is_somebody_to_take_them_and_once(link_for: LinkFor, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "as-run.jsonl")
    for number in range(150):
        spool.add(record(number))
    asker = Asker(await link_for("east"), lambda: NOON.timestamp() + 1e9)
    task = asyncio.create_task(spool.run(asker))
    scheduler = SchedulerStandIn(await link_for("scheduler"))
    await until(lambda: spool.waiting == 0, 15.0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert [int(one.track, 16) for one in scheduler.played] == list(range(150))
    assert (tmp_path / "as-run.jsonl").read_text() == ""
