"""The tables of each part, from figures that are given here."""

from __future__ import annotations

import numpy as np

from bench.cost import Cost, cost_table
from bench.joining import Join, join_table
from bench.meter import Heard, Look, Span
from bench.silencing import silence_table
from bench.skew import MPD, OURS, QUIET, SNAPCAST, Played, codec_table, skew_table
from bench.usage import Memory


def heard(skews_ms: list[float], kind: str = "flac", missed: int = 0, early_ms: float = 0.0) -> Heard:
    span = Span(np.zeros(1, dtype=np.float32), 0.0, 0.0, 1.0, kind)
    return Heard(span, tuple(Look(0.0, -early_ms, skew - early_ms) for skew in skews_ms), missed)


def test_skews_are_told_beside_snapcast() -> None:
    played = [
        Played(OURS, (heard([0.1, -0.1]), heard([0.1]))),
        Played(SNAPCAST, (heard([0.2, 0.2]), heard([], missed=3))),
        Played(MPD, (heard([]),)),
    ]
    table = skew_table(QUIET, played)
    assert table.title == "Skew between two rooms: quiet machine"
    assert table.rows == (
        ("ours", "2 of 2", "0.10", "0.10", "0.10", "0.50 x", "0.50 x", "0"),
        ("Snapcast", "1 of 2", "0.20", "0.20", "0.20", "-", "-", "3"),
        ("MPD", "0 of 1", "-", "-", "-", "-", "-", "0"),
    )


def test_errors_are_told_for_each_kind_of_file_with_their_sign() -> None:
    table = codec_table([heard([0.0], early_ms=0.3), heard([0.0], "mp3", early_ms=-0.1), heard([], "opus")])
    assert table.rows == (
        ("flac", "1 of 1", "0.30", "0.30", "-0.30"),
        ("mp3", "1 of 1", "0.10", "0.10", "+0.10"),
        ("opus", "0 of 1", "-", "-", "-"),
    )


def test_a_join_that_was_not_heard_is_counted() -> None:
    joins = [Join(0.0, 1.5, heard([0.4])), Join(0.0, None, None)]
    table = join_table({"ours": joins, "Snapcast": [Join(0.0, 1.0, heard([0.2]))]})
    assert table.rows == (
        ("ours", "1 of 2", "0.40", "0.40", "0.40", "2.0 x", "1.50", "1.50"),
        ("Snapcast", "1 of 1", "0.20", "0.20", "0.20", "-", "1.00", "1.00"),
    )


def test_a_cost_is_told_beside_each_peer() -> None:
    table = cost_table([Cost("ours", 0.012, Memory(60.0, 5.0)), Cost("MPD", 0.006, Memory(30.0, 0.0))], 60.0)
    assert table.rows == (("ours", "1.20 %", "", "60", "", "5.0"), ("MPD", "0.60 %", "2.0 x", "30", "2.0 x", "-"))


def test_the_last_room_to_fall_silent_has_its_own_figures() -> None:
    table = silence_table([[0.3, 0.4], [0.3, 0.5]], [[0.5, 0.5]])
    assert table.rows[0][1:] == ("2", "350", "497", "500", "450", "500")
    assert table.rows[1][1:] == ("1", "500", "500", "500", "500", "500")
