"""What the kiosk says."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from kiosk import sayings
from kiosk.words import KIND_LINES, filled_words, hello, kind_line, length_words, until_words, zone_words
from tests.kiosk.fake_school import pupils

DAY = dt.datetime(2026, 11, 23, 8, 45, tzinfo=dt.UTC)
GREETINGS = ((False, False, None), (True, False, None), (False, True, "break"), (True, True, "break"))


@pytest.mark.parametrize(("hour", "words"), [(8, "Good morning"), (12, "Good afternoon"), (17, "Good evening")])
def test_the_greeting_is_by_time_of_day(hour: int, words: str) -> None:
    assert hello(DAY.replace(hour=hour)) == words


def test_a_late_child_is_greeted_like_an_early_one() -> None:
    (child,) = pupils(1)
    early = sayings.greeting(child, DAY, again=False, by_card=False)
    late = sayings.greeting(child, DAY.replace(hour=11), again=False, by_card=False)
    assert early == late


def test_a_second_tap_is_a_friendly_success() -> None:
    (child,) = pupils(1)
    said = sayings.greeting(child, DAY, again=True, by_card=False)
    assert said.large == "Bramble!"
    assert said.mood == "greet"
    assert "You are checked in" in said.above


def test_the_kind_lines_change_from_day_to_day() -> None:
    lines = {kind_line("p1", DAY + dt.timedelta(days=day)) for day in range(60)}
    assert lines == set(KIND_LINES)
    assert kind_line("p1", DAY) == kind_line("p1", DAY.replace(hour=14))


def test_nothing_that_is_said_to_a_child_shames() -> None:
    child = pupils(1)[0]
    all_said = [
        sayings.invitation(DAY, "Oak"),
        sayings.waiting(DAY),
        *(sayings.greeting(child, DAY, again, by_card, slot) for again, by_card, slot in GREETINGS),
        *(say() for say in (sayings.unknown_card, sayings.not_written, sayings.not_now, sayings.time_is_up)),
        *(say("break") for say in (sayings.music_set, sayings.music_open, sayings.music_locked)),
        sayings.music_not_saved(),
    ]
    text = " ".join([*(part for one in all_said for part in (one.above, one.large, *one.lines)), *KIND_LINES])
    for word in ("late", "absen", "miss", "wrong", "error", "fail", "refus", "denied", "sorry", "only", "must"):
        assert not re.search(rf"\b{word}", text, re.IGNORECASE), word


def test_times_are_in_the_unit_that_a_child_can_use() -> None:
    assert filled_words(7 * 60 + 9, 15 * 60) == "7 of 15 minutes"
    assert filled_words(1000, 15 * 60) == "15 of 15 minutes"
    assert filled_words(40, 90) == "40 of 90 seconds"
    lengths = ["40 s", "56 s", "1 min", "1½ min", "2 min", "3 min"]
    assert [length_words(length) for length in (40, 56, 59.8, 95, 110, 183)] == lengths
    assert [until_words(left) for left in (-1, 40, 600, 9000)] == ["0 s", "40 s", "10 min", "2 h"]


def test_zones_have_names_for_people() -> None:
    assert zone_words("hall-east") == "Hall east"
