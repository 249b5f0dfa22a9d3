"""The office as a program, on a real Mosquitto: what kiosks and the desk get for what they ask."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import json
import logging
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from office.ledger import balance_of
from office.models import LedgerEntry, Tap
from office.service import NO_CLOCK, OfficeSettings, serve
from office.staff import add_staff
from office.turns import bring_forward
from tests.brokers import SITE, LinkFor
from tests.office.running import RunningSchool
from tests.office.schools import ROWS, load_roll
from tests.waiting import until
from wire.cards import card_hash
from wire.enrolment import Enrolled, Enrolment
from wire.errors import BrokerError, LinkError, Refused
from wire.link import Heard
from wire.mosquitto import PrivateBroker
from wire.programme import Turn
from wire.requests import (
    AWARD,
    OPEN,
    PICK,
    POINTS,
    ROSTER,
    SIGN_IN,
    SIGN_OUT,
    TAP,
    TURN,
    AwardAsk,
    Nothing,
    OpenAsk,
    PickAsk,
    Role,
    RosterAsk,
    SignInAsk,
    TapAnswer,
    TapAsk,
)
from wire.states import ProgramState

TRACK = "ab" * 32
PIN = "830164"


async def test_a_kiosk_gets_its_class_with_pictures_and_card_hashes(running: RunningSchool) -> None:
    kiosk = await running.asker()
    roster = await kiosk.ask(ROSTER, RosterAsk(classroom="oak"))
    assert (roster.classroom, roster.name) == ("oak", "Oak")
    assert [pupil.first_name for pupil in roster.pupils] == ["Bramble", "Clem", "Wren"]
    assert len({pupil.picture for pupil in roster.pupils}) == 3
    assert roster.pupils[0].card_hashes == (card_hash("1001", roster.salt),)
    assert [pupil.language for pupil in roster.pupils] == ["en", "pl", "en"]


async def test_a_kiosk_may_ask_only_for_its_own_classes(running: RunningSchool) -> None:
    kiosk = await running.asker()
    moss = running.ids["Moss"]
    with pytest.raises(Refused) as roster:
        await kiosk.ask(ROSTER, RosterAsk(classroom="elm"))
    with pytest.raises(Refused) as tap:
        await kiosk.ask(TAP, TapAsk(pupil=moss, at=running.now(), by="touch"))
    with pytest.raises(Refused) as opened:
        await kiosk.ask(OPEN, OpenAsk(pupil=moss, card="0" * 64))
    assert {roster.value.reason, tap.value.reason, opened.value.reason} == {"not-yours"}
    with running.database.read() as session:
        assert session.scalar(select(func.count(Tap.id))) == 0


async def test_a_second_tap_in_a_session_is_again_and_no_new_row(running: RunningSchool) -> None:
    kiosk = await running.asker()
    first_at = running.now()
    first = await kiosk.ask(TAP, TapAsk(pupil=running.ids["Wren"], at=first_at, by="touch"))
    second = await kiosk.ask(TAP, TapAsk(pupil=running.ids["Wren"], at=running.now(), by="card"))
    assert (first.session, first.again, second.session, second.again) == ("am", False, "am", True)
    with running.database.read() as session:
        taps = session.scalars(select(Tap)).all()
        assert [(tap.at, tap.means, tap.kiosk) for tap in taps] == [(first_at, "touch", "kiosk-oak")]


async def test_the_same_tap_asked_again_after_a_restart_has_the_same_answer(running: RunningSchool) -> None:
    kiosk = await running.asker()
    tap = TapAsk(pupil=running.ids["Wren"], at=running.now(), by="touch")
    first = await kiosk.ask(TAP, tap, request_id="tap-one")
    await running.stop_office()
    await running.start_office()
    again = await kiosk.ask(TAP, tap, request_id="tap-one")
    assert again == first
    assert not again.again
    with running.database.read() as session:
        assert session.scalar(select(func.count(Tap.id))) == 1


async def test_own_things_need_the_own_card_and_stay_at_that_kiosk(running: RunningSchool) -> None:
    kiosk = await running.asker()
    with pytest.raises(Refused, match="card"):
        await running.open_things("Wren", "1001")
    session = await running.open_things("Wren", "1003")
    points = await kiosk.ask(POINTS, Nothing(), session=session)
    assert (points.balance, points.earned, points.entries) == (0, 0, ())
    elm = await running.asker("kiosk-elm")
    for asker, token in ((elm, session), (kiosk, None), (kiosk, "made-up")):
        with pytest.raises(Refused) as refused:
            await asker.ask(POINTS, Nothing(), session=token)
        assert refused.value.reason == "closed"


async def test_a_turn_is_offered_picked_and_published(running: RunningSchool) -> None:
    heard: dict[str, Turn | None] = {}
    speaker = await running.link("scheduler", client="3")
    speaker.listen(speaker.topics.turns, Turn, lambda news: heard.__setitem__(news.tail[2], news.message))
    date = running.calendar.days[0].date
    wren = running.ids["Wren"]
    with running.database.write() as session:
        bring_forward(session, wren, date=date, slot="break", by="s-okoro", now=running.now())
    kiosk = await running.asker()
    token = await running.open_things("Wren", "1003")
    assert (await kiosk.ask(TURN, Nothing(), session=token)).offers == ()  # not in yet
    tapped = await kiosk.ask(TAP, TapAsk(pupil=wren, at=running.now(), by="card"))
    assert tapped.dj_slot == "break"
    opened = await until(lambda: heard.get("break"), timeout_s=15.0, what="the turn")
    assert opened is not None
    assert (opened.pupil, opened.dj, opened.picks) == (wren, "Wren", ())
    (offer,) = (await kiosk.ask(TURN, Nothing(), session=token)).offers
    assert (offer.slot, offer.state, offer.zones, offer.picks) == ("break", "open", ("playground",), ())
    picked = await kiosk.ask(PICK, PickAsk(date=date, slot="break", picks=(TRACK,)), session=token)
    assert picked.picks == (TRACK,)
    await until(
        lambda: (turn := heard.get("break")) is not None and turn.picks == (TRACK,), timeout_s=15.0, what="the picks"
    )


async def test_a_retained_turn_is_there_again_after_the_broker_lost_it(
    running: RunningSchool, broker: PrivateBroker
) -> None:
    date = running.calendar.days[0].date
    with running.database.write() as session:
        bring_forward(session, running.ids["Wren"], date=date, slot="break", by="s-okoro", now=running.now())
    await (await running.asker()).ask(TAP, TapAsk(pupil=running.ids["Wren"], at=running.now(), by="touch"))
    broker.kill()
    for file in broker.folder.glob("*.db"):
        file.unlink()
    broker.start()
    heard: list[Heard[Turn]] = []
    desk = await running.link("desk")
    desk.listen(desk.topics.turns, Turn, heard.append)
    await until(lambda: heard, timeout_s=20.0, what="the turn")
    assert heard[-1].tail[-1] == "break"
    assert heard[-1].message is not None


async def test_a_turn_that_the_office_does_not_know_is_cleared(running: RunningSchool) -> None:
    await running.stop_office()
    other = await running.link("office", client="2")
    topic = other.topics.turn(running.calendar.days[0].date, "assembly")
    stale = Turn(date=running.calendar.days[0].date, slot="assembly", pupil="p-00000000", at=running.now())
    other.publish(topic, stale, retain=True)
    heard: list[Turn | None] = []
    desk = await running.link("desk")
    desk.listen(topic, Turn, lambda news: heard.append(news.message))
    await until(lambda: heard, timeout_s=15.0, what="the stale turn")
    await running.start_office()
    await until(lambda: heard[-1] is None, timeout_s=15.0, what="the clearing")


async def test_staff_sign_in_award_once_and_sign_out(running: RunningSchool) -> None:
    add_staff(running.database, "s-okoro", "teacher", PIN)
    add_staff(running.database, "m-site", "site", PIN)
    desk = await running.asker("desk")
    with pytest.raises(Refused) as wrong:
        await desk.ask(SIGN_IN, SignInAsk(name="s-okoro", pin="0000"))
    assert wrong.value.reason == "wrong"
    signed = await desk.ask(SIGN_IN, SignInAsk(name="s-okoro", pin=PIN))
    assert (signed.name, signed.role) == ("s-okoro", "teacher")
    award = AwardAsk(pupils=(running.ids["Wren"], running.ids["Moss"]), reason="kindness")
    first = await desk.ask(AWARD, award, session=signed.session, request_id="award-one")
    await running.stop_office()
    await running.start_office()
    assert await desk.ask(AWARD, award, session=signed.session, request_id="award-one") == first
    with running.database.read() as session:
        assert balance_of(session, running.ids["Wren"]).balance == first.points == 2
        assert session.scalar(select(func.count(LedgerEntry.id))) == 2
    site = await desk.ask(SIGN_IN, SignInAsk(name="m-site", pin=PIN))
    with pytest.raises(Refused) as role:
        await desk.ask(AWARD, award, session=site.session)
    assert role.value.reason == "role"
    await desk.ask(SIGN_OUT, Nothing(), session=signed.session)
    with pytest.raises(Refused) as closed:
        await desk.ask(AWARD, award, session=signed.session)
    assert closed.value.reason == "closed"


async def test_a_session_ends_when_its_member_of_staff_gets_another_role(running: RunningSchool) -> None:
    add_staff(running.database, "s-okoro", "teacher", PIN)
    desk = await running.asker("desk")
    signed = await desk.ask(SIGN_IN, SignInAsk(name="s-okoro", pin=PIN))
    award = AwardAsk(pupils=(running.ids["Wren"],), reason="kindness")
    await desk.ask(AWARD, award, session=signed.session)
    add_staff(running.database, "s-okoro", "site", PIN)
    with pytest.raises(Refused) as closed:
        await desk.ask(AWARD, award, session=signed.session)
    assert closed.value.reason == "closed"


async def test_an_award_with_a_wrong_reason_or_pupil_gives_nobody_anything(running: RunningSchool) -> None:
    add_staff(running.database, "head", "head", PIN)
    desk = await running.asker("desk")
    signed = await desk.ask(SIGN_IN, SignInAsk(name="head", pin=PIN))
    wren = running.ids["Wren"]
    for award in (
        AwardAsk(pupils=(wren,), reason="attendance"),
        AwardAsk(pupils=(wren, "p-nobody00"), reason="kindness"),
    ):
        with pytest.raises(Refused):
            await desk.ask(AWARD, award, session=signed.session)
    with running.database.read() as session:
        assert balance_of(session, wren).balance == 0


async def test_thirty_children_at_once_are_all_written_down(running: RunningSchool, tmp_path: Path) -> None:
    rows = [f"X2{n:011d},Pip,,Pebble{n:02d},Oak,2018-01-01,{9000 + n},English,no," for n in range(30)]
    load_roll(running.database, tmp_path, [*ROWS, *rows])
    kiosk = await running.asker()
    roster = await kiosk.ask(ROSTER, RosterAsk(classroom="oak"))
    now = running.now()
    answers = await asyncio.gather(
        *(kiosk.ask(TAP, TapAsk(pupil=pupil.id, at=now, by="touch")) for pupil in roster.pupils)
    )
    assert len(answers) == 33
    assert not any(answer.again for answer in answers)
    assert len({pupil.first_name for pupil in roster.pupils}) == 33


async def test_a_kiosk_enrolled_while_the_office_runs_is_served(running: RunningSchool) -> None:
    path = running.settings.enrolment
    enrolment = Enrolment.load(path)
    enrolment.with_user(Enrolled(user="kiosk-oak", role=Role.KIOSK, classrooms=("oak", "elm"))).save(path)
    kiosk = await running.asker()

    async def elm() -> bool:
        try:
            await kiosk.ask(ROSTER, RosterAsk(classroom="elm"))
        except Refused:
            return False
        return True

    deadline = asyncio.get_running_loop().time() + 10.0
    while not await elm():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)


async def test_the_state_says_when_no_scheduler_has_told_the_time(
    tmp_path: Path, broker: PrivateBroker, enrolment_file: Path, link_for: LinkFor
) -> None:
    assert broker.address is not None
    settings = OfficeSettings(tmp_path / "state", SITE, broker.address, broker.credentials("office"), enrolment_file)
    school = RunningSchool(tmp_path, settings, link_for)
    states: list[ProgramState | None] = []
    desk = await school.link("desk")
    desk.listen(desk.topics.program("office"), ProgramState, lambda news: states.append(news.message))
    await school.start_office()
    await until(
        lambda: states and states[-1] and states[-1].error == NO_CLOCK, timeout_s=15.0, what="the missing clock"
    )
    kiosk = await school.asker()
    answer = await kiosk.ask(TAP, TapAsk(pupil=school.ids["Wren"], at=school.now(), by="touch"))
    assert not answer.again
    await school.start_scheduler()
    await until(lambda: states[-1] and states[-1].online and states[-1].error is None, timeout_s=15.0, what="no error")
    await school.stop_office()
    await until(lambda: states[-1] is not None and not states[-1].online, timeout_s=15.0, what="offline")
    school.database.close()


def answered(taps: Sequence[asyncio.Task[TapAnswer]], enough: int) -> bool:
    """Whether that many taps have their answers."""
    return sum(tap.done() for tap in taps) >= enough


async def test_kill_9_between_taps_loses_and_doubles_nothing(
    tmp_path: Path, broker: PrivateBroker, enrolment_file: Path, link_for: LinkFor
) -> None:
    assert broker.address is not None
    broker.credentials("office")
    settings = OfficeSettings(tmp_path / "state", SITE, broker.address, broker.credentials("office"), enrolment_file)
    school = RunningSchool(tmp_path, settings, link_for)
    rows = [f"X3{number:011d},Pip,,Pebble{number:02d},Oak,2018-01-01,,English,no," for number in range(20)]
    load_roll(school.database, tmp_path, [*ROWS, *rows])
    await school.start_scheduler()
    given = {
        "state": str(settings.state),
        "broker": str(settings.broker),
        "credentials": str(broker.credentials_file("office")),
        "enrolment": str(enrolment_file),
        "site": SITE,
    }

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.office.office_process", json.dumps(given)]
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)

    kiosk = await school.asker()
    process = start()
    try:
        roster = await kiosk.ask(ROSTER, RosterAsk(classroom="oak"), wait_s=15.0)
        now = school.now()
        taps = [
            asyncio.create_task(kiosk.ask(TAP, TapAsk(pupil=pupil.id, at=now, by="touch"), wait_s=30.0))
            for pupil in roster.pupils
        ]
        for enough in (3, 9):
            await until(functools.partial(answered, taps, enough), timeout_s=20.0, what="answers")
            process.send_signal(signal.SIGKILL)
            process.wait()
            process = start()
        answers = await asyncio.gather(*taps)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10.0) == 0
    assert not any(answer.again for answer in answers)
    with school.database.read() as session:
        assert sorted(session.scalars(select(Tap.pupil_id))) == sorted(pupil.id for pupil in roster.pupils)
    school.database.close()


async def test_no_childs_name_is_logged(running: RunningSchool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kiosk = await running.asker()
    for name, code in (("Bramble", "1001"), ("Clem", "1002"), ("Wren", "1003")):
        await kiosk.ask(TAP, TapAsk(pupil=running.ids[name], at=running.now(), by="touch"))
        token = await running.open_things(name, code)
        await kiosk.ask(POINTS, Nothing(), session=token)
        await kiosk.ask(TURN, Nothing(), session=token)
    with pytest.raises(Refused):
        await kiosk.ask(TAP, TapAsk(pupil=running.ids["Moss"], at=running.now(), by="touch"))
    said = caplog.text
    assert not [
        name for name in ("Bramble", "Otterby", "Clem", "Fernwick", "Wren", "Applegarth", "Moss") if name in said
    ]


async def test_a_tap_from_a_clock_that_is_far_ahead_or_a_month_ago_is_refused(running: RunningSchool) -> None:
    kiosk = await running.asker()
    wren = running.ids["Wren"]
    for wrong_by, reason in ((dt.timedelta(minutes=10), "clock"), (dt.timedelta(days=-31), "expired")):
        with pytest.raises(Refused) as refused:
            await kiosk.ask(TAP, TapAsk(pupil=wren, at=running.now() + wrong_by, by="touch"))
        assert refused.value.reason == reason
    late = await kiosk.ask(TAP, TapAsk(pupil=wren, at=running.now() - dt.timedelta(days=29), by="touch"))
    assert not late.again


async def test_one_id_cannot_ask_for_two_things(running: RunningSchool) -> None:
    tap = TapAsk(pupil=running.ids["Wren"], at=running.now(), by="touch")
    await (await running.asker()).ask(TAP, tap, request_id="one-id")
    await running.stop_office()
    await running.start_office()
    date = running.calendar.days[0].date
    with pytest.raises(Refused) as refused:
        await (await running.asker()).ask(PICK, PickAsk(date=date, slot="break", picks=()), request_id="one-id")
    assert refused.value.reason == "id-reused"


async def test_a_roll_imported_while_the_office_runs_changes_the_published_name(
    running: RunningSchool, tmp_path: Path
) -> None:
    heard: list[Turn | None] = []
    desk = await running.link("desk")
    desk.listen(desk.topics.turns, Turn, lambda news: heard.append(news.message))
    date = running.calendar.days[0].date
    with running.database.write() as session:
        bring_forward(session, running.ids["Wren"], date=date, slot="break", by="s-okoro", now=running.now())
    await (await running.asker()).ask(TAP, TapAsk(pupil=running.ids["Wren"], at=running.now(), by="touch"))
    await until(lambda: heard and heard[-1] and heard[-1].dj == "Wren", timeout_s=15.0, what="the name")
    load_roll(running.database, tmp_path, [row.replace(",yes,", ",no,") for row in ROWS])
    await until(lambda: heard[-1] and heard[-1].dj is None, timeout_s=15.0, what="the name withdrawn")


async def test_the_same_pick_again_after_a_restart_is_answered_though_the_things_are_closed(
    running: RunningSchool,
) -> None:
    date = running.calendar.days[0].date
    wren = running.ids["Wren"]
    with running.database.write() as session:
        bring_forward(session, wren, date=date, slot="break", by="s-okoro", now=running.now())
    kiosk = await running.asker()
    await kiosk.ask(TAP, TapAsk(pupil=wren, at=running.now(), by="touch"))
    token = await running.open_things("Wren", "1003")
    ask = PickAsk(date=date, slot="break", picks=(TRACK,))
    first = await kiosk.ask(PICK, ask, session=token, request_id="pick-one")
    await running.stop_office()
    await running.start_office()
    assert await kiosk.ask(PICK, ask, session=token, request_id="pick-one") == first
    with pytest.raises(Refused) as closed:
        await kiosk.ask(PICK, ask, session=token, request_id="pick-two")
    assert closed.value.reason == "closed"


async def test_guesses_side_by_side_gain_nothing(running: RunningSchool) -> None:
    add_staff(running.database, "s-okoro", "teacher", PIN)
    desk = await running.asker("desk")

    async def guess(pin: str) -> str:
        try:
            await desk.ask(SIGN_IN, SignInAsk(name="s-okoro", pin=pin), wait_s=20.0)
        except Refused as refused:
            return refused.reason
        return "in"

    reasons = await asyncio.gather(*(guess(f"{number:04d}") for number in range(6)))
    assert sorted(reasons) == ["wait", "wait", "wait", "wrong", "wrong", "wrong"]
    assert await guess(PIN) == "wait"


async def test_a_database_that_fails_is_said_and_the_same_tap_is_taken_afterwards(running: RunningSchool) -> None:
    states: list[ProgramState | None] = []
    desk = await running.link("desk")
    desk.listen(desk.topics.program("office"), ProgramState, lambda news: states.append(news.message))
    await until(lambda: states and states[-1] and states[-1].error is None, timeout_s=15.0, what="a sound office")
    kiosk = await running.asker()
    tap = TapAsk(pupil=running.ids["Wren"], at=running.now(), by="touch")
    with running.database.engine.begin() as connection:
        connection.exec_driver_sql("alter table answered rename to hidden")
    with pytest.raises(Refused) as failed:
        await kiosk.ask(TAP, tap, request_id="tap-one")
    assert failed.value.reason == "failed"
    await until(
        lambda: "does not work" in ((states[-1] and states[-1].error) or ""),
        timeout_s=15.0,
        what="the fault in the state",
    )
    with running.database.engine.begin() as connection:
        connection.exec_driver_sql("alter table hidden rename to answered")
    assert not (await kiosk.ask(TAP, tap, request_id="tap-one")).again
    await until(lambda: states[-1] and states[-1].error is None, timeout_s=15.0, what="the fault to be over")


async def test_an_office_without_a_broker_waits_and_ends_when_told_to(
    tmp_path: Path, broker: PrivateBroker, enrolment_file: Path
) -> None:
    assert broker.address is not None
    broker.stop()
    settings = OfficeSettings(tmp_path / "state", SITE, broker.address, broker.credentials("office"), enrolment_file)
    stop, ready = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(serve(settings, stop, ready.set))
    await until(lambda: (tmp_path / "state" / "office.sqlite").exists(), timeout_s=15.0, what="the database")
    stop.set()
    await asyncio.wait_for(running, 10.0)
    assert not ready.is_set()


async def test_an_office_that_cannot_start_says_why(tmp_path: Path, broker: PrivateBroker) -> None:
    assert broker.address is not None
    credentials = broker.credentials("office")
    settings = OfficeSettings(tmp_path / "state", SITE, broker.address, credentials, tmp_path / "none.json")
    with pytest.raises(BrokerError, match=r"none\.json"):
        await serve(settings, asyncio.Event(), lambda: None)


async def test_of_two_offices_one_ends_with_a_clear_error(running: RunningSchool) -> None:
    await running.stop_office()
    stop = asyncio.Event()
    services = [asyncio.create_task(serve(running.settings, stop, lambda: None)) for _ in range(2)]
    ended, left = await asyncio.wait(services, timeout=30.0, return_when=asyncio.FIRST_COMPLETED)
    assert len(ended) == 1
    with pytest.raises(LinkError, match="another program uses the identity office"):
        await ended.pop()
    stop.set()
    await left.pop()
