"""The link's conformance suite, against a real Mosquitto."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.brokers import SITE, LinkFor
from tests.waiting import until
from wire.address import BrokerAddress, Credentials
from wire.doubles import TAKEOVERS
from wire.errors import LinkError, NotConnected, PayloadError
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker
from wire.states import ProgramState, Silence, SpeakerState
from wire.values import MAX_PAYLOAD_BYTES, Message, instant_of


def speaker_state(*, online: bool = True, output: str = "null") -> SpeakerState:
    return SpeakerState(online=online, zone="playground", output=output)


def collect(link: Link, topic: str, kind: type[Message]) -> list[Heard[Message]]:
    heard: list[Heard[Message]] = []
    link.listen(topic, kind, heard.append)
    return heard


async def test_retained_state_reaches_who_subscribes_later_and_is_marked_retained(link_for: LinkFor) -> None:
    east = await link_for("east")
    east.keep(east.topics.speaker("east"), speaker_state())
    desk = await link_for("desk", start=False)
    heard = collect(desk, desk.topics.speaker(), SpeakerState)
    await desk.start()
    await until(lambda: heard)
    assert heard[0].retained
    assert heard[0].tail == ("speaker", "east")
    east.keep(east.topics.speaker("east"), speaker_state(output="pulse"))
    await until(lambda: len(heard) == 2)
    assert not heard[1].retained


async def test_a_handler_added_while_connected_is_subscribed(link_for: LinkFor) -> None:
    east, desk = await link_for("east"), await link_for("desk")
    east.keep(east.topics.speaker("east"), speaker_state())
    heard = collect(desk, desk.topics.speaker(), SpeakerState)
    await until(lambda: heard)


async def test_clearing_a_kept_topic_is_heard_as_no_message(link_for: LinkFor) -> None:
    east, desk = await link_for("east"), await link_for("desk")
    heard = collect(desk, desk.topics.speaker(), SpeakerState)
    east.keep(east.topics.speaker("east"), speaker_state())
    await until(lambda: heard)
    east.keep(east.topics.speaker("east"), None)
    await until(lambda: len(heard) == 2)
    assert heard[1].message is None


async def test_publishing_without_a_broker_is_refused_at_once_and_not_queued(
    link_for: LinkFor, broker: PrivateBroker
) -> None:
    desk, east = await link_for("desk"), await link_for("east")
    heard = collect(east, east.topics.silence, Silence)
    broker.kill()
    await until(lambda: not desk.connected)
    silence = Silence(on=True, by="s.okoro", at=instant_of(0))
    with pytest.raises(NotConnected, match="there is no connection"):
        desk.publish(desk.topics.silence, silence)
    broker.start()
    await until(lambda: desk.connected and east.connected, 15)
    desk.publish(desk.topics.silence, silence.model_copy(update={"reason": "after"}))
    await until(lambda: heard)
    assert [one.message.reason for one in heard if isinstance(one.message, Silence)] == ["after"]


async def test_after_a_broker_killed_and_started_again_kept_state_and_subscriptions_are_back(
    link_for: LinkFor, broker: PrivateBroker
) -> None:
    east, desk = await link_for("east"), await link_for("desk")
    heard = collect(desk, desk.topics.speaker(), SpeakerState)
    connects: list[bool] = []
    east.on_connect(lambda: connects.append(True))
    east.keep(east.topics.speaker("east"), speaker_state(output="before"))
    await until(lambda: heard)
    broker.kill()
    await until(lambda: not east.connected and not desk.connected)
    east.keep(east.topics.speaker("east"), speaker_state(output="changed while away"))
    for gone in broker.folder.glob("mosquitto.db*"):
        gone.unlink()  # as a kill before any save leaves it: nothing retained
    heard.clear()
    broker.start()
    await until(
        lambda: any(isinstance(h.message, SpeakerState) and h.message.output == "changed while away" for h in heard),
        15,
    )
    assert connects == [True]


async def test_kept_state_with_an_expiry_ends(link_for: LinkFor) -> None:
    east = await link_for("east")
    east.keep(east.topics.speaker("east"), speaker_state(), expiry_s=1)
    await asyncio.sleep(1.5)  # the time that is tested
    desk = await link_for("desk", start=False)
    heard = collect(desk, desk.topics.speaker(), SpeakerState)
    await desk.start()
    office = await link_for("office")
    assert await office.fence()
    assert await desk.wait_connected(5)
    east.keep(east.topics.speaker("east"), speaker_state(output="new"))
    await until(lambda: heard)
    assert [one.message.output for one in heard if isinstance(one.message, SpeakerState)] == ["new"]


async def test_a_stopped_link_leaves_its_last_words(link_for: LinkFor) -> None:
    topic = f"unmissable/{SITE}/v1/speaker/east"
    east = await link_for("east", will=(topic, speaker_state(online=False)))
    east.keep(topic, speaker_state())
    await east.stop()
    desk = await link_for("desk", start=False)
    heard = collect(desk, desk.topics.speaker(), SpeakerState)
    await desk.start()
    await until(lambda: heard)
    assert isinstance(heard[0].message, SpeakerState)
    assert not heard[0].message.online


PROGRAM_WITH_A_WILL = """
import asyncio, sys
from pathlib import Path
from wire.address import BrokerAddress, Credentials
from wire.link import Link
from wire.states import SpeakerState

