"""Text from outside on a screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kiosk.safe_text import PLAIN_PICTURE, centred, clean, cut, cut_name, padded, picture_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë-Mae", "Zoë-Mae"),
        ("Zoe\u0308", "Zoë"),
        ("a\x1b[31mb\x07\x9b", "a[31mb"),
        ("two\nlines\there", "two lines here"),
        ("\u202eesrever\u2066", "esrever"),
        ("ali\u200db\u200baba", "alibaba"),
        ("عمر", "عمر"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("Z" + "\u0335" * 50, "Z" + "\u0335" * 2),
        ("  ", ""),
    ],
)
def test_it_is_one_line_without_controls(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text(max_size=60), st.integers(0, 30))
def test_it_never_takes_more_cells_than_it_has(text: str, cells: int) -> None:
    assert cell_len(cut(text, cells)) <= cells
    assert cell_len(centred(text, cells)) == cells
    assert cell_len(padded(text, cells)) == cells


def test_namesakes_stay_apart_when_their_names_are_cut() -> None:
    assert [cut_name(name, 11) for name in ("Christopher P", "Christopher S")] == ["Christop… P", "Christop… S"]
    assert cut_name("Wren A", 11) == "Wren A"
    assert cut_name("Maximiliana", 8) == "Maximil…"
    assert cut_name("Bo Maximiliana", 8) == "Bo Maxi…"


def test_a_cut_is_shown() -> None:
    assert cut("Persephone", 6) == "Perse…"
    assert cut("🐻🐻🐻🐻", 6) == "🐻🐻…"


@pytest.mark.parametrize(
    ("text", "picture"),
    [("🐻", "🐻"), ("🐻🐼", "🐻"), ("", PLAIN_PICTURE), ("bear", PLAIN_PICTURE), ("☀️", PLAIN_PICTURE), ("[/]⭐", "⭐")],
)
def test_a_picture_takes_two_cells(text: str, picture: str) -> None:
    assert picture_of(text) == picture
    assert cell_len(picture_of(text)) == 2
