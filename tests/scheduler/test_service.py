"""The scheduler as a running program, with a real Mosquitto: what is on the broker, whatever happens."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import time
from pathlib import Path

import aiohttp
import pytest

from scheduler.approvals import refuse
from scheduler.library_scan import content_id
from scheduler.library_store import FileRow, Verdict
from scheduler.service import serve
from tests.brokers import LinkFor
from tests.scheduler.schools import SCHEDULE, Listener, School, SetClock, retain, tomorrow, tracks_of, turn
from tests.waiting import until
from wire.asking import Asker
from wire.errors import LinkError, Refused
from wire.link import Heard
from wire.programme import Calendar
from wire.requests import CLOCK, DAY, PLAYED, TRACKS, ClockAsk, DayAsk, PlayedAsk, PlayedRecord, TracksAsk


async def test_each_zones_programme_and_the_calendar_are_retained(school: School, link_for: LinkFor) -> None:
    async with school.running():
        link = await link_for("east", start=False)
        listener = Listener(link)
        calendars: list[Heard[Calendar]] = []
        link.listen(link.topics.calendar, Calendar, calendars.append)
        await link.start()
        await until(lambda: len(listener.programmes) == 2 and len(calendars) == 1)
        assert all(heard.retained for heard in listener.programmes)
        playground, classrooms = listener.of("playground")[0], listener.of("classrooms")[0]
        slots = {(music.slot, music.date) for music in playground.sets}
        assert {("break", tomorrow()), ("lunch", tomorrow())} <= slots
        assert {music.slot for music in classrooms.sets} == {"lunch"}
        assert tracks_of(playground, "lunch") == tracks_of(classrooms, "lunch"), "one set in all its zones"
        assert set(tracks_of(playground, "break")) == {school.id_of(f"{name}.ogg") for name in ("one", "two", "three")}
        calendar = calendars[0].message
        assert calendar is not None
        assert tomorrow() in {day.date for day in calendar.days}


async def test_a_turn_revises_the_programme_within_a_second(school: School, link_for: LinkFor) -> None:
    speaker, office = await link_for("east"), await link_for("office")
    listener = Listener(speaker)
    names = ("three.ogg", "one.ogg", "two.ogg")
    taken_s = []
    async with school.running():
        await until(lambda: listener.of("playground"))
        for first in range(3):
            picks = tuple(school.id_of(name) for name in (*names[first:], *names[:first]))
            seen = len(listener.of("playground"))
            begun = time.monotonic()
            retain(office, office.topics.turn(tomorrow(), "break"), turn(picks))
            await until(functools.partial(listener.heard_more, "playground", seen), 10.0)
            taken_s.append(time.monotonic() - begun)
            after = listener.of("playground")[-1]
            assert tracks_of(after, "break")[:3] == picks
        dj = {music.key: music.dj for music in after.sets}
        assert dj[f"{tomorrow().isoformat()}/break"] == "Bramble"
    assert min(taken_s) < 1.0, "the best of three, as the machine may be busy"


async def test_a_turn_retained_before_the_start_is_in_the_first_programme_that_anyone_sees(
    school: School, link_for: LinkFor
) -> None:
    speaker, office = await link_for("east"), await link_for("office")
    picks = (school.id_of("two.ogg"), school.id_of("three.ogg"))
    retain(office, office.topics.turn(tomorrow(), "break"), turn(picks))
    listener = Listener(speaker)
    async with school.running():
        await until(lambda: listener.of("playground"))
        assert all(tracks_of(seen, "break")[:2] == picks for seen in listener.of("playground"))


async def test_a_turn_that_is_taken_back_leaves_the_programme_as_it_was(school: School, link_for: LinkFor) -> None:
    speaker, office = await link_for("east"), await link_for("office")
    listener = Listener(speaker)
    async with school.running():
        first = (await until(lambda: listener.of("playground")))[-1]
        topic = office.topics.turn(tomorrow(), "break")
        office.keep(topic, turn((school.id_of("three.ogg"),)))
        await until(lambda: listener.of("playground")[-1].revision != first.revision)
        office.keep(topic, None)
        await until(lambda: listener.of("playground")[-1].revision == first.revision)


async def test_turns_for_another_slot_than_their_topics_or_of_unknown_tracks_change_nothing(
    school: School, link_for: LinkFor
) -> None:
    speaker, office = await link_for("east"), await link_for("office")
    listener = Listener(speaker)
    async with school.running():
        first = (await until(lambda: listener.of("playground")))[-1]
        retain(office, office.topics.turn(tomorrow(), "lunch"), turn((school.id_of("two.ogg"),)))
        retain(office, office.topics.turn(tomorrow(), "break"), turn(("f" * 64,)))
        retain(office, office.topics.turn(tomorrow() + dt.timedelta(days=1), "break"), turn((school.id_of("two.ogg"),)))
        picks = tracks_of(first, "break")[1:2]
        retain(office, office.topics.turn(tomorrow(), "break"), turn(picks))
        await until(lambda: tracks_of(listener.of("playground")[-1], "break")[:1] == picks)
        assert {one.revision for one in listener.of("playground")[:-1]} == {first.revision}


async def test_a_bad_file_leaves_the_last_good_timetable_in_force_and_is_said(
    school: School, link_for: LinkFor
) -> None:
    listener = Listener(await link_for("desk"))
    async with school.running():
        first = (await until(lambda: listener.of("playground")))[-1]
        await until(lambda: listener.online and listener.error is None)
        school.schedule.write_text(SCHEDULE.replace("to: 10:45", "to: 10:15"))
        error = await until(lambda: listener.error or "", 10.0)
        assert error.startswith("schedule.yaml:")
        assert "the last good timetable stays in force" in error
        assert listener.of("playground") == [first]
        school.schedule.write_text(SCHEDULE.replace("to: 10:45", "to: 10:50"))
        await until(lambda: listener.error is None, 10.0)
        assert listener.of("playground")[-1].revision != first.revision


async def test_the_last_good_timetable_outlives_a_restart_on_a_bad_file(school: School, link_for: LinkFor) -> None:
    listener = Listener(await link_for("desk"))
    async with school.running():
        first = (await until(lambda: listener.of("playground")))[-1]
    school.schedule.write_text("school: [")
    async with school.running():
        await until(lambda: listener.error)
        assert listener.of("playground")[-1] == first
    school.schedule.unlink()
    async with school.running():
        assert "there is no such file" in await until(lambda: listener.error or "")
        assert listener.of("playground")[-1] == first


async def test_without_any_timetable_there_is_no_music_until_there_is_one(school: School, link_for: LinkFor) -> None:
    listener = Listener(await link_for("desk"))
    school.schedule.unlink()
    async with school.running():
        assert "there is no music" in await until(lambda: listener.error or "")
        assert not listener.programmes
        school.schedule.write_text(SCHEDULE)
        await until(lambda: listener.of("playground"), 10.0)
        await until(lambda: listener.error is None)


async def test_a_restart_publishes_the_same_programme(school: School, link_for: LinkFor) -> None:
    desk, office = await link_for("desk"), await link_for("office")
    retain(office, office.topics.turn(tomorrow(), "break"), turn((school.id_of("two.ogg"),)))
    listener = Listener(desk)
    async with school.running():
        first = (await until(lambda: listener.of("playground")))[-1]
    await until(lambda: not listener.online)
    async with school.running():
        await until(lambda: listener.online)
        assert all(one == first for one in listener.of("playground"))


async def test_a_scheduler_that_was_killed_is_told_to_be_gone_and_comes_back_with_the_same_programme(
    school: School, link_for: LinkFor
) -> None:
    listener = Listener(await link_for("desk"))
    process = await school.start_process()
    try:
        await until(lambda: listener.of("playground") and listener.online, 20.0)
        first = listener.of("playground")[-1]
    finally:
        process.kill()
        await process.wait()
    await until(lambda: not listener.online)
    async with school.running():
        await until(lambda: listener.online)
        assert listener.of("playground")[-1] == first


async def test_a_restart_on_a_library_that_cannot_be_read_leaves_the_programme_as_it_was(
    school: School, link_for: LinkFor
) -> None:
    listener = Listener(await link_for("desk"))
    async with school.running():
        first = (await until(lambda: listener.of("playground")))[-1]
    good = school.store.file.read_bytes()
    school.store.file.write_bytes(b"not a database " * 1000)
    async with school.running():
        await until(lambda: listener.online and "the music library cannot be used" in (listener.error or ""))
        assert {one.revision for one in listener.of("playground")} == {first.revision}
        assert not listener.cleared
        school.store.file.write_bytes(good)
        await until(lambda: listener.error is None)
        assert listener.of("playground")[-1].revision == first.revision


async def test_a_broker_that_lost_everything_gets_everything_again(school: School, link_for: LinkFor) -> None:
    async with school.running():
        first = Listener(await link_for("east"))
        programme = (await until(lambda: first.of("playground")))[-1]
        school.broker.kill()
        for file in (school.broker.folder).glob("*.db"):
            file.unlink()
        await asyncio.to_thread(school.broker.start)
        second = Listener(await link_for("desk"))
        await until(lambda: second.of("playground"), 15.0)
        assert second.of("playground")[-1] == programme
        await until(lambda: second.online)


async def test_a_zone_that_is_no_more_loses_its_programme(school: School, link_for: LinkFor) -> None:
    listener = Listener(await link_for("east"))
    async with school.running():
        await until(lambda: listener.of("classrooms"))
        without = SCHEDULE.replace("[playground, classrooms]", "[playground]").replace(
            "  classrooms: {volume: 40, limit: 60}\n", ""
        )
        school.schedule.write_text(without)
        await until(lambda: listener.cleared == ["classrooms"], 10.0)


async def test_a_zone_that_went_while_the_scheduler_was_down_loses_its_programme_too(
    school: School, link_for: LinkFor
) -> None:
    listener = Listener(await link_for("east"))
    async with school.running():
        await until(lambda: listener.of("classrooms"))
    without = SCHEDULE.replace("[playground, classrooms]", "[playground]").replace(
        "  classrooms: {volume: 40, limit: 60}\n", ""
    )
    school.schedule.write_text(without)
    async with school.running():
        await until(lambda: listener.cleared == ["classrooms"])


async def test_music_that_is_refused_leaves_the_programme_within_a_second_or_two(
    school: School, link_for: LinkFor
) -> None:
    listener = Listener(await link_for("east"))
    async with school.running():
        await until(lambda: listener.of("playground"))
        refused = school.id_of("two.ogg")
        refuse(school.store, school.config, ["music/two.ogg"], "s.okoro", 0.0)
        await until(lambda: refused not in tracks_of(listener.of("playground")[-1], "break"), 10.0)


async def test_a_slot_without_any_approved_music_is_said(school: School, link_for: LinkFor) -> None:
    listener = Listener(await link_for("desk"))
    async with school.running():
        await until(lambda: listener.online and listener.error is None)
        refuse(school.store, school.config, ["music"], "s.okoro", 0.0)
        error = await until(lambda: listener.error or "", 10.0)
        assert "is silent: its playlist has no approved music" in error


async def test_the_scheduler_says_when_it_is_gone(school: School, link_for: LinkFor) -> None:
    listener = Listener(await link_for("desk"))
    async with school.running():
        await until(lambda: listener.online)
        assert listener.states[-1].version
    await until(lambda: not listener.online)


async def test_of_two_schedulers_one_ends_with_a_clear_error(school: School) -> None:
    stop = asyncio.Event()
    services = [asyncio.create_task(serve(school.settings(), stop, lambda: None)) for _ in range(2)]
    ended, left = await asyncio.wait(services, timeout=30.0, return_when=asyncio.FIRST_COMPLETED)
    assert len(ended) == 1
    with pytest.raises(LinkError, match="another program uses the identity scheduler"):
        await ended.pop()
    stop.set()
    await left.pop()


async def test_every_track_of_the_programme_can_be_fetched(school: School, link_for: LinkFor, tmp_path: Path) -> None:
    listener = Listener(await link_for("east"))
    async with school.running(), aiohttp.ClientSession() as http:
        programme = (await until(lambda: listener.of("playground")))[-1]
        for track_id in set(tracks_of(programme, "break")):
            async with http.get(f"{programme.media}/{track_id}") as answer:
                assert answer.status == 200
                (tmp_path / "fetched").write_bytes(await answer.read())
            assert content_id(tmp_path / "fetched") == track_id


async def test_the_clock_is_answered_with_three_times_in_order(school: School, link_for: LinkFor) -> None:
    link = await link_for("kiosk-oak")
    asker = Asker(link, lambda: dt.datetime.now(dt.UTC).timestamp())
    async with school.running():
        before = dt.datetime.now(dt.UTC).timestamp()
        answer = await asker.ask(CLOCK, ClockAsk(sent=12.5))
        after = dt.datetime.now(dt.UTC).timestamp()
        assert answer.sent == 12.5
        assert before - 0.05 < answer.received <= answer.answered < after + 0.05


async def test_approved_tracks_are_told_to_screens(school: School, link_for: LinkFor) -> None:
    link = await link_for("kiosk-oak")
    asker = Asker(link, lambda: dt.datetime.now(dt.UTC).timestamp())
    refuse(school.store, school.config, ["music/two.ogg"], "s.okoro", 0.0)
    async with school.running():
        answer = await asker.ask(TRACKS, TracksAsk())
        assert [track.title for track in answer.tracks] == ["Tune one", "Tune three"]
        assert (answer.page, answer.pages) == (0, 1)
        assert all(track.picture and track.duration_s == pytest.approx(3.0, abs=0.1) for track in answer.tracks)
        assert (await asker.ask(TRACKS, TracksAsk(page=7))).tracks == ()


async def test_a_long_list_of_tracks_comes_in_pages_that_fit_into_a_message(school: School, link_for: LinkFor) -> None:
    rows = [
        FileRow(f"music/{n:04}.ogg", 1, 1, f"{n:064x}", f"{n:04}" + "音" * 296, "楽" * 300, 60.0) for n in range(450)
    ]
    for row in rows:
        school.store.put(row)
    school.store.judge([row.id for row in rows], Verdict.APPROVED, "s.okoro", 0.0)
    asker = Asker(await link_for("kiosk-oak"), lambda: dt.datetime.now(dt.UTC).timestamp())
    async with school.running():
        pages = [await asker.ask(TRACKS, TracksAsk(page=page)) for page in range(3)]
    assert [(len(page.tracks), page.pages) for page in pages] == [(200, 3), (200, 3), (53, 3)]
    titles = [track.title[:4] for page in pages for track in page.tracks]
    assert titles == [*(f"{n:04}" for n in range(450)), "Tune", "Tune", "Tune"]


async def test_the_day_that_is_told_is_the_day_that_is_published(school: School, link_for: LinkFor) -> None:
    link = await link_for("desk")
    listener = Listener(link)
    asker = Asker(link, lambda: dt.datetime.now(dt.UTC).timestamp())
    async with school.running():
        programme = (await until(lambda: listener.of("playground")))[-1]
        day = await asker.ask(DAY, DayAsk(date=tomorrow()))
        assert day.day == "normal"
        published = [music.model_dump(mode="json") for music in programme.sets if music.date == tomorrow()]
        assert list(day.zones["playground"]) == published


async def test_played_records_are_kept_once_and_only_a_speakers_own(school: School, link_for: LinkFor) -> None:
    link = await link_for("east")
    asker = Asker(link, lambda: dt.datetime.now(dt.UTC).timestamp())
    at = dt.datetime.now(dt.UTC).replace(microsecond=0)

    def record(speaker: str, track: str) -> PlayedRecord:
        return PlayedRecord(
            zone="playground", speaker=speaker, set="x/break", track=track * 64, started_at=at, ended_at=at
        )

    async with school.running():
        asked = PlayedAsk(records=(record("east", "a"), record("east", "b"), record("west", "c")))
        assert (await asker.ask(PLAYED, asked)).kept == 2
        assert (await asker.ask(PLAYED, asked)).kept == 2
    files = list((school.state / "as-run").iterdir())
    assert len(files) == 1
    assert len(files[0].read_text().splitlines()) == 2


async def test_without_a_timetable_records_stay_with_the_speaker(school: School, link_for: LinkFor) -> None:
    school.schedule.unlink()
    asker = Asker(await link_for("east"), lambda: dt.datetime.now(dt.UTC).timestamp())
    async with school.running():
        with pytest.raises(Refused, match="keep the records"):
            await asker.ask(PLAYED, PlayedAsk(records=()))


async def test_a_kiosk_may_not_write_the_log(school: School, link_for: LinkFor) -> None:
    asker = Asker(await link_for("kiosk-oak"), lambda: dt.datetime.now(dt.UTC).timestamp())
    async with school.running():
        with pytest.raises(Refused, match="may not"):
            await asker.ask(PLAYED, PlayedAsk(records=()))


MONDAY_LATE = dt.datetime(2026, 11, 23, 23, 59, 0, tzinfo=dt.UTC)


async def test_the_programme_rolls_on_at_midnight_of_the_schools_clock(school: School, link_for: LinkFor) -> None:
    listener = Listener(await link_for("east"))
    clock = SetClock(MONDAY_LATE)
    async with school.running(clock):
        monday = (await until(lambda: listener.of("playground")))[-1]
        assert monday.sets[0].date == dt.date(2026, 11, 23)
        clock.set(MONDAY_LATE + dt.timedelta(minutes=1))
        await until(lambda: listener.of("playground")[-1].sets[0].date == dt.date(2026, 11, 24), 10.0)
        assert listener.of("playground")[-1].valid_until == monday.valid_until + dt.timedelta(days=1)


async def test_at_midnight_a_school_djs_set_of_the_new_day_stays_the_djs(school: School, link_for: LinkFor) -> None:
    speaker, office = await link_for("east"), await link_for("office")
    listener = Listener(speaker)
    clock = SetClock(MONDAY_LATE)
    tuesday = dt.date(2026, 11, 24)
    picks = (school.id_of("three.ogg"), school.id_of("one.ogg"))
    retain(office, office.topics.turn(tuesday, "break"), turn(picks, tuesday))
    async with school.running(clock):
        monday = (await until(lambda: listener.of("playground")))[-1]
        clock.set(MONDAY_LATE + dt.timedelta(minutes=1))
        await until(lambda: listener.of("playground")[-1].sets[0].date == tuesday, 10.0)
        after = listener.of("playground")[-1]
        assert tracks_of(after, "break", tuesday)[:2] == picks
        assert tracks_of(after, "break", tuesday) == tracks_of(monday, "break", tuesday), "and so sounds as told before"
        assert after.sets[0].dj == "Bramble"


async def test_what_was_played_counts_from_three_in_the_morning_and_never_within_a_day(
    school: School, link_for: LinkFor
) -> None:
    link = await link_for("east")
    listener = Listener(link)
    clock = SetClock(dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC))
    asker = Asker(link, clock.unix_s)
    async with school.running(clock):
        morning = (await until(lambda: listener.of("playground")))[-1]
        wednesday = dt.date(2026, 11, 25)
        heard = tracks_of(morning, "break", wednesday)[0]
        at = clock.now()
        record = PlayedRecord(
            zone="playground", speaker="east", set="2026-11-23/break", track=heard, started_at=at, ended_at=at
        )
        assert (await asker.ask(PLAYED, PlayedAsk(records=(record,)))).kept == 1
    async with school.running(clock):
        await until(lambda: len(listener.of("playground")) >= 2)
        assert listener.of("playground")[-1].revision == morning.revision, "a restart sees the same log"
        clock.set(dt.datetime(2026, 11, 25, 3, 0, 1, tzinfo=dt.UTC))
        await until(lambda: listener.of("playground")[-1].sets[0].date == wednesday, 10.0)
        fresh_first = tracks_of(listener.of("playground")[-1], "break", wednesday)[:3]
        assert fresh_first[-1] == heard, "what was heard yesterday comes after what was not"


async def test_what_sounds_now_stays_as_published_over_a_restart_with_new_music(
    school: School, link_for: LinkFor
) -> None:
    listener = Listener(await link_for("desk"))
    tuesday = dt.date(2026, 11, 24)
    clock = SetClock(dt.datetime(2026, 11, 24, 10, 35, tzinfo=dt.UTC))
    async with school.running(clock):
        before = (await until(lambda: listener.of("playground")))[-1]
    rows = [FileRow(f"music/{n:02}.ogg", 1, 1, f"{n:064x}", f"New {n}", f"Band {n}", 60.0) for n in range(40)]
    for row in rows:
        school.store.put(row)
    school.store.judge([row.id for row in rows], Verdict.APPROVED, "s.okoro", 0.0)
    async with school.running(clock):
        await until(lambda: listener.of("playground")[-1].revision != before.revision)
        after = listener.of("playground")[-1]
        assert tracks_of(after, "break", tuesday) == tracks_of(before, "break", tuesday)
        assert set(tracks_of(after, "lunch", tuesday)) & {row.id for row in rows}