async def main():
    topic = "unmissable/test/v1/speaker/east"
    link = Link(broker=BrokerAddress.parse(sys.argv[1]), credentials=Credentials.load(Path(sys.argv[2])), site="test",
                client="1", will=(topic, SpeakerState(online=False, zone="playground")))
    link.keep(topic, SpeakerState(online=True, zone="playground"))
    await link.start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_will_speaks_for_a_killed_program(link_for: LinkFor, broker: PrivateBroker) -> None:
    desk = await link_for("desk")
    heard = collect(desk, desk.topics.speaker(), SpeakerState)
    broker.credentials("east")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM_WITH_A_WILL, str(broker.address), str(broker.credentials_file("east"))
    )
    try:
        await until(lambda: heard, 15)
        child.send_signal(signal.SIGKILL)
        await until(lambda: len(heard) == 2)
        await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
    states = [one.message.online for one in heard if isinstance(one.message, SpeakerState)]
    assert states == [True, False]


async def test_two_programs_with_one_identity_stop_with_a_clear_error(link_for: LinkFor) -> None:
    first = await link_for("east")
    second = await link_for("east", start=False)
    await second.start()
    serving = {asyncio.ensure_future(link.serve_until(asyncio.Event())): link for link in (first, second)}
    ended, going_on = await asyncio.wait(serving, timeout=30, return_when=asyncio.FIRST_COMPLETED)
    assert len(ended) == 1, "one of the two programs is to end"
    with pytest.raises(LinkError, match="another program uses the identity east"):
        await ended.pop()
    left = going_on.pop()
    assert await serving[left].wait_connected(5), "the one that is left goes on"
    left.cancel()


