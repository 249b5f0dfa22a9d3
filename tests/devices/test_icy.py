"""Titles in a stream, cut anywhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.icy import IcyJoiner, IcySplitter, clean_title, title_block


@given(st.binary(max_size=3000), st.integers(1, 700), st.integers(1, 200))
def test_what_is_joined_is_split_again_however_it_is_cut(sound: bytes, metaint: int, piece: int) -> None:
    joiner, splitter = IcyJoiner(metaint), IcySplitter(metaint)
    joined = b"".join(joiner.joined(sound[at : at + piece], "Löwe's Lied") for at in range(0, len(sound), piece))
    split = b"".join(splitter.sound(joined[at : at + 97]) for at in range(0, len(joined), 97))
    assert split == sound
    assert splitter.title == ("Löwe’s Lied" if len(sound) >= metaint else "")


def test_a_stream_without_titles_passes_as_it_is() -> None:
    assert IcySplitter(0).sound(b"\x00abc") == b"\x00abc"


def test_titles_of_other_servers_are_read() -> None:
    for told, title in [
        (b"StreamTitle='It's late';StreamUrl='';", "It's late"),
        ("StreamTitle='Café';".encode("latin-1"), "Café"),
        (b"StreamTitle='open", "open"),
        (b"StreamUrl='x';", ""),
    ]:
        splitter = IcySplitter(1)
        units = -(-len(told) // 16)
        splitter.sound(b"s" + bytes([units]) + told.ljust(units * 16, b"\0"))
        assert splitter.title == title


def test_a_title_is_one_short_line_that_a_screen_can_show() -> None:
    assert clean_title("a\nb\x1b[2J\u202ec") == "a b [2J c"
    assert len(clean_title("x" * 5000)) == 200
    assert len(title_block("ü" * 5000)) < 16 * 255
