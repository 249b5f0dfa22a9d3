"""A speaker with a real broker and real libvlc, on the null output."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.speaker import SpeakerSettings, serve
from tests.brokers import ENROLMENT, SITE, LinkFor
from tests.devices.conftest import MediaServer, Tune, music_set, programme_of
from tests.waiting import until
from wire.asking import Answerer, Request
from wire.clock import KeptClock
from wire.link import Heard, Link
from wire.mosquitto import PrivateBroker
from wire.programme import Programme
from wire.requests import CLOCK, PLAYED, ClockAnswer, ClockAsk, PlayedAnswer, PlayedAsk, PlayedRecord, Service
from wire.states import SpeakerState


class SchedulerStandIn:
    """The scheduler as a speaker knows it: it answers for the time, keeps as-run records, publishes programmes."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.states: list[SpeakerState] = []
        self.played: list[PlayedRecord] = []
        clock = KeptClock()
        link.listen(link.topics.speaker("east"), SpeakerState, self._hear)
        answerer = Answerer(link, Service.SCHEDULER, ENROLMENT.role_of, clock.unix_s)
        answerer.on(CLOCK, lambda asked: self._time(asked, clock), repeatable=True)
        answerer.on(PLAYED, self._keep)

    @property
    def state(self) -> SpeakerState | None:
        """The newest state of the speaker."""
        return self.states[-1] if self.states else None

    def publish(self, programme: Programme) -> None:
        """Give the zone a programme."""
        self.link.keep(self.link.topics.programme(programme.zone), programme)

    def plays(self, track: Tune, revision: str | None = None) -> bool:
        """Whether the speaker says that it plays a track."""
        state = self.state
        right = state is not None and state.playing is not None and state.playing.track == track.id
        return right and (revision is None or (state is not None and state.revision == revision))

    def is_quiet(self) -> bool:
        """Whether the speaker says that it plays nothing."""
        return self.state is not None and self.state.online and self.state.playing is None

    def _hear(self, heard: Heard[SpeakerState]) -> None:
        if heard.message is not None:
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
