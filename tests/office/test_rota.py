"""Whose School DJ turn it is."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from office.rota import Claim, claim, moves_on_at, rota, turn_counts
from tests.office.schools import at

PUPILS = tuple(f"p-{letter}" for letter in "abcdefgh")


def play(pupils: tuple[str, ...], turns: int, *, taken: list[str] | None = None) -> list[str]:
    """The turns of a term in which everybody is always in."""
    history = list(taken or [])
    for _ in range(turns):
        history.append(rota(pupils, history, seed="Autumn")[0])
    return history


@given(turns=st.integers(0, 60))
def test_nobody_has_a_second_turn_before_everybody_had_a_first(turns: int) -> None:
    counts = Counter(play(PUPILS, turns))
    assert max(counts.values(), default=0) - min((counts[pupil] for pupil in PUPILS), default=0) <= 1


@settings(max_examples=60, deadline=None)
@given(
    chance=st.randoms(use_true_random=False), size=st.integers(3, 40), days=st.integers(5, 65), slots=st.integers(1, 3)
)
def test_over_a_term_with_absences_nobody_is_left_out_or_preferred(
    chance: random.Random, size: int, days: int, slots: int
) -> None:
    pupils = [f"p-{number}" for number in range(size)]
    comes = {pupil: chance.choice((1.0, 1.0, 0.95, 0.5, 0.1)) for pupil in pupils}
    history: list[str] = []
    for _ in range(days):
        present = {pupil for pupil in pupils if chance.random() < comes[pupil]}
        order, busy = rota(pupils, history, seed="Autumn"), set[str]()
        for _ in range(slots):
            found = claim(order, present=present, busy=busy, waits=False)
            if found is not None:
                busy.add(found.pupil)
                history.append(found.pupil)
    had = Counter(history)
    always_in = [had[pupil] for pupil in pupils if comes[pupil] == 1.0]
    if always_in:
        assert max(always_in) - min(always_in) <= 1
        assert max(had.values()) <= min(always_in) + 2


def test_the_order_is_shuffled_by_the_term_and_stays() -> None:
    autumn = rota(PUPILS, [], seed="Autumn")
    assert autumn == rota(tuple(reversed(PUPILS)), [], seed="Autumn")
    assert autumn != rota(PUPILS, [], seed="Spring")
    assert sorted(autumn) == sorted(PUPILS)


def test_who_joins_late_catches_up_by_one_turn_and_no_more() -> None:
    history = play(PUPILS, 3 * len(PUPILS))
    with_new = (*PUPILS, "p-new")
    after = play(with_new, 1 + 2 * len(with_new), taken=history)[len(history) :]
    assert after[0] == "p-new"
    assert Counter(after[1:]) == dict.fromkeys(with_new, 2)


def test_one_child_brought_forward_often_does_not_move_the_round() -> None:
    counts = turn_counts(PUPILS, ["p-a"] * 6)
    assert counts == {"p-a": 6} | dict.fromkeys(PUPILS[1:], 0)


def test_a_leaver_is_not_counted_and_an_empty_school_has_no_order() -> None:
    assert turn_counts(("p-a",), ["p-gone", "p-a"]) == {"p-a": 1}
    assert rota((), ["p-gone"], seed="Autumn") == ()


def test_the_first_in_the_order_is_waited_for_then_quietly_passed_over() -> None:
    order = ("p-a", "p-b", "p-c")
    assert claim(order, present={"p-a", "p-c"}, busy=(), waits=True) == Claim("p-a", settled=True)
    assert claim(order, present={"p-c"}, busy=(), waits=True) == Claim("p-a", settled=False)
    assert claim(order, present={"p-c"}, busy=(), waits=False) == Claim("p-c", settled=True)
    assert claim(order, present=(), busy=(), waits=False) is None
    assert claim(order, present={"p-b"}, busy={"p-a"}, waits=True) == Claim("p-b", settled=True)
    assert claim(order, present={"p-a"}, busy=order, waits=True) is None


def test_a_slot_that_staff_keep_for_a_pupil_is_not_passed_on() -> None:
    order = ("p-a", "p-b")
    assert claim(order, present={"p-b"}, busy=(), waits=False, holds_for="p-a") == Claim("p-a", settled=False)


def test_a_turn_moves_on_at_the_registers_close_or_ten_minutes_before_the_lock() -> None:
    close, early, late = at("09:15"), at("09:20"), at("10:25")
    assert moves_on_at(close, late) == close
    assert moves_on_at(close, early) == at("09:10")
    assert moves_on_at(None, late) == late - dt.timedelta(minutes=10)
