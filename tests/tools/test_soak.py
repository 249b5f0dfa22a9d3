"""The rehearsal of a school week: a minute and a half is lived with the real programs, and its checks can fail."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
from pathlib import Path

import numpy as np
import pytest

from devices.pcm import RATE
from tools.soak.__main__ import rehearse
from tools.soak.checks import all_checks
from tools.soak.ears import Ear, Sound, sounds_of
from tools.soak.pace import Pace, Stretch, merged
from tools.soak.rehearsal import Lived, Size
from tools.soak.story import SHORT, WHOLE, Kind, Story
from tools.soak.tables import Table

SPEED = 14.0
LIMIT_S = 0.3
"""The answers for the time come late by milliseconds on a machine that is busy with other tests: times SPEED."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Two slots, a bell, a School DJ and two kills, lived through once."""
    folder = tmp_path_factory.mktemp("soak")
    return rehearse(
        folder, days=1, size=Size(speakers=4, whole=1, speed=SPEED, ppm=100.0, limit_s=LIMIT_S), hours=SHORT
    )


def failures(tables: tuple[Table, ...]) -> list[str]:
    """All that the checks found."""
    return [failure for table in tables for failure in table.failures]


def test_a_day_with_a_killed_scheduler_and_a_killed_speaker_is_as_it_should_be(lived: Lived) -> None:
    assert failures(all_checks(lived)) == []
    assert {str(kill.what) for kill in lived.kills} == {"scheduler", "speaker"}
    assert len(lived.sounds) == 4
    assert len(next(iter(lived.played.values()))) >= 4 * 4


def test_the_day_was_lived_in_a_fraction_of_its_time(lived: Lived) -> None:
    school_s = sum(stretch.length_s for stretch in lived.story.stretches())
    assert lived.real_s < school_s / SPEED + 10


def test_a_slot_that_began_late_is_found(lived: Lived) -> None:
    first, *rest = lived.sounds["room-03"]
    late = {**lived.sounds, "room-03": [Sound(first.begin_s + 2 * LIMIT_S, first.end_s), *rest]}
    (found,) = failures(all_checks(dataclasses.replace(lived, sounds=late)))
    assert found.startswith("room-03, Mon break: began +")


def test_silence_where_music_was_due_and_music_where_silence_was_are_found(lived: Lived) -> None:
    first, *rest = lived.sounds["room-03"]
    silent = {**lived.sounds, "room-03": rest}
    assert failures(all_checks(dataclasses.replace(lived, sounds=silent))) == ["room-03, Mon break: nothing was heard"]
    early = Sound(first.begin_s - 9.0, first.begin_s - 8.0)
    more = {**lived.sounds, "room-03": [early, first, *rest]}
    assert failures(all_checks(dataclasses.replace(lived, sounds=more))) == [
        "room-03, Mon: sounded for 1.0 s where nothing should"
    ]


def test_a_hole_in_the_sound_is_found_in_a_speaker_that_nobody_killed(lived: Lived) -> None:
    first, *rest = lived.sounds["room-03"]
    assert first.end_s is not None
    middle_s = (first.begin_s + first.end_s) / 2
    torn = [Sound(first.begin_s, middle_s), Sound(middle_s + 2.0, first.end_s), *rest]
    found = failures(all_checks(dataclasses.replace(lived, sounds={**lived.sounds, "room-03": torn})))
    assert [one.partition(":")[0] for one in found] == ["room-03, Mon break"]
    assert "silent for 2.0 s" in found[0]


def test_a_record_that_is_missing_wrong_or_late_is_found(lived: Lived) -> None:
    ((date, records),) = lived.played.items()
    at = next(place for place, one in enumerate(records) if one.speaker == "room-03")
    late = records[at].model_copy(update={"started_at": records[at].started_at + dt.timedelta(seconds=1)})
    other = records[at].model_copy(update={"title": "Another"})
    missing = records[at].model_copy(update={"why": "missing"})
    for changed in ((), (late,), (other,), (missing,)):
        played = {date: (*records[:at], *changed, *records[at + 1 :])}
        found = failures(all_checks(dataclasses.replace(lived, played=played)))
        assert [one.startswith("room-03, Mon: ") for one in found] == [True]


def test_an_error_that_no_kill_explains_is_found(lived: Lived) -> None:
    strange = "2026-11-23 10:30:00 ERROR   devices.speaker: a part of the speaker failed and starts again"
    found = failures(all_checks(dataclasses.replace(lived, logs={"room-03": strange})))
    assert found == [f"room-03: {strange}"]


def test_a_program_that_ended_by_itself_is_found(lived: Lived) -> None:
    found = failures(all_checks(dataclasses.replace(lived, ended=("room-02",))))
    assert found == ["room-02: ended before the week did"]


def test_memory_that_grows_is_found(lived: Lived) -> None:
    ((date, evening),) = lived.memory.items()
    days = (
        *lived.story.days,
        dataclasses.replace(lived.story.days[0], date=date + dt.timedelta(days=1), kind=Kind.NORMAL),
    )
    grown = {name: dataclasses.replace(one, own_mib=one.own_mib * 2) for name, one in evening.items()}
    longer = dataclasses.replace(
        lived,
        story=dataclasses.replace(lived.story, days=days),
        memory={**lived.memory, days[1].date: grown},
        told={**lived.told, days[1].date: lived.told[date]},
        played={**lived.played, days[1].date: ()},
    )
    assert len([one for one in failures(all_checks(longer)) if "own memory grew" in one]) >= 3


def test_a_pace_runs_through_its_stretches_and_jumps_between_them() -> None:
    pace = Pace(100.0, 10.0, (Stretch(1_000.0, 1_050.0), Stretch(5_000.0, 5_020.0)))
    assert [pace.school_s(real) for real in (100.0, 104.0, 105.0, 106.0, 200.0)] == [1000, 1040, 5000, 5010, 5950]
    assert [pace.real_s(school) for school in (1000, 1040, 3000, 5010, 5950)] == [100, 104, 105, 106, 200]


def test_stretches_that_touch_are_one() -> None:
    assert merged([Stretch(5, 9), Stretch(1, 3), Stretch(2, 5)]) == (Stretch(1, 9),)


def test_a_week_has_every_kind_of_day_and_its_nights_turn_the_day() -> None:
    story = Story.of(WHOLE, 5, 60.0)
    assert {day.kind for day in story.days} == set(Kind)
    stretches = story.stretches()
    for day in story.days[1:]:
        for time in (dt.time(0), dt.time(3)):
            assert any(one.from_s < day.at_s(time) < one.to_s for one in stretches)


def test_an_ear_hears_where_sound_begins_and_ends_to_the_sample(tmp_path: Path) -> None:
    file = io.StringIO()
    ear = Ear("room", file, lambda instant_s: instant_s + 1_000)
    frames = np.zeros((RATE, 2), dtype=np.int16)
    frames[441:] = 5
    ear.hear(0.0, frames)
    frames = np.full((RATE, 2), 5, dtype=np.int16)
    frames[100:500] = 0  # a codec's lost head is no end
    frames[22_050:] = 0
    ear.hear(1.0, frames)
    (tmp_path / "heard").write_text(file.getvalue())
    (sound,) = sounds_of(tmp_path / "heard")["room"]
    assert sound.begin_s == pytest.approx(1_000.01, abs=1e-6)
    assert sound.end_s is None
    ear.hear(2.0, np.zeros((RATE, 2), dtype=np.int16))
    last = json.loads(file.getvalue().splitlines()[-1])
    assert last == {"speaker": "room", "end": pytest.approx(1_001.5, abs=1e-6)}
