"""Who sounds: the stream or the playlist."""

from __future__ import annotations

import math

import pytest

from devices.stream_turns import CROSSFADE_S, Do, Heard, Turns, decide


@pytest.mark.parametrize(
    ("sounds", "held_s", "ahead_s", "silent_s", "steady_s", "what"),
    [
        (False, 0.0, None, math.inf, 0.0, Do.STAY),
        (False, 4.0, None, 0.1, 9.0, Do.STAY),  # steady, but too little is held
        (False, 9.0, None, 0.1, 4.0, Do.STAY),  # much at once, but not yet steady
        (False, 9.0, None, 0.1, 5.0, Do.PLACE),
        (False, 9.0, -60.0, 0.1, 5.0, Do.PLACE),  # back after a long time
        (True, 60.0, 7.5, 0.1, 50.0, Do.STAY),
        (True, 60.0, 3.0, 4.5, 0.0, Do.STAY),  # a stall, and enough is held
        (True, 60.0, 2.4, 5.0, 0.0, Do.FALL_BACK),
        (True, 60.0, 1.9, 2.0, 0.0, Do.FALL_BACK),  # runs dry before the stall is 5 s long
        (True, 60.0, 1.9, 0.1, 50.0, Do.PLACE),  # its clock is slower than ours
        (True, 60.0, 15.1, 0.1, 50.0, Do.PLACE),  # what is too old is dropped
        (True, 60.0, -3600.0, 0.1, 50.0, Do.PLACE),  # the school's clock was set
        (True, 60.0, None, 9.0, 0.0, Do.FALL_BACK),
    ],
)
def test_after_a_look(
    sounds: bool, held_s: float, ahead_s: float | None, silent_s: float, steady_s: float, what: Do
) -> None:
    assert decide(sounds, Heard(held_s, ahead_s, silent_s, steady_s)) is what


def test_the_two_cross_over_and_one_of_them_sounds_at_any_time() -> None:
    turns = Turns().changed(10.0).changed(30.0).changed(50.0)
    assert turns.stream_sounds
    for at_s, stream, playlist in [
        (0.0, 0.0, 1.0), (10.0, 0.0, 1.0), (10.75, 0.5, 0.5), (11.5, 1.0, 0.0), (29.9, 1.0, 0.0), (30.75, 0.5, 0.5),
        (40.0, 0.0, 1.0), (51.5, 1.0, 0.0), (1e6, 1.0, 0.0),
    ]:  # fmt: skip
        shares = [sum(turn.share.at(at_s) for turn in one if turn.from_s <= at_s < turn.to_s)
                  for one in (turns.of_stream, turns.of_playlist)]  # fmt: skip
        assert shares == pytest.approx([stream, playlist]), at_s


def test_only_the_newest_changes_are_kept() -> None:
    turns = Turns()
    for number in range(101):
        turns = turns.changed(number * 10.0)
    assert turns.stream_sounds
    assert len(turns.changes) < 8
    assert turns.of_stream[-1].from_s == 1000.0
    assert turns.of_playlist[-1].to_s == 1000.0 + CROSSFADE_S
