"""The narrator says each thing once and counts it, from what is on the wire."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.brokers import LinkFor
from tests.waiting import until
from unmissable import narrator as narrator_module
from unmissable.narrator import Narrator
from wire.link import Link
from wire.programme import MusicSet, Programme, Turn
from wire.states import Playing, ProgramState, Silence, SpeakerState

NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
ONE, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def said() -> list[str]:
    """The lines that the narrator says."""
    return []


@pytest.fixture
async def narrator(link_for: LinkFor, said: list[str]) -> Narrator:
    """A narrator on the desk's link, which listens: it has heard of the scheduler, and that is all."""
    link = await link_for("desk", start=False)
    narrator = Narrator(link, said.append)
    await link.start()
    scheduler = await link_for("scheduler", client="2")
    scheduler.publish(scheduler.topics.program("scheduler"), ProgramState(online=True), retain=True)
    await until(lambda: said == ["the scheduler is there"])
    said.clear()
    return narrator


def programme(revision: str) -> Programme:
    """A programme with one set."""
    lunch = MusicSet(slot="lunch", date=NOON.date(), start_at=NOON, end_at=NOON + dt.timedelta(minutes=20), volume=50)
    until_at = NOON + dt.timedelta(days=1)
    return Programme(
        revision=revision,
        zone="playground",
        made_at=NOON,
        valid_until=until_at,
        media="http://127.0.0.1:1/media",
        sets=(lunch,),
    )


def plays(track: str, at_s: float = 0.0, *, title: str = "Hopscotch", slot: str = "lunch") -> SpeakerState:
    """A speaker that plays."""
    at = NOON + dt.timedelta(seconds=at_s)
    playing = Playing(set=f"2026-11-23/{slot}", track=track, title=title, position_s=at_s, at=at)
    return SpeakerState(online=True, zone="playground", playing=playing)


def keep_speaker(link: Link, *states: SpeakerState) -> None:
    """Tell states of the link's own speaker."""
    for state in states:
        link.publish(link.topics.speaker(link.user), state, retain=True)


async def test_a_track_that_goes_on_is_counted_once_and_the_next_one_again(
    narrator: Narrator, said: list[str], link_for: LinkFor
) -> None:
    east = await link_for("east")
    keep_speaker(east, plays(ONE), plays(ONE, 5.0), plays(OTHER, title="Kite Samba"), plays(OTHER, 5.0))
    keep_speaker(east, SpeakerState(online=True, zone="playground"), plays(ONE, slot="break"))
    await until(lambda: narrator.happened.tracks == 3)
    assert said == [
        "speaker east (playground) is there",
        "lunch starts",
        "east plays Hopscotch",
        "east plays Kite Samba",
        "break starts",
        "east plays Hopscotch",
    ]
    assert narrator.happened.slots == {"2026-11-23/lunch", "2026-11-23/break"}
    assert narrator.happened.speakers == {"east"}
    assert narrator.happened.played == {
        ("east", "2026-11-23/lunch", ONE),
        ("east", "2026-11-23/lunch", OTHER),
        ("east", "2026-11-23/break", ONE),
    }


async def test_only_another_revision_counts_as_revised(narrator: Narrator, said: list[str], link_for: LinkFor) -> None:
    scheduler = await link_for("scheduler")
    for revision in ("1", "1", "2", "2"):
        scheduler.publish(scheduler.topics.programme("playground"), programme(revision), retain=True)
    scheduler.publish(scheduler.topics.program("scheduler"), ProgramState(online=False), retain=True)
    await until(lambda: "the scheduler is away" in said)
    assert narrator.happened.revisions == 1
    assert said[:-1] == ["programme for playground: 1 sets ahead", "programme for playground revised"]


async def test_a_turn_counts_when_something_is_picked_and_names_only_whom_it_may(
    narrator: Narrator, said: list[str], link_for: LinkFor
) -> None:
    office = await link_for("office")

    def turn(slot: str, *picks: str, dj: str | None = "Bramble") -> None:
        message = Turn(date=NOON.date(), slot=slot, pupil="p1", dj=dj, picks=picks, at=NOON)
        office.publish(office.topics.turn(NOON.date(), slot), message, retain=True)

    turn("lunch")
    turn("lunch", ONE, OTHER)
    turn("lunch", ONE, OTHER)
    turn("break", ONE, dj=None)
    await until(lambda: narrator.happened.turns == 2)
    assert said == [
        "School DJ for lunch: Bramble, no pick yet",
        "School DJ for lunch: Bramble, 2 picked",
        "School DJ for break: a pupil, 1 picked",
    ]


async def test_a_fault_is_told_only_when_it_lasts(
    narrator: Narrator, said: list[str], link_for: LinkFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrator_module, "LASTS_S", 0.3)
    east, west = await link_for("east"), await link_for("west")
    keep_speaker(east, SpeakerState(online=True, zone="playground", fault="waits for school time"))
    keep_speaker(east, SpeakerState(online=True, zone="playground"))
    keep_speaker(west, SpeakerState(online=True, zone="classrooms", fault="the sound device is gone"))
    await until(lambda: "speaker west: the sound device is gone" in said)
    assert "speaker east: waits for school time" not in said


async def test_programs_that_come_and_go_and_silence_are_told(
    narrator: Narrator, said: list[str], link_for: LinkFor
) -> None:
    office, desk = await link_for("office"), await link_for("desk", client="2")
    for online in (True, True, False, True):
        office.publish(office.topics.program("office"), ProgramState(online=online), retain=True)
    await until(lambda: len(said) == 3)
    desk.publish(desk.topics.silence, Silence(on=True, by="s.okoro", at=NOON), retain=True)
    await until(lambda: len(said) == 4)
    assert said == [
        "the office is there",
        "the office is away",
        "the office is there",
        "silence is on, by s.okoro",
    ]
    assert narrator.happened.programs == {"scheduler", "office"}
