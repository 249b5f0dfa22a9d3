"""Reading the timetable: what a right file means, and what is said of files that cannot be read at all."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from scheduler.library_scan import music_places
from scheduler.reading import parse_timetable, read_timetable
from scheduler.timetable import BankHolidays, CallSound, DateSpan, Playlist, Registers, Slot, Zone
from tests.scheduler.timetables import SCHEDULE, problems, timetable

SAMPLE = Path(__file__).parents[2] / "config" / "schedule.yaml"


def test_the_sample_for_staff_is_right() -> None:
    reading = read_timetable(SAMPLE)
    assert reading.problems == ()
    assert reading.timetable is not None
    assert reading.timetable.folder == SAMPLE.parent


def test_the_top_of_the_file_is_read() -> None:
    school = timetable()
    assert (school.site, school.school, school.timezone.key) == ("bramble", "Bramble Primary", "Europe/London")
    assert school.zones == {"playground": Zone("playground", 70, 85), "classrooms": Zone("classrooms", 40, 60)}
    assert school.playlists["calm"] == Playlist("calm", tracks=("music/calm/rain.ogg", "music/calm/moon.ogg"))
    assert school.playlists["radio"] == Playlist("radio", stream="http://radio.local:8000/school.mp3", fallback="calm")
    assert school.week == ("normal",) * 5 + ("closed",) * 2
    assert school.terms[1].half_term == DateSpan(dt.date(2026, 10, 26), dt.date(2026, 10, 30))
    assert school.bank_holidays is BankHolidays.ENGLAND
    assert school.dates == {dt.date(2026, 12, 18): "early-finish"}
    assert school.registers == Registers()
    assert school.dj_lock_s == 300


def test_a_slot_is_read_with_its_times_unquoted() -> None:
    drop_off, morning_break, *_ = timetable().days["normal"].slots
    assert drop_off == Slot(
        "drop-off", dt.time(8, 35), dt.time(8, 55), ("playground",), "morning", fade_in_s=3.0, fade_out_s=8.0
    )
    assert (morning_break.from_time, morning_break.to_time) == (dt.time(10, 30), dt.time(10, 45))
    assert morning_break.dj


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10:15", dt.time(10, 15)),
        ("'10:15'", dt.time(10, 15)),
        ("10:15:30", dt.time(10, 15, 30)),
        ("9:05", dt.time(9, 5)),
    ],
)
def test_times_are_read_quoted_or_not_with_seconds_or_without(written: str, meant: dt.time) -> None:
    school = timetable(SCHEDULE.replace("from: 10:30", f"from: {written}"))
    assert school.days["normal"].slots[1].from_time == meant


def test_a_day_that_is_like_another_has_its_changes() -> None:
    normal, wet, early = (timetable().days[name] for name in ("normal", "wet", "early-finish"))
    assert wet.slots[1].zones == ("classrooms",)
    assert wet.slots[1].volume == 35
    assert wet.slots[0] == normal.slots[0]
    assert wet.bells == normal.bells
    assert (early.slots[3].from_time, early.slots[3].to_time) == (dt.time(13, 10), dt.time(13, 30))


def test_a_day_may_drop_and_add_and_be_like_a_day_written_after_it() -> None:
    text = SCHEDULE.replace(
        "days:\n",
        "days:\n"
        "  fair: {like: wet, drop: [pick-up, end-of-break], "
        "add: [{slot: fair, from: 15:00, to: 16:00, zones: [playground], playlist: radio}]}\n",
    )
    fair = timetable(text).days["fair"]
    assert [slot.name for slot in fair.slots] == ["drop-off", "break", "lunch", "fair"]
    assert fair.bells == ()
    assert fair.slots[1].volume == 35


def test_a_day_without_music_is_an_empty_list() -> None:
    assert timetable(SCHEDULE.replace("days:\n", "days:\n  quiet: []\n")).days["quiet"].slots == ()


def test_slots_are_in_the_order_of_time_however_they_are_written() -> None:
    lines = SCHEDULE.splitlines()
    first = next(i for i, line in enumerate(lines) if "drop-off" in line)
    lines.insert(first + 3, lines.pop(first))
    slots = timetable("\n".join(lines)).days["normal"].slots
    assert [slot.name for slot in slots] == ["drop-off", "break", "lunch", "pick-up"]


def test_fades_that_are_not_written_fit_into_a_short_slot() -> None:
    slot = timetable(SCHEDULE.replace("to: 10:45", "to: 10:30:08", 1)).days["normal"].slots[1]
    assert (slot.fade_in_s, slot.fade_out_s) == (2.0, 2.0)


def test_registers_and_the_lock_are_read_and_may_be_given_in_part() -> None:
    school = timetable(SCHEDULE + "registers: {am: {start: 08:50}}\ndj: {lock_s: 2.5}\n")
    assert school.registers.am.start == dt.time(8, 50)
    assert school.registers.am.close == dt.time(9, 15)
    assert school.registers.pm == Registers().pm
    assert school.dj_lock_s == 2.5


def test_terms_and_bank_holidays_may_be_missing() -> None:
    lines = [line for line in SCHEDULE.splitlines() if not line.startswith(("terms", "  - {name", "bank"))]
    school = timetable("\n".join(lines))
    assert school.terms == ()
    assert school.bank_holidays is None


CALLS = """\
calls:
  lunch: calls/lunch.ogg
  inside: {sound: calls/inside.ogg, duck_db: -24.5, volume: 60}
