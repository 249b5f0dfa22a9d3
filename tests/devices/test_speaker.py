"""A speaker with a real broker and real libvlc, on the null output."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from devices.saved import Saved
from devices.speaker import SpeakerSettings, serve
from tests.brokers import ENROLMENT, SITE, LinkFor
from tests.devices import speaker_process
from tests.devices.conftest import MediaServer, Tune, music_set, programme_of
from tests.waiting import until
from wire.asking import Answerer, Request
from wire.clock import KeptClock
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker
from wire.programme import Programme
from wire.requests import CLOCK, PLAYED, ClockAnswer, ClockAsk, PlayedAnswer, PlayedAsk, PlayedRecord, Service
from wire.states import Hold, Silence, SpeakerState


class SchedulerStandIn:
    """The scheduler as a speaker knows it: it answers for the time, keeps as-run records, publishes programmes."""

    def __init__(self, link: Link, wall: Callable[[], float] = time.time) -> None:
        self.link = link
        self.states: list[SpeakerState] = []
        self.newest: dict[str, SpeakerState] = {}
        self.played: list[PlayedRecord] = []
        clock = KeptClock(wall)
        link.listen(link.topics.speaker(), SpeakerState, self._hear)
        answerer = Answerer(link, Service.SCHEDULER, ENROLMENT.role_of, clock.unix_s)
        answerer.on(CLOCK, lambda asked: self._time(asked, clock), repeatable=True)
        answerer.on(PLAYED, self._keep)

    @property
    def state(self) -> SpeakerState | None:
        """The newest state of the speaker east."""
        return self.states[-1] if self.states else None

    def publish(self, programme: Programme) -> None:
        """Give the zone a programme."""
        self.link.keep(self.link.topics.programme(programme.zone), programme)

    def plays(self, track: Tune, revision: str | None = None) -> bool:
        """Whether the speaker says that it plays a track."""
        state = self.state
        right = state is not None and state.playing is not None and state.playing.track == track.id
        return right and (revision is None or (state is not None and state.revision == revision))

    def hears(self, speaker: str) -> bool:
        """Whether a speaker says that it plays anything."""
        return speaker in self.newest and self.newest[speaker].playing is not None

    def is_quiet(self) -> bool:
        """Whether the speaker says that it plays nothing."""
        return self.state is not None and self.state.online and self.state.playing is None

    def _hear(self, heard: Heard[SpeakerState]) -> None:
        if heard.message is not None:
            self.newest[heard.tail[-1]] = heard.message
            if heard.tail[-1] == "east":
                self.states.append(heard.message)

    @staticmethod
    def _time(asked: Request[ClockAsk], clock: KeptClock) -> ClockAnswer:
        received = clock.at_steady(asked.arrived_steady_s)
        return ClockAnswer(sent=asked.body.sent, received=received, answered=clock.unix_s())

    def _keep(self, asked: Request[PlayedAsk]) -> PlayedAnswer:
        self.played.extend(asked.body.records)
        return PlayedAnswer(kept=len(asked.body.records))


@pytest.fixture
async def scheduler(link_for: LinkFor) -> SchedulerStandIn:
    return SchedulerStandIn(await link_for("scheduler"))


@contextlib.asynccontextmanager
async def running(settings: SpeakerSettings) -> AsyncIterator[None]:
    """A speaker in this process, stopped as SIGTERM would stop it."""
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(serve(settings, stop, ready.set))
    await asyncio.wait_for(ready.wait(), 5.0)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10.0)


@pytest.fixture
def settings(broker: PrivateBroker, tmp_path: Path) -> SpeakerSettings:
    assert broker.address is not None
    return SpeakerSettings(
        "east", "playground", SITE, tmp_path / "east", broker.address, broker.credentials("east"), output="null"
    )


def ago(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(time.time() - seconds, dt.UTC)


async def test_a_speaker_that_starts_in_mid_slot_plays_the_right_place_within_3_s(
    settings: SpeakerSettings, scheduler: SchedulerStandIn, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.add(*tunes)
    start_at = ago(12.0)
    scheduler.publish(programme_of(music_set(start_at, tunes[:2]), media=media.address, made_at=start_at))
    async with running(settings):
        await until(lambda: scheduler.plays(tunes[0]), 3.0, "the track on the wire")
        state = scheduler.state
        assert state is not None
        assert state.playing is not None
        due_s = (state.playing.at - start_at).total_seconds()
        assert state.playing.position_s == pytest.approx(due_s, abs=0.02)
        assert state.playing.set == f"{start_at.date().isoformat()}/lunch"
        assert (state.output, state.fault, state.volume) == ("null", None, 100)
        await until(lambda: scheduler.state is not None and scheduler.state.start_error_ms is not None, 3.0)
        assert scheduler.state is not None
        assert scheduler.state.start_error_ms == pytest.approx(0.0, abs=5.0)
        await until(lambda: scheduler.state is not None and scheduler.state.cache.ready == 2, 5.0)


async def test_a_programme_replaced_in_mid_slot_is_followed_and_the_log_is_sent(
    settings: SpeakerSettings, scheduler: SchedulerStandIn, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.add(*tunes)
    start_at = ago(5.0)
    scheduler.publish(programme_of(music_set(start_at, tunes[:1]), media=media.address, made_at=start_at))
    async with running(settings):
        await until(lambda: scheduler.plays(tunes[0]), 5.0)
        revised = music_set(start_at, tunes[1:2], end_at=ago(-30.0), volume=60)
        scheduler.publish(programme_of(revised, revision="2", media=media.address, made_at=start_at))
        await until(lambda: scheduler.plays(tunes[1], "2"), 5.0)
        assert scheduler.state is not None
        assert scheduler.state.volume == 60
        await until(lambda: scheduler.played, 5.0, "the as-run record")
    assert [(one.track, one.why) for one in scheduler.played[:1]] == [(tunes[0].id, "cut")]
    first = scheduler.played[0]
    assert first.from_s == pytest.approx((first.started_at - start_at).total_seconds(), abs=0.1)
    assert first.from_s > 4.9
    await until(lambda: scheduler.state is not None and not scheduler.state.online, 5.0, "the last words")


async def test_two_tracks_follow_each_other_and_the_set_ends_on_time(
    settings: SpeakerSettings, scheduler: SchedulerStandIn, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.add(*tunes)
    start_at = ago(27.0)
    ends_at = start_at + dt.timedelta(seconds=32.5)
    music = music_set(start_at, tunes[:2], end_at=ends_at, fade_out_s=1.0)
    scheduler.publish(programme_of(music, media=media.address, made_at=start_at))
    async with running(settings):
        await until(lambda: scheduler.plays(tunes[0]), 5.0)
        await until(lambda: scheduler.plays(tunes[1]), 8.0)
        await until(scheduler.is_quiet, 8.0)
        assert abs(time.time() - ends_at.timestamp()) < 1.0
        await until(lambda: len(scheduler.played) == 2, 5.0, "both as-run records")
    assert [(one.track, one.why) for one in scheduler.played] == [(tunes[0].id, "ended"), (tunes[1].id, "cut")]
    assert scheduler.played[1].started_at.timestamp() == pytest.approx(start_at.timestamp() + 30.0, abs=0.3)
    assert scheduler.played[1].ended_at.timestamp() == pytest.approx(ends_at.timestamp(), abs=0.5)


async def test_silence_and_hold_are_obeyed_until_they_are_lifted(
    settings: SpeakerSettings, scheduler: SchedulerStandIn, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.add(*tunes)
    topics = scheduler.link.topics
    start_at = ago(1.0)
    scheduler.publish(programme_of(music_set(start_at, tunes), media=media.address, made_at=start_at, limit=85))
    async with running(settings):
        await until(lambda: scheduler.plays(tunes[0]), 5.0)
        scheduler.link.keep(topics.silence, Silence(on=True, by="s.okoro", at=ago(0.0)))
        await until(scheduler.is_quiet, 2.0)
        assert scheduler.state is not None
        assert scheduler.state.silent
        scheduler.link.publish(topics.silence, Silence(on=False, by="s.okoro", at=ago(60.0)))
        scheduler.link.keep(topics.hold("playground"), Hold(volume=100, by="s.okoro", at=ago(0.0), until=ago(-60.0)))
        await until(
            lambda: (settings.state / "hold-playground.json").exists(), 5.0, "the hold, heard behind the older silence"
        )
        assert scheduler.is_quiet()
        scheduler.link.keep(topics.silence, Silence(on=False, by="s.okoro", at=ago(0.0)))
        await until(lambda: scheduler.plays(tunes[0]), 2.0)
        assert scheduler.state.volume == 85
        scheduler.link.keep(topics.hold("playground"), Hold(mute=True, by="s.okoro", at=ago(0.0), until=ago(-3.0)))
        await until(scheduler.is_quiet, 2.9)
        await until(lambda: scheduler.plays(tunes[0]), 6.0, "the music after the hold's end")


async def test_silence_survives_a_reboot_also_when_the_broker_has_forgotten_it(
    settings: SpeakerSettings, scheduler: SchedulerStandIn, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.add(*tunes)
    start_at = ago(1.0)
    Saved(settings.state).save("silence", Silence(on=True, reason="fire drill", by="s.okoro", at=ago(60.0)))
    scheduler.publish(programme_of(music_set(start_at, tunes), media=media.address, made_at=start_at))
    async with running(settings):
        await until(lambda: scheduler.state is not None and scheduler.state.cache.ready == 3, 5.0)
        await until(lambda: (settings.state / "pcm" / f"{tunes[0].id}.pcm").exists(), 5.0, "music that could sound")
        assert scheduler.state is not None
        assert scheduler.state.silent
        assert all(state.playing is None for state in scheduler.states)
        scheduler.link.keep(scheduler.link.topics.silence, Silence(on=False, by="s.okoro", at=ago(0.0)))
        await until(lambda: scheduler.plays(tunes[0]), 2.0)


async def test_before_its_first_programme_a_speaker_says_that_it_waits(
    settings: SpeakerSettings, scheduler: SchedulerStandIn
) -> None:
    async with running(settings):
        await until(lambda: scheduler.state is not None and scheduler.state.clock_offset_ms is not None, 5.0)
        assert scheduler.state is not None
        assert scheduler.state.fault == "waits for its first programme"


async def test_a_file_that_is_another_is_refused_and_its_span_is_silent(
    settings: SpeakerSettings, scheduler: SchedulerStandIn, media: MediaServer, tunes: tuple[Tune, ...]
) -> None:
    media.files = {tunes[0].id: tunes[1].path, tunes[2].id: tunes[2].path}
    start_at = ago(27.0)
    music = music_set(start_at, (tunes[0], tunes[2]))
    scheduler.publish(programme_of(music, media=media.address, made_at=start_at))
    async with running(settings):
        await until(lambda: scheduler.state is not None and "is another file" in str(scheduler.state.fault), 5.0)
        assert scheduler.state is not None
        assert scheduler.is_quiet()
        assert (scheduler.state.cache.ready, scheduler.state.cache.missing) in ((0, 2), (1, 1))
        await until(lambda: scheduler.plays(tunes[2]), 10.0, "the next track, at its own instant")
        await until(lambda: scheduler.played, 5.0, "the as-run record")
    assert (scheduler.played[0].track, scheduler.played[0].why) == (tunes[0].id, "missing")
    assert not (settings.state / "tracks" / tunes[0].id).exists()


async def test_music_goes_on_without_broker_and_scheduler_and_a_killed_speaker_comes_back_alone(
    settings: SpeakerSettings,
    broker: PrivateBroker,
    scheduler: SchedulerStandIn,
    media: MediaServer,
    tunes: tuple[Tune, ...],
) -> None:
    media.add(*tunes)
    start_at = ago(2.0)
    scheduler.publish(programme_of(music_set(start_at, tunes), media=media.address, made_at=start_at))
    process = speaker_process.start(settings)
    try:
        await until(lambda: scheduler.plays(tunes[0]), 10.0)
        await until(lambda: scheduler.state is not None and scheduler.state.cache.ready == 3, 10.0)
        await media.stop()
        broker.kill()
        process.kill()
        process.wait(5)
        process = speaker_process.start(settings)
        log = settings.state / "log"
        await until(lambda: log.read_text().count("track sounds: Tune 1") == 2, 5.0, "music from disk alone")
        place = float(log.read_text().rsplit("from second ", 1)[1].split(",")[0])
        assert place == pytest.approx(time.time() - start_at.timestamp(), abs=0.5)
        broker.start()
        scheduler.states.clear()
        await until(lambda: scheduler.plays(tunes[0]), 20.0, "the state on the broker that came back")
        await until(
            lambda: [one.why for one in scheduler.played][:1] == ["stopped"], 20.0, "what the killed one played"
        )
    finally:
        process.terminate()
        process.wait(10)
    assert scheduler.played[0].track == tunes[0].id


async def test_without_any_school_time_a_speaker_says_so_and_does_not_start(
    settings: SpeakerSettings,
    link_for: LinkFor,
    media: MediaServer,
    tunes: tuple[Tune, ...],
) -> None:
    media.add(*tunes)
    start_at = ago(1.0)
    link, states = await link_for("desk"), list[SpeakerState]()
    Saved(settings.state).save("programme-playground", programme_of(music_set(start_at, tunes), media=media.address))
    link.listen(link.topics.speaker("east"), SpeakerState, lambda heard: states.append(heard.message or states[-1]))
    async with running(settings):
        await until(lambda: states and states[-1].cache.ready == 3, 10.0)
        assert states[-1].fault == "waits for school time from the scheduler"
        assert states[-1].playing is None
        SchedulerStandIn(await link_for("scheduler"))
        await until(lambda: states[-1].playing, 10.0)
        assert states[-1].fault is None
