"""Calls as staff ask for them, with a real Mosquitto: what speakers are told, and what is refused."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from scheduler.calling import LATEST_BEGIN, LEAD
from scheduler.library_scan import scan
from scheduler.library_store import FileRow, Verdict
from tests.brokers import LinkFor
from tests.scheduler.schools import SCHEDULE, Listener, School
from tests.waiting import until
from wire.asking import Asker
from wire.errors import Refused
from wire.link import Heard, Link
from wire.programme import Call
from wire.requests import CALL, TRACKS, CallAsk, TracksAsk

CALLS = """\
calls:
  lunch: calls/lunch.ogg
  inside: {sound: calls/inside.ogg, duck_db: -24, volume: 65}
  missing: calls/no-such-file.ogg
"""
BOTH = ("playground", "classrooms")


class Heeder:
    """A speaker's ear for calls."""

    def __init__(self, link: Link) -> None:
        self.heard: list[Heard[Call]] = []
        link.listen(link.topics.call(), Call, self.heard.append)

    def calls(self) -> dict[str, Call]:
        """The last call of each zone."""
        return {heard.tail[-1]: heard.message for heard in self.heard if heard.message is not None}


@pytest.fixture
def calling_school(school: School, three_tunes: Path) -> School:
    """The school with two calls whose sounds are scanned and not approved, and one without a sound."""
    (school.config / "calls").mkdir()
    # Other bytes than the music's, so that they are no content that is approved.
    for name, source in (("lunch", "one"), ("inside", "two")):
        copy = school.config / "calls" / f"{name}.ogg"
        shutil.copy(three_tunes / f"{source}.ogg", copy)
        with copy.open("ab") as file:
            file.write(b"\0")
    scan(school.store, school.config, ["music", "calls"])
    school.schedule.write_text(SCHEDULE + CALLS)
    return school


@pytest.fixture
async def heeder(calling_school: School, link_for: LinkFor) -> AsyncIterator[Heeder]:
    """The scheduler runs, and its programme is out."""
    east = await link_for("east", start=False)
    heeder, listener = Heeder(east), Listener(east)
    await east.start()
    async with calling_school.running():
        await until(lambda: listener.of("playground") and listener.of("classrooms"))
        yield heeder


@pytest.fixture
async def desk(link_for: LinkFor) -> Asker:
    return Asker(await link_for("desk"), lambda: dt.datetime.now(dt.UTC).timestamp())


async def test_a_call_goes_to_its_zones_in_time_for_all_to_begin_as_one(heeder: Heeder, desk: Asker) -> None:
    before = dt.datetime.now(dt.UTC)
    answer = await desk.ask(CALL, CallAsk(call="inside", zones=BOTH), request_id="invented-1")
    after = dt.datetime.now(dt.UTC)
    await until(lambda: len(heeder.calls()) == 2)
    calls = heeder.calls()
    assert set(answer.zones) == set(calls) == set(BOTH)
    assert before + LEAD - dt.timedelta(milliseconds=50) <= answer.at <= after + LEAD + dt.timedelta(milliseconds=50)
    assert {call.id for call in calls.values()} == {"invented-1"}
    assert {call.at for call in calls.values()} == {answer.at}
    assert {call.valid_until for call in calls.values()} == {answer.at + LATEST_BEGIN}
    assert {call.duck_db for call in calls.values()} == {-24.0}
    assert [calls[zone].volume for zone in BOTH] == [65, 60], "a zone's limit is kept"
    assert not any(heard.retained for heard in heeder.heard)


async def test_a_call_without_a_volume_has_each_zones_own(heeder: Heeder, desk: Asker) -> None:
    await desk.ask(CALL, CallAsk(call="lunch", zones=BOTH))
    await until(lambda: len(heeder.calls()) == 2)
    assert [heeder.calls()[zone].volume for zone in BOTH] == [70, 40]
    assert heeder.calls()["playground"].duck_db == -18.0


async def test_the_sound_of_a_call_is_in_every_programme_and_can_be_fetched_but_not_picked(
    heeder: Heeder, desk: Asker, calling_school: School, link_for: LinkFor
) -> None:
    link = await link_for("west", start=False)
    listener = Listener(link)
    await link.start()
    await until(lambda: listener.of("playground") and listener.of("classrooms"))
    await desk.ask(CALL, CallAsk(call="lunch", zones=("playground",)))
    await until(heeder.calls)
    called = heeder.calls()["playground"].track
    for zone in BOTH:
        assert called in listener.of(zone)[-1].calls
        assert len(listener.of(zone)[-1].calls) == 2, "a call without a sound is left out"
    async with aiohttp.ClientSession() as http, http.get(f"{listener.of(BOTH[0])[-1].media}/{called.id}") as answer:
        assert answer.status == 200
        assert await answer.read() == (calling_school.config / "calls/lunch.ogg").read_bytes()
    calling_school.store.judge([called.id], Verdict.APPROVED, "s.okoro", 0.0)
    pickable = await desk.ask(TRACKS, TracksAsk())
    assert called.id not in {track.id for track in pickable.tracks}


