"""Large pictures and letters of half blocks."""

from __future__ import annotations

import unicodedata

import pytest

from kiosk.big_letters import ROWS, big_text
from kiosk.half_sprites import HALVES
from kiosk.pictures import big_picture
from kiosk.safe_text import picture_of
from kiosk.sprites import COLOURS, SPRITES
from office.pictures import FIRST

PAPER, MEDAL = "#FFD35A", "#6C3391"


def test_every_drawing_is_square_and_of_known_colours() -> None:
    for halves in HALVES.values():
        assert [len(half) for half in halves] == [7] * 14
    for lines in SPRITES.values():
        assert [len(line) for line in lines] == [14] * 14
    letters = {letter for lines in (*HALVES.values(), *SPRITES.values()) for line in lines for letter in line}
    assert letters <= {*COLOURS, "."}


def test_every_drawing_stands_for_a_picture_that_a_tile_can_show() -> None:
    for character in (*HALVES, *SPRITES):
        assert picture_of(character) == character


@pytest.mark.parametrize("height", [3, 5, 7, 8, 12, 20])
@pytest.mark.parametrize("character", ["🐻", "🌞", "🎸", "", "[/]"])
def test_a_picture_keeps_to_its_width_in_every_row(character: str, height: int) -> None:
    picture = big_picture(character, height, PAPER, MEDAL)
    rows = [picture.row(row, height, f"on {PAPER}") for row in range(height)]
    assert {row.cell_len for row in rows} == {picture.width}


def test_a_picture_without_a_drawing_stands_in_a_medal() -> None:
    picture = big_picture("🎸", 7, PAPER, MEDAL)
    assert sum("🎸" in row.plain for row in picture.rows) == 1


def test_letters_are_four_rows_of_one_width() -> None:
    rows = big_text("Bramble! 0123456789")
    assert rows is not None
    assert len(rows) == ROWS
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    "name", ["Zoë", "José", "Siân", "Françoise", "Jiří", "Ağca", "Éloise", "Ömer", "Şule", "Łukasz"]
)
def test_a_name_with_accents_is_large_too_and_the_accents_show(name: str) -> None:
    plain = big_text("".join(letter for letter in unicodedata.normalize("NFD", name) if letter.isascii()))
    with_accents = big_text(name)
    assert with_accents is not None
    assert with_accents != plain


def test_every_child_of_an_ordinary_class_has_a_large_drawing() -> None:
    assert len(FIRST) >= 36
    assert {*FIRST} <= {*HALVES, *SPRITES}


def test_a_name_with_a_letter_that_has_no_large_form_is_left_to_plain_text() -> None:
    assert big_text("Þór") is None
    assert big_text("Zoé\N{COMBINING LONG STROKE OVERLAY}") is None
    assert big_text("عمر") is None
