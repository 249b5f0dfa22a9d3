"""The pictures that stand for pupils: drawn alike everywhere, unique in a class."""

from __future__ import annotations

import unicodedata

from office.pictures import FIRST, PICTURES, picture_for

UNICODE_9 = (
    *((0x1F910, 0x1F91E), (0x1F920, 0x1F927), (0x1F930, 0x1F930), (0x1F933, 0x1F93E), (0x1F940, 0x1F94B)),
    *((0x1F950, 0x1F95E), (0x1F980, 0x1F991), (0x1F9C0, 0x1F9C0)),
)
"""What the block Supplemental Symbols and Pictographs held in Unicode 9; all of the later ones came after."""


def test_there_are_at_least_sixty_and_no_two_alike() -> None:
    assert len(PICTURES) == len(set(PICTURES)) >= 60


def test_each_is_one_code_point_two_cells_wide_since_unicode_9() -> None:
    for picture in PICTURES:
        assert len(picture) == 1
        assert unicodedata.east_asian_width(picture) == "W", picture
        code = ord(picture)
        if code < 0x1F900:
            assert code <= 0x1F6F6, picture
        else:
            assert any(first <= code <= last for first, last in UNICODE_9), picture


def test_a_class_of_as_many_pupils_as_pictures_has_each_once() -> None:
    taken: set[str] = set()
    for number in range(len(PICTURES)):
        taken.add(picture_for(f"p-{number:08d}", taken))
    assert taken == set(PICTURES)
    assert picture_for("p-onemore0", taken) in PICTURES


def test_a_class_gets_the_first_pictures_before_any_other() -> None:
    taken: set[str] = set()
    for number in range(len(FIRST)):
        taken.add(picture_for(f"p-{number:08d}", taken))
    assert taken == set(FIRST)


def test_the_same_pupil_gets_the_same_picture_of_the_same_ones_left() -> None:
    assert picture_for("p-12345678", {PICTURES[0]}) == picture_for("p-12345678", {PICTURES[0]})