"""


def test_calls_are_a_path_or_a_path_with_a_volume_and_a_ducking() -> None:
    calls = timetable(SCHEDULE + CALLS).calls
    assert list(calls.values()) == [
        CallSound("lunch", "calls/lunch.ogg", None, -18.0),
        CallSound("inside", "calls/inside.ogg", 60, -24.5),
    ]
    assert timetable(SCHEDULE).calls == {}


def test_a_hundred_calls_are_read_and_one_more_is_told() -> None:
    names = [f"call-{n}" for n in range(101)]
    hundred = "calls: {" + ", ".join(f"{name}: calls/{name}.ogg" for name in names[:100]) + "}\n"
    assert len(timetable(SCHEDULE + hundred).calls) == 100
    more = hundred.replace("}", ", one-more: calls/one-more.ogg}")
    assert problems(SCHEDULE + more) == ["29:8: calls: 101 calls; should be 100 at most"]


def test_bells_and_calls_are_the_sounds_each_file_once() -> None:
    text = SCHEDULE + CALLS.replace("calls/inside.ogg", "bells/chime.ogg")
    assert timetable(text).sounds == ("bells/chime.ogg", "calls/lunch.ogg")
    assert music_places(timetable(text))[-2:] == ("bells/chime.ogg", "calls/lunch.ogg")


def test_the_same_file_is_the_same_timetable() -> None:
    assert timetable() == timetable()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "1:1: file: the file is empty; should begin with school:"),
        (b"# nothing yet\n", "1:1: file: the file is empty; should begin with school:"),
        (b"- school\n", "1:1: file: a list at the top; should be a mapping of school, zones,"),
        (b"school", "1:1: file: 'school' at the top; should be a mapping of school, zones,"),
        (b"school: {name: \xe9cole}\n", "1:16: file: this is not UTF-8 text; save the file as UTF-8"),
        (b"school:\n\tname: x\n", "2:1: file: a tab before the text; indent with spaces"),
        (b"school: {name: x\n", "2:1: file: a comma or the closing bracket is missing before this"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(content: bytes, line: str) -> None:
    reading = parse_timetable(content, file="schedule.yaml", folder=Path("config"))
    assert reading.timetable is None
    assert len(reading.problems) == 1
    assert str(reading.problems[0]).startswith(f"schedule.yaml:{line}")


def test_a_missing_file_and_a_folder_are_one_clear_line(tmp_path: Path) -> None:
    missing = tmp_path / "schedule.yaml"
    assert [str(problem) for problem in read_timetable(missing).problems] == [
        f"{missing}:1:1: file: there is no such file; `unmissable init FOLDER` makes one"
    ]
    assert [str(problem) for problem in read_timetable(tmp_path).problems] == [
        f"{tmp_path}:1:1: file: this is a folder; name the file in it, schedule.yaml"
    ]


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        SCHEDULE.replace("limit: 85", "limit: 850")
        .replace("from: 12:00, to: 13:00", "from: 12:00, to: 11:00")
        .replace("zones: [classrooms], volume: 35", "zones: [clasrooms], volume: loud")
        .replace("2026-12-18: early-finish", "2026-12-18: early-end")
    )
    found = problems(text)
    assert [line.split(": ")[:2] for line in found] == [
        ["3:35", "zones.playground.limit"],
        ["13:38", "days.normal[2].to"],
        ["18:30", "days.wet.change.break.zones[0]"],
        ["18:50", "days.wet.change.break.volume"],
        ["28:21", "dates.2026-12-18"],
    ]


def test_what_is_wrong_in_a_day_is_not_told_again_for_the_days_like_it() -> None:
    found = problems(SCHEDULE.replace("playlist: morning, dj: true", "playlist: mornin, dj: true", 1))
    assert found == ["12:76: days.normal[1].playlist: 'mornin' is no playlist; did you mean 'morning'?"]


def test_an_overlap_that_a_day_inherits_is_told_once_where_it_was_written() -> None:
    found = problems(SCHEDULE.replace("from: 10:30", "from: 08:50"))
    assert len(found) == 1
    assert found[0].startswith("12:27: days.normal[1]: overlaps drop-off, 08:35 to 08:55, in playground")


def test_a_long_circle_and_a_long_chain_of_days_are_refused() -> None:
    days = "".join(f"  d{i}: {{like: d{i + 1}}}\n" for i in range(1500))
    assert "through more than 16 others" in problems(SCHEDULE.replace("days:\n", f"days:\n{days}  d1500: []\n"))[0]
