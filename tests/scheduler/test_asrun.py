"""The as-run log: kept once, torn lines passed over, and what filling sees of it at 03:00."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler.asrun import AsRunLog, day_turned_at
from wire.requests import PlayedRecord

LONDON = ZoneInfo("Europe/London")
MONDAY = dt.date(2026, 11, 23)
HEARD = dt.datetime(2026, 11, 23, 10, 40, tzinfo=dt.UTC)


def record(
    content: str = "a", speaker: str = "east", at: dt.datetime = HEARD, why: str = "ended", set_key: str = "x/break"
) -> PlayedRecord:
    return PlayedRecord.model_validate(
        {
            "zone": "playground",
            "speaker": speaker,
            "set": set_key,
            "track": content * 64,
            "title": "Sunrise – Ü",
            "started_at": at,
            "ended_at": at + dt.timedelta(seconds=60),
            "why": why,
        }
    )


@pytest.fixture
def log(tmp_path: Path) -> AsRunLog:
    return AsRunLog(tmp_path / "as-run", LONDON)


def test_a_record_is_kept_once_however_often_it_is_sent(log: AsRunLog, tmp_path: Path) -> None:
    assert log.keep([record(), record()], HEARD) == 2
    assert log.keep([record()], HEARD) == 1
    again = AsRunLog(tmp_path / "as-run", LONDON)
    assert again.keep([record(), record("b")], HEARD) == 2
    assert [kept.track[0] for kept in again.records(MONDAY)] == ["a", "b"]
    assert (tmp_path / "as-run" / "2026-11-23.jsonl").read_text().count("\n") == 2


def test_two_speakers_records_of_one_track_are_two(log: AsRunLog) -> None:
    log.keep([record(speaker="east"), record(speaker="west")], HEARD)
    assert len(log.records(MONDAY)) == 2


def test_a_record_lies_in_the_file_of_its_local_date(tmp_path: Path) -> None:
    summer = dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)
    AsRunLog(tmp_path, LONDON).keep([record(at=summer)], summer)
    assert [path.name for path in tmp_path.iterdir()] == ["2026-07-01.jsonl"]


def test_a_torn_last_line_is_passed_over_and_what_comes_next_is_kept(
    log: AsRunLog, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log.keep([record("a"), record("b")], HEARD)
    file = tmp_path / "as-run" / "2026-11-23.jsonl"
    file.write_bytes(file.read_bytes()[:-40])
    after = AsRunLog(tmp_path / "as-run", LONDON)
    assert [kept.track[0] for kept in after.records(MONDAY)] == ["a"]
    assert after.keep([record("c"), record("b")], HEARD) == 2
    assert sorted(kept.track[0] for kept in after.records(MONDAY)) == ["a", "b", "c"]
    assert "line 2 of 2026-11-23.jsonl" in caplog.text


def test_what_could_not_be_written_is_written_when_it_is_sent_again(log: AsRunLog, tmp_path: Path) -> None:
    tuesday = HEARD + dt.timedelta(days=1)
    (tmp_path / "as-run" / "2026-11-23.jsonl").mkdir(parents=True)
    records = [record("a"), record("b", at=tuesday)]
    with pytest.raises(OSError, match="directory"):
        log.keep(records, HEARD)
    (tmp_path / "as-run" / "2026-11-23.jsonl").rmdir()
    assert log.keep(records, HEARD) == 2
    assert [len(log.records(date)) for date in (MONDAY, MONDAY + dt.timedelta(days=1))] == [1, 1]


def test_a_torn_line_without_its_instant_is_passed_over(log: AsRunLog, tmp_path: Path) -> None:
    (tmp_path / "as-run").mkdir()
    (tmp_path / "as-run" / "2026-11-23.jsonl").write_text(record().model_dump_json() + "\n[1]\n\xff\n{}\n")
    assert log.records(MONDAY) == ()


def test_filling_sees_what_was_heard_of_by_three_in_the_morning(log: AsRunLog) -> None:
    log.keep([record("a")], HEARD)
    tuesday = MONDAY + dt.timedelta(days=1)
    assert log.as_of(MONDAY).last("a" * 64) is None
    assert log.as_of(tuesday).last("a" * 64) == HEARD
    assert log.as_of(tuesday).last("b" * 64) is None


def test_a_record_that_comes_late_counts_from_the_next_day_on(log: AsRunLog) -> None:
    late = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
    log.keep([record("a")], late)
    assert log.as_of(dt.date(2026, 11, 24)).last("a" * 64) is None
    assert log.as_of(dt.date(2026, 11, 25)).last("a" * 64) == HEARD


def test_a_track_that_was_missing_was_not_heard(log: AsRunLog) -> None:
    log.keep([record("a", why="missing")], HEARD)
    assert log.as_of(MONDAY + dt.timedelta(days=1)).last("a" * 64) is None


def test_the_newest_start_counts_and_more_than_four_weeks_ago_is_forgotten(log: AsRunLog) -> None:
    for days in (0, 3):
        at = HEARD + dt.timedelta(days=days)
        log.keep([record("a", at=at)], at)
    assert log.as_of(MONDAY + dt.timedelta(days=4)).last("a" * 64) == HEARD + dt.timedelta(days=3)
    assert log.as_of(MONDAY + dt.timedelta(days=40)).last("a" * 64) is None


def test_files_of_more_than_400_days_ago_are_removed_and_others_left(log: AsRunLog, tmp_path: Path) -> None:
    log.keep([record("a"), record("b", at=HEARD - dt.timedelta(days=401))], HEARD)
    (tmp_path / "as-run" / "notes.jsonl").write_text("")
    assert log.prune(MONDAY) == 1
    assert sorted(path.name for path in (tmp_path / "as-run").iterdir()) == ["2026-11-23.jsonl", "notes.jsonl"]


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        (dt.date(2026, 11, 23), "2026-11-23T03:00:00+00:00"),
        (dt.date(2026, 6, 1), "2026-06-01T02:00:00+00:00"),
        (dt.date(2026, 10, 25), "2026-10-25T03:00:00+00:00"),
        (dt.date(2026, 3, 29), "2026-03-29T02:00:00+00:00"),
    ],
)
def test_the_day_turns_at_three_local_time_also_when_the_clocks_change(date: dt.date, instant: str) -> None:
    assert day_turned_at(date, LONDON).isoformat() == instant
