"""Two speaker processes on two sinks of a real sound server, recorded: the rooms sound as one."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import statistics
import time
from pathlib import Path

import numpy as np
import pytest

from devices.speaker import SpeakerSettings
from tests.brokers import SITE, LinkFor
from tests.devices import speaker_process
from tests.devices.conftest import MediaServer, Tune, music_set, programme_of
from tests.devices.test_speaker import SchedulerStandIn
from tests.sound import PrivatePulse, Recording, pulse
from tests.waiting import until
from wire.mosquitto import PrivateBroker
from wire.programme import Programme

__all__ = ["pulse"]


def errors_ms(recording: Recording, track: Tune, second_0_s: float, from_s: float, to_s: float) -> list[float]:
    """How late a track sounds, looked at every half second between two of its places."""
    places = np.arange(from_s, to_s, 0.5)
    return [recording.error_ms(track.sound, second_0_s, second_0_s + float(at_s), 0.5) for at_s in places]


@pytest.fixture
def rooms(broker: PrivateBroker, tmp_path: Path) -> tuple[SpeakerSettings, SpeakerSettings]:
    assert broker.address is not None
    east = SpeakerSettings(
        "east", "playground", SITE, tmp_path / "east", broker.address, broker.credentials("east"), output="pulse"
    )
    west = dataclasses.replace(
        east, id="west", zone="classrooms", state=tmp_path / "west", credentials=broker.credentials("west")
    )
    return east, west


async def test_two_rooms_sound_as_one_from_one_track_into_the_next(
    rooms: tuple[SpeakerSettings, SpeakerSettings],
    link_for: LinkFor,
    media: MediaServer,
    tunes: tuple[Tune, ...],
    pulse: PrivatePulse,
) -> None:
    scheduler = SchedulerStandIn(await link_for("scheduler"))
    media.add(*tunes)
    start_at = dt.datetime.fromtimestamp(time.time() - 21.0, dt.UTC)
    start_s = start_at.timestamp()

    def programme(zone: str) -> Programme:
        return programme_of(music_set(start_at, tunes[:2]), zone=zone, media=media.address, made_at=start_at)

    for settings in rooms:
        scheduler.publish(programme(settings.zone))
    recorders = [await asyncio.to_thread(pulse.record, sink) for sink in ("nodeA", "nodeB")]
    processes = [
        speaker_process.start(settings, pulse.environment(sink))
        for settings, sink in zip(rooms, ("nodeA", "nodeB"), strict=True)
    ]
    try:
        await until(lambda: scheduler.hears("east") and scheduler.hears("west"), 10.0)
        both_s = time.time() - start_s + 0.5
        # The first track ends 30 s after the set's start, in both rooms.
        await until(lambda: time.time() > start_s + 33.0, 20.0)
    finally:
        for process in processes:
            process.terminate()
            process.wait(10)
        east, west = [await asyncio.to_thread(recorder.stop) for recorder in recorders]
    first = [errors_ms(room, tunes[0], start_s, both_s, 29.5) for room in (east, west)]
    second = [errors_ms(room, tunes[1], start_s + 30.0, 0.0, 2.0) for room in (east, west)]
    assert all(first)
    assert max(abs(statistics.median(errors)) for errors in (*first, *second)) < 20.0
    skews = [abs(one - other) for one, other in zip(first[0] + second[0], first[1] + second[1], strict=True)]
    assert statistics.median(skews) < 10.0, skews
