"""What a tap says of its session and of the mark it would propose."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pytest

from office.attendance import proposal, session_by_default, session_of
from tests.office.schools import LONDON, at, school_day

DAY = school_day()


@pytest.mark.parametrize(
    ("clock", "session", "mark"),
    [
        ("08:20:00", "am", "/"),
        ("08:55:00", "am", "/"),
        ("08:55:00.001", "am", "L"),
        ("09:14:59", "am", "L"),
        ("09:15:00", "am", "L"),  # the tie counts as late
        ("09:15:00.001", "am", "U"),
        ("12:00:00", "am", "U"),
        ("12:00:00.001", "am", None),
        ("12:30:00", "pm", "\\"),
        ("13:00:00", "pm", "\\"),
        ("13:00:01", "pm", "L"),
        ("13:15:00", "pm", "L"),
        ("13:15:01", "pm", "U"),
        ("15:15:00", "pm", "U"),
        ("15:15:01", "pm", None),
    ],
)
def test_an_arrival_proposes_a_mark(clock: str, session: Literal["am", "pm"], mark: str | None) -> None:
    register = DAY.am if session == "am" else DAY.pm
    assert register is not None
    assert proposal(at(clock), session, register) == mark


@pytest.mark.parametrize(
    ("clock", "session"),
    [
        ("00:00:00", "am"),
        ("08:40:00", "am"),
        ("12:00:00", "am"),
        ("12:00:00.001", "pm"),
        ("15:15:00", "pm"),
        ("15:15:01", "none"),
    ],
)
def test_a_tap_falls_in_the_session_whose_end_is_next(clock: str, session: str) -> None:
    assert session_of(at(clock), DAY) == session
    if "." not in clock:
        assert session_by_default(at(clock), LONDON) == session


def test_a_closed_day_has_no_session_and_an_afternoon_alone_is_pm() -> None:
    closed = DAY.model_copy(update={"am": None, "pm": None})
    afternoon = DAY.model_copy(update={"am": None})
    assert session_of(at("09:00"), closed) == "none"
    assert session_of(at("09:00"), afternoon) == "pm"


def test_the_default_ends_are_local_times_in_summer_too() -> None:
    summer = dt.date(2026, 7, 1)
    assert session_by_default(dt.datetime(2026, 7, 1, 10, 59, tzinfo=dt.UTC), LONDON) == "am"
    assert session_by_default(dt.datetime(2026, 7, 1, 11, 1, tzinfo=dt.UTC), LONDON) == "pm"
    assert session_by_default(at("15:16", summer), LONDON) == "none"
