"""A School DJ's picks, and how they reach the office."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from kiosk.errors import Away, Closed
from kiosk.pick_sender import PickSender
from kiosk.picking import Picks
from tests.kiosk.fake_school import FakeSchool, offer, tracks
from tests.waiting import until
from wire.requests import TurnOffer

ALL = tracks()
A, B, C = (track.id for track in ALL[:3])


def test_a_touch_adds_and_a_second_touch_takes_away() -> None:
    picks = Picks(ALL, 900.0).touched(A).touched(B).touched(C)
    assert picks.chosen == (A, B, C)
    assert picks.filled_s == 183 + 142 + 96
    fewer = picks.touched(A)
    assert fewer.chosen == (B, C)
    assert [fewer.place(track) for track in (A, B, C)] == [None, 1, 2]


def test_a_full_slot_takes_no_more_but_gives_back() -> None:
    picks = Picks(ALL, 200.0).touched(A).touched(B)
    assert picks.full
    assert picks.touched(C) == picks
    assert not picks.touched(A).full


def test_a_track_that_is_not_approved_cannot_be_picked() -> None:
    assert Picks(ALL, 900.0).touched("f" * 64).chosen == ()
    assert Picks.of_offer(offer(A, "f" * 64, B), ALL).chosen == (A, B)


async def test_every_change_is_sent_in_order_and_the_newest_last() -> None:
    school = FakeSchool()
    sender = PickSender(school, "session", offer())
    sender.change((A,))
    sender.change((A, B))
    await sender.settle()
    sender.change((B,))
    await sender.settle()
    await sender.settle()
    assert school.picked == [("session", (A, B)), ("session", (B,))]
    assert sender.offer.picks == (B,)


async def test_changes_made_while_one_is_on_its_way_are_sent_as_one() -> None:
    gate = asyncio.Event()

    class Slow(FakeSchool):
        async def pick(self, session: str, offer: TurnOffer, picks: tuple[str, ...]) -> TurnOffer:
            await gate.wait()
            return await super().pick(session, offer, picks)

    school = Slow()
    sender = PickSender(school, "session", offer())
    sender.change((A,))
    await asyncio.sleep(0)
    sender.change((A, B))
    sender.change((A, B, C))
    gate.set()
    await sender.settle()
    assert [picks for _, picks in school.picked] == [(A,), (A, B, C)]


async def test_a_failure_is_told_when_the_picks_should_be_settled_and_a_later_try_may_succeed() -> None:
    school = FakeSchool()
    sender = PickSender(school, "session", offer())
    school.pick_fault = Away("gone")
    sender.change((A,))
    with pytest.raises(Away):
        await sender.settle()
    school.pick_fault = Closed("closed")
    with pytest.raises(Closed):
        await sender.settle()
    school.pick_fault = None
    await sender.settle()
    assert [picks for _, picks in school.picked] == [(A,)]


async def test_picks_that_cannot_be_sent_arrive_when_the_office_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.pick_sender.RETRY_S", 0.05)
    school = FakeSchool()
    school.pick_fault = Away("gone")
    sender = PickSender(school, "session", offer())
    sender.change((A,))
    await until(lambda: sender.fault is not None)
    school.pick_fault = None
    await until(lambda: bool(school.picked))
    assert school.picked == [("session", (A,))]
    assert sender.fault is None


def test_picks_are_values() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Picks(ALL, 1.0).chosen = ()  # type: ignore[misc]
