"""A day explained to programs and to people: what the programme says, with the reasons."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest

from scheduler.asrun import AsRun
from scheduler.day import day_text, explain_day, plan_day
from scheduler.errors import UnknownZone
from scheduler.plan import Planner
from scheduler.programme import compile_programmes
from scheduler.tracks import Library
from tests.scheduler.timetables import (
    LIBRARY,
    MADE_AT,
    MEDIA,
    MONDAY,
    MORNING,
    SCHEDULE,
    timetable,
    track,
    turn,
)

INSET = dt.date(2026, 11, 27)
TUESDAY = MONDAY + dt.timedelta(days=1)


def planner(text: str = SCHEDULE, library: Library = LIBRARY) -> Planner:
    return Planner(timetable(text), library, turn("break", MORNING[9], MORNING[4]))


@pytest.mark.parametrize("on", [MONDAY, TUESDAY])
def test_the_answer_is_what_the_programme_of_today_says(on: dt.date) -> None:
    answer = explain_day(timetable(), plan_day(planner(), on, today=MONDAY))
    programmes = compile_programmes(
        timetable(), LIBRARY, planner().turns, AsRun(), from_date=MONDAY, media=MEDIA, made_at=MADE_AT
    )
    for zone, programme in programmes.items():
        sets = json.loads(programme.model_dump_json())["sets"]
        assert list(answer.zones[zone]) == [each for each in sets if each["date"] == on.isoformat()]


def test_the_answer_in_json_has_the_contract_s_keys() -> None:
    answer = json.loads(explain_day(timetable(), plan_day(planner(), MONDAY, today=MONDAY)).model_dump_json())
    assert list(answer) == ["date", "day", "rule", "zones"]
    assert (answer["date"], answer["day"], answer["rule"]) == ("2026-11-23", "normal", "week monday")
    assert [each["slot"] for each in answer["zones"]["classrooms"]] == ["lunch"]
    assert answer["zones"]["playground"][1]["start_at"] == "2026-11-23T10:30:00.000Z"


def test_a_closed_day_has_every_zone_without_a_set() -> None:
    answer = explain_day(timetable(), plan_day(planner(), INSET, today=MONDAY))
    assert (answer.day, answer.rule) == ("closed", "closed 2026-11-27: INSET")
    assert answer.zones == {"playground": (), "classrooms": ()}


@pytest.mark.parametrize("on", [dt.date(2026, 9, 8), dt.date(2027, 9, 8), dt.date(2026, 12, 18)])
def test_a_date_that_today_s_programme_does_not_reach_is_planned_alone(on: dt.date) -> None:
    assert plan_day(planner(), on, today=MONDAY).resolved.date == on


def test_one_zone_can_be_asked_for_and_an_unknown_one_is_told() -> None:
    day = plan_day(planner(), MONDAY, today=MONDAY)
    assert list(explain_day(timetable(), day, "classrooms").zones) == ["classrooms"]
    assert "playground" not in day_text(timetable(), day, "classrooms")
    with pytest.raises(UnknownZone, match=r"zone 'clasrooms' is not in the timetable; did you mean 'classrooms'\?"):
        explain_day(timetable(), day, "clasrooms")


def test_the_text_tells_a_caretaker_what_plays_when_and_why() -> None:
    text = day_text(timetable(), plan_day(planner(), MONDAY, today=MONDAY))
    lines = text.splitlines()
    assert lines[:3] == ["Monday 23 November 2026: normal (week monday)", "", "playground"]
    begin = lines.index("  10:30:00 to 10:45:00  break, volume 70, School DJ Bramble: 2 picked, then playlist morning")
    assert lines[begin + 1 : begin + 3] == [
        "    10:30:00  Tune-09 · Band 4  2:43  (DJ's pick)",
        "    10:32:43  Tune-04 · Band 4  2:08  (DJ's pick)",
    ]
    assert "(DJ's pick)" not in lines[begin + 3]
    assert "  10:45:00  bell end-of-break, volume 70, bells/chime.ogg" in lines
    assert "  12:00:00 to 13:00:00  lunch, volume 40, playlist morning, no School DJ's pick" in lines
    assert lines.index("classrooms") > begin


def test_times_are_the_school_s_own_in_summer_too() -> None:
    text = day_text(timetable(), plan_day(planner(), dt.date(2026, 6, 1), today=dt.date(2026, 6, 1)))
    assert "  10:30:00 to 10:45:00  break" in text


def test_a_closed_day_says_so_and_an_unknown_one_says_why() -> None:
    closed = day_text(timetable(), plan_day(planner(), INSET, today=MONDAY))
    assert closed == (
        "Friday 27 November 2026: closed (closed 2026-11-27: INSET)\n\n"
        "playground\n  silent all day\n\nclassrooms\n  silent all day\n"
    )
    unknown = planner(SCHEDULE.replace("bank_holidays: england\n", ""))
    text = day_text(unknown.timetable, plan_day(unknown, MONDAY, today=MONDAY))
    assert "No music: bank holidays are not known: bank_holidays is missing." in text


def test_streams_missing_bells_and_empty_playlists_are_told() -> None:
    text = SCHEDULE.replace("zones: [playground], playlist: calm", "zones: [playground], playlist: radio")
    school = planner(text, Library.of(MORNING))
    lines = day_text(school.timetable, plan_day(school, MONDAY, today=MONDAY), "playground").splitlines()
    assert "    stream http://radio.local:8000/school.mp3; should it fail, these:" in lines
    assert "    silence: playlist radio has no approved track" in lines
    assert "  10:45:00  bell end-of-break, volume 70, silent, bells/chime.ogg is not in the library" in lines


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    hostile = dataclasses.replace(track("tune"), title="\x1b[2J\x07Tune\nfake", artist="A\x9bB")
    school = planner(library=Library.of([hostile]))
    text = day_text(school.timetable, plan_day(school, MONDAY, today=MONDAY))
    assert all(char.isprintable() for line in text.splitlines() for char in line)
    assert "[2J Tune fake · A B" in text
