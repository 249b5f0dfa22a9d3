"""Holds as staff ask for them, with a real Mosquitto: in force until they end, whatever is restarted."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from tests.brokers import LinkFor
from tests.scheduler.schools import School, SetClock
from tests.waiting import until
from wire.asking import Asker
from wire.errors import Refused
from wire.link import Heard, Link
from wire.requests import HOLD, HoldAnswer, HoldAsk
from wire.states import Hold

MORNING = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
MIDNIGHT = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
ZONE = ("playground",)


class Ear:
    """Hears the holds of every zone, as a speaker does."""

    def __init__(self, link: Link) -> None:
        self.heard: list[Heard[Hold]] = []
        link.listen(link.topics.hold(), Hold, self.heard.append)

    def last(self, zone: str = "playground") -> Hold | None:
        """The last hold of a zone."""
        of_zone = [heard.message for heard in self.heard if heard.tail[-1] == zone]
        return of_zone[-1] if of_zone else None


class Staff:
    """A member of staff at the desk, by a school clock that a test sets."""

    def __init__(self, link: Link, clock: SetClock) -> None:
        self.link = link
        self._asker = Asker(link, clock.unix_s)

    async def hold(
        self,
        zones: tuple[str, ...] = ZONE,
        *,
        mute: bool = False,
        volume: int | None = None,
        end_at: dt.datetime | None = None,
    ) -> HoldAnswer:
        return await self._asker.ask(HOLD, HoldAsk(zones=zones, mute=mute, volume=volume, until=end_at), wait_s=15.0)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MORNING)


@pytest.fixture
async def staff(link_for: LinkFor, clock: SetClock) -> Staff:
    return Staff(await link_for("desk"), clock)


async def new_ear(link_for: LinkFor, client: str) -> Ear:
    """A speaker that comes now: what it hears first is what is retained."""
    link = await link_for("east", client=client, start=False)
    ear = Ear(link)
    await link.start()
    assert await link.wait_connected(10.0)
    return ear


async def test_a_mute_is_retained_until_the_end_of_the_day_unless_said_otherwise(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff
) -> None:
    async with school.running(clock):
        answer = await staff.hold(("playground", "classrooms"), mute=True)
        assert answer.zones == ("playground", "classrooms")
        assert answer.until == MIDNIGHT
        ear = await new_ear(link_for, "later")
        await until(lambda: ear.last("playground") and ear.last("classrooms"))
        hold = ear.last()
        assert hold is not None
        assert (hold.mute, hold.volume, hold.until, hold.by) == (True, None, MIDNIGHT, "desk")
        assert all(heard.retained for heard in ear.heard)


async def test_a_volume_holds_for_as_long_as_asked_and_never_above_the_zones_limit(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff
) -> None:
    ear = await new_ear(link_for, "1")
    async with school.running(clock):
        end_at = MORNING + dt.timedelta(minutes=20)
        answer = await staff.hold(("playground", "classrooms"), volume=75, end_at=end_at)
        assert answer.until == end_at
        loud, limited = await until(lambda: ear.last("playground")), await until(lambda: ear.last("classrooms"))
        assert loud is not None
        assert limited is not None
        assert (loud.volume, loud.until) == (75, end_at)
        assert (limited.volume, limited.until) == (60, end_at)


async def test_an_ended_hold_is_over_for_a_speaker_that_was_away_too(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff
) -> None:
    async with school.running(clock):
        await staff.hold(mute=True)
        assert (await staff.hold()).until is None
        ear = await new_ear(link_for, "was-away")
        hold = await until(ear.last)
        assert hold is not None
        assert not hold.mute
        assert hold.until <= clock.now(), "told as over, where a cleared topic would tell it nothing"


@pytest.mark.parametrize(
    ("zones", "mute", "end_at", "message"),
    [
        (("hall",), True, None, "there is no zone 'hall'; known here: playground, classrooms"),
        (ZONE, True, MORNING - dt.timedelta(minutes=5), "08:55 is past; a hold ends later than now"),
        (ZONE, True, MIDNIGHT + dt.timedelta(minutes=1), "25 November 00:01 is another day; a hold ends with the day"),
        (ZONE, False, MORNING + dt.timedelta(hours=1), "neither a mute nor a volume; name one"),
    ],
)
async def test_what_cannot_be_held_is_refused_and_changes_nothing(
    school: School,
    link_for: LinkFor,
    clock: SetClock,
    staff: Staff,
    zones: tuple[str, ...],
    mute: bool,
    end_at: dt.datetime | None,
    message: str,
) -> None:
    ear = await new_ear(link_for, "1")
    async with school.running(clock):
        with pytest.raises(Refused) as no:
            await staff.hold(zones, mute=mute, end_at=end_at)
        assert message in no.value.message
        await staff.hold(("classrooms",), mute=True)
        await until(lambda: ear.last("classrooms"))
        assert ear.last("playground") is None


async def test_a_hold_until_midnight_exactly_is_taken(school: School, clock: SetClock, staff: Staff) -> None:
    async with school.running(clock):
        assert (await staff.hold(mute=True, end_at=MIDNIGHT)).until == MIDNIGHT


@pytest.mark.parametrize("user", ["kiosk-oak", "east"])
async def test_only_staff_may_hold(school: School, link_for: LinkFor, clock: SetClock, user: str) -> None:
    other = Staff(await link_for(user), clock)
    async with school.running(clock):
        with pytest.raises(Refused, match=f"{user} may not ask for hold"):
            await other.hold(mute=True)


async def test_a_broker_that_lost_everything_hears_the_hold_again(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff
) -> None:
    async with school.running(clock):
        await staff.hold(mute=True)
        await lose_everything(school)
        ear = await new_ear(link_for, "after")
        hold = await until(ear.last, 15.0)
        assert hold is not None
        assert (hold.mute, hold.until) == (True, MIDNIGHT)


async def lose_everything(school: School) -> None:
    """The broker is killed and comes back without what was retained."""
    school.broker.kill()
    for file in school.broker.folder.glob("*.db"):
        file.unlink()
    await asyncio.to_thread(school.broker.start)


@pytest.mark.parametrize("lost", ["nothing", "the file", "the broker's memory"])
async def test_a_restarted_scheduler_keeps_a_hold_in_force(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff, lost: str
) -> None:
    async with school.running(clock):
        await staff.hold(volume=20)
        ear = await new_ear(link_for, "before")
        said = await until(ear.last)
    if lost == "the file":
        (school.state / "holds.json").unlink()
    if lost == "the broker's memory":
        await lose_everything(school)
    async with school.running(clock):
        later = await new_ear(link_for, "after")
        assert await until(later.last, 10.0) == said
        if lost != "the broker's memory":  # and it is the scheduler that keeps it now
            await lose_everything(school)
            last = await new_ear(link_for, "last")
            assert await until(last.last, 15.0) == said


@pytest.mark.parametrize("lost", ["nothing", "the file"])
async def test_a_restarted_scheduler_does_not_bring_an_ended_hold_back(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff, lost: str
) -> None:
    async with school.running(clock):
        await staff.hold(mute=True)
        await staff.hold()
    if lost == "the file":
        (school.state / "holds.json").unlink()
    async with school.running(clock):
        ear = await new_ear(link_for, "after")
        await staff.hold(("classrooms",), mute=True)
        await until(lambda: ear.last("classrooms"))
        assert not any(heard.message.mute for heard in ear.heard if heard.message and heard.tail[-1] == "playground")


async def test_a_broker_that_comes_back_with_an_older_hold_is_corrected(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff
) -> None:
    scheduler_before = await link_for("scheduler", client="before")
    async with school.running(clock):
        await staff.hold(mute=True)
        ear = await new_ear(link_for, "1")
        older = await until(ear.last)
        assert older is not None
        await staff.hold()
    scheduler_before.publish(scheduler_before.topics.hold("playground"), older, retain=True)
    await until(lambda: ear.last() == older)
    async with school.running(clock):
        ended = await until(lambda: ear.last() if ear.last() != older else None)
        assert ended is not None
        assert not ended.mute
        assert ended.at > older.at


async def test_a_hold_is_newer_than_the_one_before_though_the_clock_was_set_back(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff
) -> None:
    ear = await new_ear(link_for, "1")
    async with school.running(clock):
        await staff.hold(mute=True)
        first = await until(ear.last)
        clock.set(MORNING - dt.timedelta(minutes=5))
        await staff.hold(volume=10)
        second = await until(lambda: ear.last() if ear.last() != first else None)
        assert first is not None
        assert second is not None
        assert second.at > first.at


async def test_what_was_held_days_ago_is_told_no_more(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff
) -> None:
    async with school.running(clock):
        await staff.hold(mute=True)
    clock.set(MORNING + dt.timedelta(days=3))
    async with school.running(clock):
        ear = await new_ear(link_for, "1")
        await staff.hold(("classrooms",), mute=True)
        await until(lambda: ear.last("classrooms"))
        assert ear.last("playground") is None


async def test_a_file_that_cannot_be_read_is_said_and_the_brokers_word_counts(
    school: School, link_for: LinkFor, clock: SetClock, staff: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    async with school.running(clock):
        await staff.hold(mute=True)
    (school.state / "holds.json").write_text("{")
    async with school.running(clock):
        assert "the last holds cannot be read" in caplog.text
        ear = await new_ear(link_for, "1")
        hold = await until(ear.last)
        assert hold is not None
        assert hold.mute