async def test_the_same_request_asked_twice_calls_once(heeder: Heeder, desk: Asker) -> None:
    ask = CallAsk(call="lunch", zones=("playground",))
    first = await desk.ask(CALL, ask, request_id="invented-2")
    again = await desk.ask(CALL, ask, request_id="invented-2")
    other = await desk.ask(CALL, ask, request_id="invented-3")
    await until(lambda: len(heeder.heard) >= 2)
    assert again == first
    assert other.at > first.at
    assert [heard.message.id for heard in heeder.heard if heard.message] == ["invented-2", "invented-3"]


async def test_a_call_can_be_set_for_an_instant_within_the_hour(heeder: Heeder, desk: Asker) -> None:
    at = (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=50)).replace(microsecond=0)
    assert (await desk.ask(CALL, CallAsk(call="lunch", zones=("playground",), at=at))).at == at
    await until(heeder.calls)
    assert heeder.calls()["playground"].at == at


@pytest.mark.parametrize(
    ("call", "zones", "ahead_s", "reason", "message"),
    [
        ("lnch", BOTH, None, "no-call", "there is no call 'lnch'; did you mean 'lunch'?"),
        ("fire", BOTH, None, "no-call", "there is no call 'fire'; known here: lunch, inside, missing"),
        ("lunch", ("playground", "hall"), None, "no-zone", "no zone 'hall'; known here: playground, classrooms"),
        ("lunch", ("playgrond",), None, "no-zone", "there is no zone 'playgrond'; did you mean 'playground'?"),
        (
            "missing",
            BOTH,
            None,
            "not-ready",
            "call missing: calls/no-such-file.ogg was not scanned or cannot be played",
        ),
        ("lunch", BOTH, -5, "too-late", "UTC is past; should be from now to an hour ahead"),
        ("lunch", BOTH, 3700, "too-early", "is more than an hour ahead; put it into the timetable"),
    ],
)
async def test_what_cannot_be_called_is_refused_with_what_there_is(
    heeder: Heeder, desk: Asker, call: str, zones: tuple[str, ...], ahead_s: int | None, reason: str, message: str
) -> None:
    at = None if ahead_s is None else dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead_s)
    with pytest.raises(Refused) as no:
        await desk.ask(CALL, CallAsk(call=call, zones=zones, at=at))
    assert no.value.reason == reason
    assert message in no.value.message
    await desk.ask(CALL, CallAsk(call="inside", zones=("playground",)))
    await until(heeder.calls)
    assert len(heeder.heard) == 1, "nothing went out for what was refused"


async def test_a_sound_marked_explicit_is_called_only_when_an_adult_approved_it(
    calling_school: School, link_for: LinkFor, desk: Asker
) -> None:
    marked = FileRow("calls/no-such-file.ogg", 1, 1, "e" * 64, "Marked", "", 2.0, explicit=True)
    calling_school.store.put(marked)
    listener = Listener(await link_for("east"))
    async with calling_school.running():
        await until(lambda: listener.of("playground"))
        with pytest.raises(Refused, match="marked explicit; an adult approves it by name: unmissable music approve"):
            await desk.ask(CALL, CallAsk(call="missing", zones=("playground",)))
        assert marked.id not in {track.id for track in listener.of("playground")[-1].calls}
        calling_school.store.judge([marked.id], Verdict.APPROVED, "s.okoro", 0.0)
        await until(lambda: marked.id in {track.id for track in listener.of("playground")[-1].calls}, 10.0)
        await desk.ask(CALL, CallAsk(call="missing", zones=("playground",)))


@pytest.mark.parametrize("user", ["kiosk-oak", "east"])
async def test_only_staff_may_call(heeder: Heeder, link_for: LinkFor, user: str) -> None:
    link = await link_for(user, client=uuid.uuid4().hex)
    asker = Asker(link, lambda: dt.datetime.now(dt.UTC).timestamp())
    with pytest.raises(Refused, match=f"{user} may not ask for call"):
        await asker.ask(CALL, CallAsk(call="lunch", zones=("playground",)))
    assert not heeder.heard


async def test_without_a_timetable_nothing_can_be_called(school: School, desk: Asker) -> None:
    school.schedule.unlink()
    async with school.running():
        with pytest.raises(Refused, match="there is no timetable yet"):
            await desk.ask(CALL, CallAsk(call="lunch", zones=("playground",)))
