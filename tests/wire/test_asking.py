"""Requests and answers over a real Mosquitto."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.brokers import ENROLMENT, LinkFor
from tests.waiting import until
from wire.asking import Answerer, Asker, Request
from wire.errors import NoAnswer, Refused
from wire.link import Link
from wire.mosquitto import PrivateBroker
from wire.requests import (
    CLOCK,
    PICK,
    ROSTER,
    TAP,
    TRACKS,
    Answer,
    Ask,
    RosterAnswer,
    RosterAsk,
    Service,
    TapAnswer,
    TapAsk,
    TracksAsk,
    Verb,
)
from wire.values import WireModel, instant_of

NOW = instant_of(1_790_000_000)


class Office:
    """Answers taps, and counts how often it really did."""

    def __init__(self, link: Link) -> None:
        self.done: list[str] = []
        self.answerer = Answerer(link, Service.OFFICE, ENROLMENT.role_of, time.time)
        self.answerer.on(TAP, self.tap)

    def tap(self, request: Request[TapAsk]) -> TapAnswer:
        self.done.append(request.id)
        if request.body.pupil == "p-nobody":
            raise Refused("unknown-pupil", "p-nobody is not of this class")
        if request.body.pupil == "p-broken":
            raise ZeroDivisionError
        return TapAnswer(pupil=request.body.pupil, session="am", again=len(self.done) > 1)


def tap(pupil: str = "p-1") -> TapAsk:
    return TapAsk(pupil=pupil, at=NOW, by="touch")


async def test_a_request_is_answered(link_for: LinkFor) -> None:
    office = Office(await link_for("office"))
    asker = Asker(await link_for("kiosk-oak"), time.time)
    answer = await asker.ask(TAP, tap())
    assert answer == TapAnswer(pupil="p-1", session="am", again=False)
    assert len(office.done) == 1


async def test_the_same_id_has_one_effect_and_the_same_answer(link_for: LinkFor) -> None:
    office = Office(await link_for("office"))
    asker = Asker(await link_for("kiosk-oak"), time.time)
    answers = [await asker.ask(TAP, tap(), request_id="one") for _ in range(3)]
    assert answers == [TapAnswer(pupil="p-1", session="am", again=False)] * 3
    assert office.done == ["one"]


async def test_the_same_id_of_another_user_is_another_request(link_for: LinkFor) -> None:
    office = Office(await link_for("office"))
    for user in ("kiosk-oak", "kiosk-elm"):
        await Asker(await link_for(user), time.time).ask(TAP, tap(), request_id="one")
    assert office.done == ["one", "one"]


async def test_a_request_in_work_is_not_begun_again(link_for: LinkFor) -> None:
    begun = []
    go_on = asyncio.Event()

    async def slow(request: Request[TapAsk]) -> TapAnswer:
        begun.append(request.id)
        await go_on.wait()
        return TapAnswer(pupil=request.body.pupil, session="am", again=False)

    answerer = Answerer(await link_for("office"), Service.OFFICE, ENROLMENT.role_of, time.time)
    answerer.on(TAP, slow)
    asker = Asker(await link_for("kiosk-oak"), time.time)
    asked = asyncio.create_task(asker.ask(TAP, tap(), request_id="one", wait_s=10))
    await until(lambda: begun)
    await asyncio.sleep(2.0)  # it is sent again meanwhile
    go_on.set()
    assert (await asked).pupil == "p-1"
    assert begun == ["one"]


async def test_a_refusal_carries_its_reason_and_words(link_for: LinkFor) -> None:
    Office(await link_for("office"))
    asker = Asker(await link_for("kiosk-oak"), time.time)
    with pytest.raises(Refused, match="not of this class") as refused:
        await asker.ask(TAP, tap("p-nobody"))
    assert refused.value.reason == "unknown-pupil"


async def test_a_failing_handler_is_an_answer_too_and_may_be_tried_again(
    link_for: LinkFor, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(await link_for("office"))
    asker = Asker(await link_for("kiosk-oak"), time.time)
    for _ in range(2):
        with pytest.raises(Refused, match="something went wrong here"):
            await asker.ask(TAP, tap("p-broken"), request_id="one")
    assert office.done == ["one", "one"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("user", "verb", "body", "reason"),
    [
        ("east", TAP, tap(), "role"),
        ("kiosk-oak", ROSTER, RosterAsk(classroom="oak"), "unknown"),
    ],
)
async def test_who_may_not_or_what_is_unknown_is_refused(
    link_for: LinkFor, user: str, verb: Verb[WireModel, WireModel], body: WireModel, reason: str
) -> None:
    office = Office(await link_for("office"))
    asker = Asker(await link_for(user), time.time)
    with pytest.raises(Refused) as refused:
        await asker.ask(verb, body)
    assert refused.value.reason == reason
    assert office.done == []


async def test_a_malformed_body_is_refused_with_its_place(link_for: LinkFor) -> None:
    Office(await link_for("office"))
    asker = Asker(await link_for("kiosk-oak"), time.time)
    loose: Verb[WireModel, TapAnswer] = Verb(Service.OFFICE, "tap", WireModel, TapAnswer, TAP.roles)
    with pytest.raises(Refused, match="tap: pupil: Field required") as refused:
        await asker.ask(loose, WireModel())
    assert refused.value.reason == "malformed"


async def test_an_expired_request_is_refused(link_for: LinkFor) -> None:
    office = Office(await link_for("office"))
    asker = Asker(await link_for("kiosk-oak"), lambda: time.time() - 31 * 86_400)
    with pytest.raises(Refused) as refused:
        await asker.ask(TAP, tap())
    assert refused.value.reason == "expired"
    assert office.done == []


async def test_an_answer_to_somebody_else_is_never_given(link_for: LinkFor) -> None:
    office = Office(await link_for("office"))
    kiosk = await link_for("kiosk-oak")
    elm = await link_for("kiosk-elm")
    stolen: list[object] = []
    elm.listen(elm.topics.answer("kiosk-elm"), Answer, stolen.append)
    for place in ("answer/kiosk-elm/1", "answer/kiosk-oak/1/x", "answer/kiosk-oak/#", "program/office"):
        kiosk.publish(
            kiosk.topics.ask(Service.OFFICE, "kiosk-oak"),
            Ask(id="one", do="tap", answer_to=place, valid_until=instant_of(time.time() + 9), body={}),
        )
    asker = Asker(kiosk, time.time)
    await asker.ask(TAP, tap())
    assert stolen == []
    assert len(office.done) == 1


async def test_no_answer_is_said_after_the_wait(link_for: LinkFor) -> None:
    asker = Asker(await link_for("kiosk-oak"), time.time)
    with pytest.raises(NoAnswer, match=r"scheduler did not answer tracks within 0\.2 s"):
        await asker.ask(TRACKS, TracksAsk(), wait_s=0.2)


async def test_a_request_asked_while_the_broker_is_away_is_answered_when_it_is_back(
    link_for: LinkFor, broker: PrivateBroker
) -> None:
    office = Office(await link_for("office"))
    kiosk = await link_for("kiosk-oak")
    asker = Asker(kiosk, time.time)
    broker.kill()
    await until(lambda: not kiosk.connected)
    asked = asyncio.create_task(asker.ask(TAP, tap(), wait_s=20))
    broker.start()
    assert (await asked).pupil == "p-1"
    assert len(set(office.done)) == 1


async def test_two_thousand_requests_without_a_loss(link_for: LinkFor) -> None:
    office = Office(await link_for("office"))
    askers = [Asker(await link_for(user), time.time) for user in ("kiosk-oak", "kiosk-elm")]
    limit = asyncio.Semaphore(200)

    async def one(number: int) -> str:
        async with limit:
            answer = await askers[number % 2].ask(TAP, tap(f"p-{number}"), request_id=f"r-{number}", wait_s=30)
            return answer.pupil

    answers = await asyncio.gather(*(one(number) for number in range(2_000)))
    assert list(answers) == [f"p-{number}" for number in range(2_000)]
    assert sorted(office.done) == sorted(f"r-{number}" for number in range(2_000))


def test_every_verb_knows_its_service_and_who_may() -> None:
    for verb in (CLOCK, TRACKS, TAP, PICK, ROSTER):
        assert verb.roles
    assert issubclass(ROSTER.answers, RosterAnswer)
