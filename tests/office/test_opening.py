"""A pupil's own things at a kiosk: open for a few minutes after the last use, there and nowhere else."""

from __future__ import annotations

import datetime as dt

import pytest

from office.opening import LASTS, Openings
from tests.office.schools import at
from wire.errors import Refused

NOW = at("08:00")
MINUTE = dt.timedelta(seconds=60)


def closed(openings: Openings, who: str, token: str | None, now: dt.datetime) -> bool:
    try:
        openings.pupil_at(who, token, now)
    except Refused as refused:
        return refused.reason == "closed"
    return False


def test_an_opening_ends_some_minutes_after_the_last_use() -> None:
    openings = Openings()
    token = openings.open("kiosk-oak", "1", "p-wren0000", NOW).token
    assert openings.pupil_at("kiosk-oak", token, NOW + LASTS * 0.9) == "p-wren0000"
    assert openings.pupil_at("kiosk-oak", token, NOW + LASTS * 1.8) == "p-wren0000"
    assert closed(openings, "kiosk-oak", token, NOW + LASTS * 2.8)


def test_a_child_who_reads_through_the_music_for_two_minutes_may_still_pick() -> None:
    openings = Openings()
    token = openings.open("kiosk-oak", "1", "p-wren0000", NOW).token
    assert not closed(openings, "kiosk-oak", token, NOW + MINUTE * 2)


def test_an_opening_that_is_used_all_the_time_ends_too() -> None:
    openings = Openings()
    token = openings.open("kiosk-oak", "1", "p-wren0000", NOW).token
    for half_minutes in range(1, 20):
        assert not closed(openings, "kiosk-oak", token, NOW + MINUTE * half_minutes / 2)
    assert closed(openings, "kiosk-oak", token, NOW + MINUTE * 10)


def test_an_opening_is_one_kiosks_and_ends_with_that_screens_next() -> None:
    openings = Openings()
    token = openings.open("kiosk-oak", "1", "p-wren0000", NOW).token
    assert closed(openings, "kiosk-elm", token, NOW)
    openings.open("kiosk-elm", "1", "p-moss0000", NOW)
    assert not closed(openings, "kiosk-oak", token, NOW)
    openings.open("kiosk-oak", "2", "p-clem0000", NOW)  # another screen of the same kiosk
    assert not closed(openings, "kiosk-oak", token, NOW)
    assert openings.open("kiosk-oak", "1", "p-clem0000", NOW).token != token
    assert closed(openings, "kiosk-oak", token, NOW)


@pytest.mark.parametrize("token", [None, "", "made-up"])
def test_no_token_opens_nothing(token: str | None) -> None:
    assert closed(Openings(), "kiosk-oak", token, NOW)