async def test_a_link_that_yields_leaves_its_identity_to_the_other_and_is_back_when_that_ends(
    broker: PrivateBroker, link_for: LinkFor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("wire.doubles.YIELD_S", 3.0)
    monkeypatch.setattr("wire.doubles.SHORT_S", 2.5)
    assert broker.address is not None
    yielding = Link(broker=broker.address, credentials=broker.credentials("east"), site=SITE, client="1", yields=True)
    yielding._doubles.most_short = 2
    line = (
        "another program uses the identity east (client 1); stop one of them; "
        "this one leaves the school's network to it, and tries again every minute"
    )
    await yielding.start()
    try:
        assert await yielding.wait_connected(5)
        other = await link_for("east")
        other._doubles.most_short = 1_000
        await until(lambda: yielding.fault == line, 20)
        await until(lambda: other.connected)
        tries: list[str | None] = []
        yielding.on_connect(lambda: tries.append(yielding.fault))
        await until(lambda: tries, 15, "it tries again while the other is still there")
        assert tries == [line], "a connection that may be taken again puts nothing right"
        await until(lambda: not yielding.connected and other.connected, 10)
        await other.stop()
        await until(lambda: yielding.connected and yielding.fault is None, 20, "it is back")
        assert sum(line in said for said in caplog.messages) == 1
    finally:
        await yielding.stop()


async def test_a_broker_that_is_not_there_is_said_once_and_is_no_fault(
    broker: PrivateBroker, link_for: LinkFor, caplog: pytest.LogCaptureFixture
) -> None:
    east = await link_for("east")
    line = f"{broker.address}: cannot be reached: Connection refused"
    for ending in (1, 2):
        broker.kill()
        await until(lambda ending=ending: caplog.messages.count(line) == ending, 10)  # type: ignore[misc]
        assert east.fault is None
        broker.start()
        assert await east.wait_connected(15)
    assert caplog.messages.count(line) == 2


async def test_a_broker_that_ends_again_and_again_is_no_other_program(link_for: LinkFor, broker: PrivateBroker) -> None:
    desk = await link_for("desk")
    desk._doubles.most_short = TAKEOVERS  # as many as a link is patient at the least
    stop = asyncio.Event()
    serving = asyncio.create_task(desk.serve_until(stop))
    for ending in range(TAKEOVERS + 1):
        (broker.kill if ending % 2 else broker.stop)()
        await until(lambda: not desk.connected)
        await asyncio.to_thread(broker.start)
        assert await desk.wait_connected(15), desk.fault
    stop.set()
    await serving


async def test_a_wrong_secret_is_named(broker: PrivateBroker) -> None:
    assert broker.address is not None
    link = Link(broker=broker.address, credentials=Credentials("east", "wrong"), site=SITE, client="1")
    await link.start()
    try:
        await until(lambda: link.fault)
        assert "refuses the user east: wrong or revoked secret" in (link.fault or "")
    finally:
        await link.stop()


async def test_nobody_is_let_in_without_a_password(broker: PrivateBroker) -> None:
    assert broker.address is not None
    link = Link(broker=broker.address, credentials=Credentials("", ""), site=SITE, client="nobody")
    await link.start()
    try:
        await until(lambda: link.fault)
    finally:
        await link.stop()


async def test_a_program_started_before_its_broker_connects_when_that_comes(tmp_path: Path) -> None:
    from tests.brokers import ENROLMENT

    broker = PrivateBroker(tmp_path / "broker", ENROLMENT, secrets_folder=tmp_path / "credentials")
    address = broker.start()
    broker.stop()
    link = Link(broker=address, credentials=broker.credentials("east"), site=SITE, client="1")
    await link.start()
    try:
        assert not await link.wait_connected(0.3)
        broker.start()
        assert await link.wait_connected(15)
    finally:
        await link.stop()
        broker.stop()


@pytest.mark.parametrize(
    "payload",
    [
        b"not json",
        b"\xff\xfe\x00",
        b"[]",
        b"[" * 200_000,
        b'{"schema": 2, "online": true, "zone": "playground"}',
        b'{"online": true, "zone": "playground"}',
        b'{"schema": 1, "online": true, "zone": "../etc"}',
        b'{"schema": 1, "online": true, "zone": "playground", "pad": "' + b"x" * MAX_PAYLOAD_BYTES + b'"}',
    ],
    ids=["text", "bytes", "list", "deep", "other schema", "no schema", "bad id", "oversized"],
)
async def test_a_bad_payload_is_ignored_said_once_and_stops_nothing(
    link_for: LinkFor, payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    east, desk = await link_for("east"), await link_for("desk")
    heard = collect(desk, desk.topics.speaker(), SpeakerState)
    topic = east.topics.speaker("east")
    with caplog.at_level(logging.WARNING, "wire.link"):
        for _ in range(3):
            east._paho.publish(topic, payload, qos=1, retain=True)
        await until(lambda: "ignored" in caplog.text)
        east.keep(topic, speaker_state(output="good"))
        await until(lambda: heard)
    assert [one.message.output for one in heard if isinstance(one.message, SpeakerState)] == ["good"]
    assert sum("ignored" in line for line in caplog.messages) == 1


async def test_unknown_fields_are_tolerated(link_for: LinkFor) -> None:
    east, desk = await link_for("east"), await link_for("desk")
    heard = collect(desk, desk.topics.speaker(), SpeakerState)
    east._paho.publish(
        east.topics.speaker("east"),
        b'{"schema": 1, "online": true, "zone": "playground", "new": [1]}',
        qos=1,
        retain=True,
    )
    await until(lambda: heard)


async def test_a_message_over_the_limit_is_refused_before_it_is_sent(link_for: LinkFor) -> None:
    from wire.programme import Bell, Programme, Track

    track = Track(id="0" * 64, title="x" * 290, duration_s=1)
    now = instant_of(0)
    bells = tuple(Bell(bell="b", at=now, track=track) for _ in range(800))
    programme = Programme(
        revision="1", zone="playground", made_at=now, valid_until=now, media="http://127.0.0.1/media", bells=bells
    )
    scheduler = await link_for("scheduler")
    with pytest.raises(PayloadError, match="at most 262144"):
        scheduler.keep(scheduler.topics.programme("playground"), programme)


async def test_a_failing_handler_is_logged_and_the_next_message_is_handled(
    link_for: LinkFor, caplog: pytest.LogCaptureFixture
) -> None:
    east, desk = await link_for("east"), await link_for("desk")
    heard = []

    def fail_first(one: Heard[SpeakerState]) -> None:
        heard.append(one)
        if len(heard) == 1:
            raise ZeroDivisionError

    desk.listen(desk.topics.speaker(), SpeakerState, fail_first)
    for output in ("one", "two"):
        east.keep(east.topics.speaker("east"), speaker_state(output=output))
        await until(lambda output=output: heard and heard[-1].message and heard[-1].message.output == output)  # type: ignore[misc]
    assert "a handler failed" in caplog.text


async def test_the_network_thread_is_started_again_when_it_ended(link_for: LinkFor) -> None:
    east = await link_for("east")
    assert east._thread is not None
    first = east._thread
    east._paho.disconnect()  # what an unforeseen end of the thread leaves: no thread, no connection
    await until(lambda: not first.is_alive())
    east._paho.reconnect()
    await until(lambda: east._thread is not first and east.connected, 10)


async def test_the_fence_comes_behind_everything_retained(link_for: LinkFor) -> None:
    office = await link_for("office")
    for number in range(40):
        office.keep(
            office.topics.prefix + f"turn/2026-11-23/slot-{number}", ProgramState(online=True, version=str(number))
        )
    assert await office.fence()
    scheduler = await link_for("scheduler", start=False)
    heard = collect(scheduler, scheduler.topics.turns, ProgramState)
    await scheduler.start()
    assert await scheduler.wait_connected(5)
    assert await scheduler.fence()
    assert len(heard) == 40


async def test_a_fence_without_a_broker_is_no(link_for: LinkFor, broker: PrivateBroker) -> None:
    scheduler = await link_for("scheduler")
    broker.kill()
    assert not await scheduler.fence(0.5)
    broker.start()


def test_an_address_is_read_and_a_wrong_one_named() -> None:
    assert BrokerAddress.parse("mqtts://school:8884") == BrokerAddress("school", 8884, tls=True)
    assert str(BrokerAddress.parse("mqtt://127.0.0.1")) == "mqtt://127.0.0.1:1883"
    for wrong in ("127.0.0.1:1883", "http://x", "mqtt://", "mqtt://x:port", "mqtt://user:secret@x"):
        with pytest.raises(Exception, match="should be mqtt://HOST:PORT"):
            BrokerAddress.parse(wrong)


def test_credentials_that_cannot_be_written_leave_those_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "east.json"
    before = Credentials("east", "secret")
    before.save(path)
    assert path.stat().st_mode & 0o777 == 0o600

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Credentials("east", "another").save(path)
    assert Credentials.load(path) == before


def test_credentials_others_can_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    Credentials("east", "secret").save(path)
    assert Credentials.load(path).user == "east"
    assert "secret" not in repr(Credentials.load(path))
    path.chmod(0o644)
    with pytest.raises(Exception, match="chmod 600"):
        Credentials.load(path)
