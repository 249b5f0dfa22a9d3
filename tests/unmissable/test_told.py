"""What a technician is told of a speaker that nobody hears and of a fault that comes and goes."""

from __future__ import annotations

import pytest

from tests.brokers import LinkFor
from tests.waiting import until
from unmissable import narrator as narrator_module
from unmissable.narrator import Narrator
from wire.states import ProgramState, SpeakerState


async def test_a_speaker_without_a_sound_device_and_the_end_of_a_fault_are_told(
    link_for: LinkFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrator_module, "LASTS_S", 0.05)
    said: list[str] = []
    desk, east, scheduler = await link_for("desk", start=False), await link_for("east"), await link_for("scheduler")
    Narrator(desk, said.append)
    await desk.start()
    state = SpeakerState(online=True, zone="playground", output="null: this machine has no sound device")
    for _ in range(2):
        east.publish(east.topics.speaker("east"), state, retain=True)
    topic = scheduler.topics.program("scheduler")
    scheduler.publish(topic, ProgramState(online=True, error="schedule.yaml:1:1: file: the file is empty"), retain=True)
    await until(lambda: len(said) == 4)
    scheduler.publish(topic, ProgramState(online=True), retain=True)
    scheduler.publish(topic, ProgramState(online=True, version="2"), retain=True)
    scheduler.publish(topic, ProgramState(online=False), retain=True)
    await until(lambda: len(said) == 6)
    assert said == [
        "speaker east (playground) is there",
        "speaker east is not heard: this machine has no sound device",
        "the scheduler is there",
        "the scheduler: schedule.yaml:1:1: file: the file is empty",
        "the scheduler: that is put right",
        "the scheduler is away",
    ]
