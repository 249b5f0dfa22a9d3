"""When a link takes it that another program has its identity, and when that one is gone."""

from __future__ import annotations

from wire.doubles import SHORT_S, TAKEOVERS, YIELD_S, Doubles


def connections(
    doubles: Doubles, count: int, *, lasting_s: float, broker_listens: bool = True, from_s: float = 0
) -> bool:
    """So many connections, one after another; whether the last was taken by another program."""
    taken = False
    for number in range(count):
        now_s = from_s + number * (lasting_s + 1.0)
        doubles.connected(now_s)
        taken = doubles.lost(now_s + lasting_s, broker_listens=broker_listens)
    return taken


def test_many_short_connections_in_a_row_are_another_program() -> None:
    doubles = Doubles()
    assert TAKEOVERS <= doubles.most_short <= TAKEOVERS + 8
    assert not connections(doubles, doubles.most_short - 1, lasting_s=1.0)
    assert not doubles.met
    assert connections(doubles, 1, lasting_s=1.0)
    assert doubles.met


def test_a_connection_that_lasted_or_a_broker_that_went_begins_the_count_anew() -> None:
    doubles = Doubles()
    connections(doubles, doubles.most_short - 1, lasting_s=1.0)
    connections(doubles, 1, lasting_s=SHORT_S)
    assert not connections(doubles, doubles.most_short - 1, lasting_s=1.0)
    connections(doubles, 1, lasting_s=1.0, broker_listens=False)
    assert not connections(doubles, doubles.most_short - 1, lasting_s=1.0)


def test_the_identity_is_left_for_a_minute_and_a_half_at_the_most_and_one_more_takeover_is_enough() -> None:
    doubles = Doubles()
    connections(doubles, doubles.most_short, lasting_s=1.0)
    doubles.leave(100.0)
    assert doubles.leaves(100.0 + YIELD_S - 0.1)
    assert not doubles.leaves(100.0 + 1.5 * YIELD_S + 0.1)
    assert connections(doubles, 1, lasting_s=1.0, from_s=200.0)


def test_it_is_gone_when_a_connection_has_lasted_which_is_said_once() -> None:
    doubles = Doubles()
    assert not doubles.is_gone(1e6), "none was ever met"
    connections(doubles, doubles.most_short, lasting_s=1.0)
    doubles.leave(100.0)
    doubles.connected(200.0)
    assert not doubles.is_gone(200.0 + SHORT_S - 0.1)
    assert doubles.is_gone(200.0 + SHORT_S)
    assert not doubles.is_gone(200.0 + SHORT_S)
    assert not doubles.met
    assert not doubles.lost(300.0, broker_listens=True)
    assert not connections(doubles, doubles.most_short - 1, lasting_s=1.0, from_s=400.0)
