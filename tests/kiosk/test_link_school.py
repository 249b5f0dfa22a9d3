"""The school over the wire: a real Mosquitto, a small office and a small scheduler behind it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from kiosk.errors import Away, Closed
from kiosk.link_school import LinkSchool
from kiosk.school import News, TapNews
from kiosk.settings import KioskSettings
from tests.brokers import SITE, LinkFor
from tests.kiosk.fake_office import FakeOffice, FakeScheduler
from tests.waiting import until
from wire.clock import KeptClock
from wire.mosquitto import PrivateBroker
from wire.states import KioskState, Playing, SpeakerState

Schools = Callable[[], Awaitable[LinkSchool]]


@pytest.fixture
def settings(broker: PrivateBroker, tmp_path: Path) -> KioskSettings:
    assert broker.address is not None
    return KioskSettings(
        classroom="oak",
        site=SITE,
        user="kiosk-oak",
        state=tmp_path / "kiosk",
        broker=broker.address,
        credentials=broker.credentials("kiosk-oak"),
    )


@pytest.fixture
async def started(settings: KioskSettings) -> AsyncIterator[Schools]:
    made: list[LinkSchool] = []

    async def start() -> LinkSchool:
        school = LinkSchool(settings)
        made.append(school)
        await school.start()
        return school

    yield start
    for school in made:
        await school.stop()


async def test_the_class_and_all_pages_of_tracks_are_heard_and_kept_for_a_day_without_a_network(
    started: Schools, link_for: LinkFor, broker: PrivateBroker
) -> None:
    office = FakeOffice(await link_for("office"))
    scheduler = FakeScheduler(await link_for("scheduler"))
    school = await started()
    await until(lambda: school.roster == office.school.roster and school.tracks == scheduler.tracks)
    await school.stop()
    broker.stop()
    alone = await started()
    assert alone.roster is not None
    assert alone.roster == office.school.roster
    assert alone.tracks == scheduler.tracks
    assert alone.pupil_of_card("1002") == alone.roster.pupils[1]
    assert alone.pupil_of_card("9999") is None


async def test_a_tap_is_answered_with_the_turn_of_the_school_dj(started: Schools, link_for: LinkFor) -> None:
    office = FakeOffice(await link_for("office"))
    FakeScheduler(await link_for("scheduler"))
    school = await started()
    news: list[News] = []
    school.on_news(news.append)
    await until(lambda: school.roster)
    arrival = school.check_in("p1", "touch")
    assert not arrival.again
    await until(lambda: TapNews("p1", "break") in news)
    assert [(tap.pupil, tap.by) for _, tap in office.taps] == [("p1", "touch")]
    assert abs((office.taps[0][1].at - dt.datetime.now(dt.UTC)).total_seconds()) < 5
    assert school.check_in("p1", "touch").again
    await until(lambda: school.waiting == 0)
    assert school.was_in_today("p1")
    assert not school.was_in_today("p2")


async def test_taps_made_without_a_network_are_sent_later_once_with_their_own_instants(
    started: Schools, link_for: LinkFor, broker: PrivateBroker
) -> None:
    office_link = await link_for("office")
    office = FakeOffice(office_link)
    FakeScheduler(await link_for("scheduler"))
    school = await started()
    await until(lambda: school.roster)
    school.check_in("p1", "touch")
    await until(lambda: len(office.taps) == 1 and school.waiting == 0)

    broker.kill()
    await until(lambda: not school.connected)
    before = dt.datetime.now(dt.UTC)
    assert not school.check_in("p2", "card").again
    after = dt.datetime.now(dt.UTC)
    assert school.waiting == 1
    await asyncio.to_thread(broker.start)
    await until(lambda: school.waiting == 0, timeout_s=20)
    taps = [tap for _, tap in office.taps]
    assert [tap.pupil for tap in taps] == ["p1", "p2"]
    slack = dt.timedelta(seconds=0.2)
    assert before - slack <= taps[1].at <= after + slack


async def test_a_tap_made_before_the_time_was_known_is_dated_by_the_time_that_is_heard_later(
    started: Schools, link_for: LinkFor
) -> None:
    office = FakeOffice(await link_for("office"))
    school = await started()
    await until(lambda: school.roster)
    at = dt.datetime.now(dt.UTC)
    school.check_in("p3", "touch")
    await asyncio.sleep(0.3)  # long enough that the tap would have been sent
    assert office.taps == []
    assert school.waiting == 1

    hour_s = 3600.0
    kept = KeptClock(wall=lambda: dt.datetime.now(dt.UTC).timestamp() - hour_s)
    FakeScheduler(await link_for("scheduler"), kept)
    await until(lambda: office.taps, timeout_s=10)
    dated = office.taps[0][1].at + dt.timedelta(seconds=hour_s)
    assert abs((dated - at).total_seconds()) < 0.5


async def test_a_restart_forgets_nobody_who_came_today(started: Schools, link_for: LinkFor) -> None:
    office = FakeOffice(await link_for("office"))
    FakeScheduler(await link_for("scheduler"))
    school = await started()
    await until(lambda: school.roster)
    school.check_in("p1", "touch")
    await until(lambda: office.taps and school.waiting == 0)
    await school.stop()
    again = await started()
    assert again.was_in_today("p1")
    assert again.was_in_this_session("p1")
    assert not again.was_in_today("p2")


async def test_a_refused_tap_waits_and_does_not_hold_up_the_others(started: Schools, link_for: LinkFor) -> None:
    office = FakeOffice(await link_for("office"))
    FakeScheduler(await link_for("scheduler"))
    school = await started()
    await until(lambda: school.roster)
    office.refuse_taps = "unknown"
    school.check_in("p1", "touch")
    await until(lambda: office.refused)
    office.refuse_taps = None
    school.check_in("p2", "touch")
    await until(lambda: school.waiting == 1)
    assert [tap.pupil for _, tap in office.taps] == ["p2"]


async def test_own_things_open_by_the_own_card_only(started: Schools, link_for: LinkFor) -> None:
    office = FakeOffice(await link_for("office"))
    FakeScheduler(await link_for("scheduler"))
    school = await started()
    await until(lambda: school.roster)
    await until(lambda: school.tracks)
    things = await school.open("p1", "1001")
    assert things.points == office.school.points
    (offer,) = things.offers
    picks = (school.tracks[1].id, school.tracks[0].id)
    assert (await school.pick(things.session, offer, picks)).picks == picks
    assert office.picks == [picks]
    with pytest.raises(Closed) as refused:
        await school.open("p2", "1001")
    assert refused.value.reason == "card"
    office.closed = True
    with pytest.raises(Closed) as refused:
        await school.pick(things.session, offer, ())
    assert refused.value.reason == "closed"


async def test_without_an_office_own_things_are_away(
    started: Schools, link_for: LinkFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.link_school.WAIT_S", 0.2)
    school = await started()
    with pytest.raises(Away):
        await school.open("p1", "1001")


async def test_what_plays_is_what_the_speakers_say(started: Schools, link_for: LinkFor) -> None:
    school = await started()
    speaker = await link_for("east")
    playing = Playing(
        set="2026-11-23/break", track="a" * 64, title="Sunrise", position_s=1.0, at=dt.datetime.now(dt.UTC)
    )
    speaker.keep(speaker.topics.speaker("east"), SpeakerState(online=True, zone="playground", playing=playing))
    await until(lambda: [(one.zone, one.title) for one in school.music().zones] == [("playground", "Sunrise")])
    speaker.keep(speaker.topics.speaker("east"), SpeakerState(online=False, zone="playground", playing=playing))
    await until(lambda: not school.music().zones)


async def test_the_kiosk_tells_of_itself_and_leaves_clean(started: Schools, link_for: LinkFor) -> None:
    heard: list[KioskState] = []
    office = await link_for("office")
    office.listen(office.topics.kiosk(), KioskState, lambda one: heard.append(one.message) if one.message else None)
    school = await started()
    await until(lambda: heard and heard[-1].online)
    school.check_in("p1", "touch")
    await until(lambda: heard[-1].outbox == 1)
    await school.stop()
    await until(lambda: not heard[-1].online)
    assert heard[-1].classroom == "oak"
