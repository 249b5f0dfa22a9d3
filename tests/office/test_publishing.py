"""The retained turns on a real broker: sent where they differ, cleared where none is, gone when their date is over."""

from __future__ import annotations

import asyncio
import datetime as dt
import time

from office.publishing import TurnBoard
from tests.brokers import LinkFor
from tests.office.schools import LONDON, MONDAY, at
from tests.waiting import until
from wire.programme import Turn


def turn(slot: str, pupil: str = "p-wren0000") -> Turn:
    return Turn(date=MONDAY, slot=slot, pupil=pupil, at=at("08:40"))


async def retained(link_for: LinkFor, client: str) -> dict[str, str]:
    """The turns that the broker gives to someone who connects now: the pupil by slot."""
    found: dict[str, str] = {}
    link = await link_for("scheduler", client=client)

    def hear(slot: str, message: Turn | None) -> None:
        if message is not None:
            found[slot] = message.pupil

    link.listen(link.topics.turns, Turn, lambda heard: hear(heard.tail[2], heard.message))
    assert await link.fence()
    return found


async def test_turns_are_kept_replaced_and_cleared(link_for: LinkFor) -> None:
    office = await link_for("office")
    board = TurnBoard(office)
    board.show((turn("break"), turn("lunch")), LONDON, at("08:40"))
    assert await office.fence()
    assert await retained(link_for, "2") == {"break": "p-wren0000", "lunch": "p-wren0000"}
    board.show((turn("break", "p-moss0000"),), LONDON, at("08:41"))
    assert await office.fence()
    assert await retained(link_for, "3") == {"break": "p-moss0000"}


async def test_what_does_not_differ_is_not_sent_again(link_for: LinkFor) -> None:
    office = await link_for("office")
    board = TurnBoard(office)
    heard: list[str] = []
    other = await link_for("scheduler", client="2")
    other.listen(other.topics.turns, Turn, lambda news: heard.append(news.tail[2]))
    assert await other.fence()
    for _ in range(3):
        board.show((turn("break"),), LONDON, at("08:40"))
    board.show((turn("break"), turn("lunch")), LONDON, at("08:40"))
    await until(lambda: "lunch" in heard, what="the second turn")
    assert heard == ["break", "lunch"]


async def test_a_turn_is_gone_when_its_date_is_over(link_for: LinkFor) -> None:
    office = await link_for("office")
    TurnBoard(office).show((turn("break"),), LONDON, at("23:59:58"))
    assert await office.fence()
    deadline = time.monotonic() + 10.0
    client = 2
    while await retained(link_for, str(client)):
        assert time.monotonic() < deadline, "the turn outlived its date"
        client += 1
        await asyncio.sleep(0.2)


def test_the_date_ends_at_the_schools_midnight_when_the_clocks_change() -> None:
    from office.publishing import _left_of_date_s

    autumn = dt.date(2026, 10, 25)
    assert _left_of_date_s(autumn, LONDON, at("00:00", autumn)) == 25 * 3_600
    assert _left_of_date_s(autumn, LONDON, at("12:00", autumn + dt.timedelta(days=2))) == 1.0
