"""First languages as an MIS writes them."""

from __future__ import annotations

import pytest

from office.languages import language_code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("English", "en"),
        ("pl", "pl"),
        (" Polish ", "pl"),
        ("Persian/Farsi", "fa"),
        ("Chinese (Cantonese)", "zh"),
        ("", "en"),
        ("Refused", "en"),
        ("Elvish", "en"),
    ],
)
def test_a_language_has_its_code_and_english_stands_for_what_is_not_known(cell: str, code: str) -> None:
    assert language_code(cell) == code
