"""Whole codes out of keys."""

from __future__ import annotations

import pytest

from kiosk.card_reader import CardReader


def typed(reader: CardReader, keys: list[str], gap_s: float = 0.01) -> list[str]:
    codes = [reader.feed(key, number * gap_s) for number, key in enumerate(keys)]
    return [code for code in codes if code is not None]


def test_digits_and_enter_are_a_code() -> None:
    assert typed(CardReader(0.1), [*"1001", "enter", *"0042", "enter"]) == ["1001", "0042"]


@pytest.mark.parametrize(
    "keys", [["enter"], [*"12", "enter"], [*"1" * 21, "enter"], [*"12a34", "enter"], [*"1001", "tab"]]
)
def test_anything_else_is_no_code(keys: list[str]) -> None:
    assert typed(CardReader(0.1), keys) == []


def test_a_key_between_the_digits_begins_anew() -> None:
    assert typed(CardReader(0.1), [*"99", "x", *"1001", "enter"]) == ["1001"]


def test_digits_are_forgotten_after_a_pause() -> None:
    reader = CardReader(0.1)
    assert typed(reader, list("1001")) == []
    assert reader.digits(0.05) == "1001"
    assert reader.digits(0.2) == ""
    assert reader.feed("enter", 0.2) is None


def test_a_person_may_type_slowly_and_correct() -> None:
    assert typed(CardReader(5.0), [*"1009", "backspace", "1", "enter"], gap_s=2.0) == ["1001"]
