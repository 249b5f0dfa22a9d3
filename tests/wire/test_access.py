"""The access list, as the real broker enforces it."""

from __future__ import annotations

import datetime as dt
import stat

import pytest

from tests.brokers import LinkFor
from tests.waiting import until
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker
from wire.programme import Turn
from wire.requests import Service
from wire.states import Hold, KioskState, ProgramState, Silence, SpeakerState
from wire.topics import Topics
from wire.values import Message, instant_of

NOW = instant_of(1_790_000_000)
TOPICS = Topics("test")


async def listener(link_for: LinkFor, user: str, topic: str, kind: type[Message]) -> list[Heard[Message]]:
    link = await link_for(user, client="listener")
    heard: list[Heard[Message]] = []
    link.listen(topic, kind, heard.append)
    if user == "office":
        assert await link.fence(), "the subscription is in force"
    return heard


@pytest.mark.parametrize(
    ("writer", "topic", "message", "allowed"),
    [
        ("east", TOPICS.speaker("east"), SpeakerState(online=True, zone="playground"), True),
        ("west", TOPICS.speaker("east"), SpeakerState(online=True, zone="playground"), False),
        ("kiosk-oak", TOPICS.speaker("east"), SpeakerState(online=True, zone="playground"), False),
        ("east", TOPICS.silence, Silence(on=True, by="east", at=NOW), True),
        ("east", TOPICS.programme("playground"), SpeakerState(online=True, zone="playground"), False),
        ("east", TOPICS.hold("playground"), Hold(mute=True, at=NOW, until=NOW, by="east"), False),
        ("east", TOPICS.program("scheduler"), ProgramState(online=True), False),
        ("kiosk-oak", TOPICS.silence, Silence(on=True, by="oak", at=NOW), False),
        ("desk", TOPICS.silence, Silence(on=True, by="desk", at=NOW), True),
        ("kiosk-oak", TOPICS.program("scheduler"), ProgramState(online=True), False),
        ("kiosk-oak", TOPICS.kiosk("kiosk-oak"), KioskState(online=True, classroom="oak"), True),
        ("kiosk-elm", TOPICS.kiosk("kiosk-oak"), KioskState(online=True, classroom="elm"), False),
        (
            "kiosk-oak",
            TOPICS.turn(dt.date(2026, 11, 23), "break"),
            Turn(date=dt.date(2026, 11, 23), slot="break", pupil="p-1", at=NOW),
            False,
        ),
    ],
)
async def test_a_user_writes_only_its_own_topics(
    link_for: LinkFor, writer: str, topic: str, message: Message, allowed: bool
) -> None:
    heard = await listener(link_for, "desk", topic, type(message))
    witness = await listener(link_for, "office", TOPICS.ask(Service.OFFICE), type(message))
    link: Link = await link_for(writer)
    link.publish(topic, message, retain=True)
    # What the writer may surely write comes behind it: when that is there, the other was decided.
    link.publish(TOPICS.ask(Service.OFFICE, writer), message)
    await until(lambda: witness)
    if allowed:
        await until(lambda: heard)
    else:
        assert heard == []


async def test_a_kiosk_reads_nothing_that_was_asked_of_the_office(link_for: LinkFor) -> None:
    spied = await listener(link_for, "kiosk-elm", TOPICS.ask(Service.OFFICE), SpeakerState)
    rightful = await listener(link_for, "office", TOPICS.ask(Service.OFFICE), SpeakerState)
    oak = await link_for("kiosk-oak")
    oak.publish(TOPICS.ask(Service.OFFICE, "kiosk-oak"), SpeakerState(online=True, zone="x"))
    await until(lambda: rightful)
    assert spied == []


@pytest.mark.parametrize(
    ("writer", "topic", "reader"),
    [
        ("office", TOPICS.turn(dt.date(2026, 11, 23), "break"), "desk"),
        ("kiosk-oak", TOPICS.kiosk("kiosk-oak"), "desk"),
        ("office", TOPICS.answer("west", "listener"), "west"),
        ("west", TOPICS.ask(Service.OFFICE, "west"), "office"),
    ],
)
async def test_a_speaker_reads_no_turn_no_kiosk_and_nothing_that_others_ask_or_are_answered(
    link_for: LinkFor, writer: str, topic: str, reader: str
) -> None:
    own = TOPICS.programme("playground")
    rightful = await listener(link_for, reader, topic, ProgramState)
    east = await link_for("east", client="spy")
    heard: list[Heard[ProgramState]] = []
    for one in (TOPICS.prefix + "#", topic, own):
        east.listen(one, ProgramState, heard.append)
    (await link_for(writer)).publish(topic, ProgramState(online=True), retain=True)
    await until(lambda: rightful)
    (await link_for("scheduler")).publish(own, ProgramState(online=True), retain=True)
    await until(lambda: heard, what="what it may read, which comes behind")
    assert {one.topic for one in heard} == {own}


async def test_a_user_asks_only_under_its_own_name(link_for: LinkFor) -> None:
    heard = await listener(link_for, "office", TOPICS.ask(Service.OFFICE), SpeakerState)
    oak = await link_for("kiosk-oak")
    oak.publish(TOPICS.ask(Service.OFFICE, "kiosk-elm"), SpeakerState(online=True, zone="x"))
    oak.publish(TOPICS.ask(Service.OFFICE, "kiosk-oak"), SpeakerState(online=True, zone="x"))
    await until(lambda: heard)
    assert [one.tail[2] for one in heard] == ["kiosk-oak"]


def test_secrets_and_configuration_are_for_the_owner_only(broker: PrivateBroker) -> None:
    for path in [broker.folder / "passwords", *broker.secrets_folder.glob("*.json")]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    secret = broker.credentials("east").password
    assert secret not in (broker.folder / "passwords").read_text()


def test_a_broker_left_behind_is_ended_by_the_next_one(broker: PrivateBroker) -> None:
    first = broker.process
    assert first is not None
    broker.process = None  # as after a killed parent
    address = broker.start()
    assert first.wait(5) is not None
    assert broker.running
    assert broker.address == address
