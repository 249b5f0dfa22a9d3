"""What every school does for the screens: the same for the real one over the wire and for the one that tests steer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.errors import Closed
from kiosk.link_school import LinkSchool
from kiosk.school import News, School, TapNews
from kiosk.settings import KioskSettings
from tests.brokers import SITE, LinkFor
from tests.kiosk.fake_office import FakeOffice, FakeScheduler
from tests.kiosk.fake_school import FakeSchool
from tests.waiting import until
from wire.mosquitto import PrivateBroker


@pytest.fixture(params=["steered", "over the wire"])
async def school(
    request: pytest.FixtureRequest, broker: PrivateBroker, link_for: LinkFor, tmp_path: Path
) -> AsyncIterator[School]:
    if request.param == "steered":
        yield FakeSchool()
        return
    FakeOffice(await link_for("office"))
    FakeScheduler(await link_for("scheduler"))
    assert broker.address is not None
    credentials = broker.credentials("kiosk-oak")
    real = LinkSchool(KioskSettings("oak", SITE, "kiosk-oak", tmp_path / "state", broker.address, credentials))
    await real.start()
    await until(lambda: real.roster and real.tracks and real.connected)
    yield real
    await real.stop()


def code_of(school: School, code: str) -> str:
    pupil = school.pupil_of_card(code)
    assert pupil is not None
    return pupil.id


async def test_a_card_is_known_by_its_digits(school: School) -> None:
    assert code_of(school, "1001") == "p1"
    assert school.pupil_of_card("999999") is None


async def test_a_tap_is_told_and_remembered(school: School) -> None:
    news: list[News] = []
    school.on_news(news.append)
    assert not school.was_in_today("p1")
    assert not school.check_in("p1", "card").again
    assert school.was_in_today("p1")
    assert school.check_in("p1", "touch").again
    await until(lambda: news.count(TapNews("p1", "break")) == 2)
    assert school.waiting == 0
    assert not school.was_in_today("p2")


async def test_a_pupil_without_a_turn_has_none(school: School) -> None:
    news: list[News] = []
    school.on_news(news.append)
    school.check_in("p2", "touch")
    await until(lambda: TapNews("p2", None) in news)
    assert (await school.open("p2", "1002")).offers == ()


async def test_own_things_are_points_and_turns_and_picks_replace_picks(school: School) -> None:
    things = await school.open("p1", "1001")
    assert things.points.balance == 23
    (offer,) = things.offers
    first, second = school.tracks[0].id, school.tracks[1].id
    assert (await school.pick(things.session, offer, (first, second))).picks == (first, second)
    assert (await school.pick(things.session, offer, (second,))).picks == (second,)
    assert (await school.open("p1", "1001")).offers[0].picks == (second,)


async def test_another_pupils_card_opens_nothing(school: School) -> None:
    with pytest.raises(Closed) as refused:
        await school.open("p1", "1002")
    assert refused.value.reason == "card"


async def test_its_time_is_local_and_aware(school: School) -> None:
    assert school.now().tzinfo is not None
