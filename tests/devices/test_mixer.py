"""Samples: exact joins, clean fades, no clicks."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from devices.mixer import MUTE_FADE_S, QUICK_FADE_S, Mixer
from devices.pcm import RATE, Pcm, Samples
from devices.plan import SILENT, Label, Plan, Ramp, Voice, build_plan, frame_at
from tests.devices.conftest import NOON, programme_of
from wire.programme import Bell, MusicSet, SetTrack, Track
from wire.states import Hold, Silence

LABEL = Label("2026-11-23/lunch", "a" * 64, "Tune")
TONE = (0.5 * np.sin(2 * np.pi * 220 * np.arange(RATE * 2) / RATE) * 32_767).astype(np.int16)


def pcm_of(sound: np.ndarray[tuple[int], np.dtype[np.int16]]) -> Pcm:
    return Pcm(Path("tune.pcm"), np.repeat(sound[:, None], 2, axis=1))


def voice(pcm: Pcm, first: int, end: int | None = None, gain: float = 1.0, *ramps: Ramp) -> Voice:
    return Voice(LABEL, pcm, first, first, first + pcm.length if end is None else end, gain, ramps)


def rendered(mixer: Mixer, first: int, count: int, block: int = 882) -> Samples:
    """What a mixer gives, block by block."""
    parts: list[Samples] = []
    for frame in range(first, first + count, block):
        part = mixer.render(frame, block)
        parts.append(np.zeros((block, 2), dtype=np.float32) if part is None else part)
    return np.concatenate(parts)[:count]


def steepest(samples: Samples) -> float:
    """The largest step from a frame to the next."""
    return float(np.abs(np.diff(samples[:, 0])).max())


def playing(plan: Plan) -> Mixer:
    """A mixer in which a plan is in force."""
    mixer = Mixer()
    mixer.play(plan, fade_s=1 / RATE)
    mixer.render(0, 882)
    return mixer


def test_two_tracks_join_to_the_sample() -> None:
    whole = pcm_of(TONE)
    halves = Plan((voice(pcm_of(TONE[:50_001]), 1_000), voice(pcm_of(TONE[50_001:]), 51_001)))
    assert np.array_equal(
        rendered(playing(halves), 1_000, len(TONE)), rendered(playing(Plan((voice(whole, 1_000),))), 1_000, len(TONE))
    )


def test_a_late_join_rises_without_a_click() -> None:
    mixer = Mixer()
    mixer.play(Plan((voice(pcm_of(TONE), 0),)))
    samples = rendered(mixer, 30_000, RATE // 2)
    assert steepest(samples) < 0.02
    assert np.abs(samples[:200]).max() < 0.02
    assert np.abs(samples[round(QUICK_FADE_S * RATE) :]).max() > 0.49


def test_silence_is_complete_after_a_quick_fade_without_a_click() -> None:
    mixer = playing(Plan((voice(pcm_of(TONE), 0),)))
    mixer.play(SILENT)
    samples = rendered(mixer, 30_000, RATE // 2)
    assert steepest(samples) < 0.02
    assert not samples[round(QUICK_FADE_S * RATE) + 882 :].any()
    assert mixer.render(60_000, 882) is None


def test_the_newest_of_many_changes_is_what_sounds_in_the_end() -> None:
    mixer = playing(Plan((voice(pcm_of(TONE), 0),)))
    for gain in (0.9, 0.1, 0.5):
        mixer.play(Plan((voice(pcm_of(TONE), 0, None, gain),)))
        rendered(mixer, 0, 882)
    samples = rendered(mixer, 10_000, RATE)
    assert steepest(samples) < 0.02
    assert abs(float(np.abs(samples[-RATE // 4 :]).max()) - 0.25) < 0.01


def test_the_same_plan_made_anew_changes_no_sample() -> None:
    mixer = playing(Plan((voice(pcm_of(TONE), 0),)))
    before = rendered(mixer, 0, 44_100)
    mixer.play(Plan((voice(pcm_of(TONE), 0),)))
    assert np.abs(rendered(mixer, 0, 44_100) - before).max() < 1e-6


def test_music_is_quietest_under_the_bell_and_back_after_it() -> None:
    start_s = NOON.timestamp()
    tracks = (SetTrack(id="a" * 64, title="Tune", duration_s=30.0, at_s=0.0),)
    music = MusicSet(
        slot="lunch", date=NOON.date(), start_at=NOON, end_at=NOON.replace(second=30), volume=100, tracks=tracks
    )
    bell = Bell(
        bell="bell", at=NOON.replace(second=10), track=Track(id="b" * 64, title="chime", duration_s=2.0), duck_db=-20.0
    )
    loud = Pcm(Path("a.pcm"), np.full((RATE * 30, 2), 16_384, dtype=np.int16))
    mute = Pcm(Path("b.pcm"), np.zeros((RATE * 2, 2), dtype=np.int16))
    plan = build_plan(
        programme_of(music, bells=(bell,)), None, None, start_s, lambda track: loud if track[0] == "a" else mute
    )
    mixer = playing(plan)
    level = [float(rendered(mixer, frame_at(start_s + second), 10)[0, 0]) for second in (9, 10.5, 11.5, 13)]
    assert np.allclose(level, [0.5, 0.05, 0.05, 0.5], atol=1e-3)
    samples = rendered(mixer, frame_at(start_s + 9.5), RATE)
    assert steepest(samples) < 1e-3


def test_a_set_stops_on_time() -> None:
    music = MusicSet(
        slot="lunch", date=NOON.date(), start_at=NOON, end_at=NOON.replace(second=20), volume=100, fade_out_s=5.0,
        tracks=(SetTrack(id="a" * 64, title="Tune", duration_s=30.0, at_s=0.0),),
    )  # fmt: skip
    loud = Pcm(Path("a.pcm"), np.full((RATE * 30, 2), 16_384, dtype=np.int16))
    plan = build_plan(programme_of(music), None, None, NOON.timestamp(), lambda _: loud)
    end = frame_at(NOON.timestamp() + 20)
    samples = rendered(playing(plan), end - RATE, RATE * 2)
    assert not samples[RATE:].any()
    assert np.all(np.diff(samples[:RATE, 0]) <= 1e-6)
    assert abs(float(samples[0, 0]) - 0.1) < 0.001
    assert float(samples[RATE - 1, 0]) < 0.001


def test_staff_and_missing_sound_make_the_plan_silent() -> None:
    music = MusicSet(
        slot="lunch", date=NOON.date(), start_at=NOON, end_at=NOON.replace(second=20), volume=100,
        tracks=(SetTrack(id="a" * 64, title="Tune", duration_s=30.0, at_s=0.0),),
    )  # fmt: skip
    loud = Pcm(Path("a.pcm"), np.full((RATE * 30, 2), 16_384, dtype=np.int16))
    programme, now_s = programme_of(music), NOON.timestamp() + 5
    silence = Silence(on=True, by="s.okoro", at=NOON)
    hold = Hold(mute=True, by="s.okoro", at=NOON, until=NOON.replace(second=10))
    assert build_plan(programme, None, None, now_s, lambda _: loud).voices
    assert not build_plan(programme, None, silence, now_s, lambda _: loud).voices
    assert not build_plan(programme, hold, None, now_s, lambda _: loud).voices
    assert not build_plan(programme, None, None, now_s, lambda _: None).voices
    assert not build_plan(None, None, None, now_s, lambda _: loud).voices
    assert build_plan(programme, hold, None, now_s + 6, lambda _: loud).voices


def test_a_track_in_two_halves_is_found_by_the_newest_voice() -> None:
    first, second = voice(pcm_of(TONE), 0), voice(pcm_of(TONE), 40_000)
    second = dataclasses.replace(second, label=Label("2026-11-23/lunch", "b" * 64, "Next"))
    bell = dataclasses.replace(voice(pcm_of(TONE), 41_000), label=Label("", "c" * 64, "chime"))
    plan = Plan((first, second, bell))
    found = plan.sounding(45_000)
    assert found is second
    assert plan.sounding(200_000) is None


def test_the_word_of_staff_ends_all_sound_within_a_short_ramp_and_lets_it_come_back() -> None:
    mixer = playing(Plan((voice(pcm_of(TONE), 0),)))
    mixer.play(Plan((voice(pcm_of(TONE), 0, None, 0.5),)))  # a change on its way does not hold it up
    mixer.mute(True)
    samples = rendered(mixer, 30_000, RATE // 4)
    fade = round(MUTE_FADE_S * RATE)
    assert steepest(samples) < 0.02
    assert np.abs(samples[:100]).max() > 0.05
    assert not samples[fade + 1 :].any()
    assert mixer.render(45_000, 882) is None
    mixer.mute(False)
    back = rendered(mixer, 46_000, RATE // 4)
    assert steepest(back) < 0.02
    assert np.abs(back[:50]).max() < 0.02
    assert np.abs(back[fade:]).max() == pytest.approx(0.25, abs=0.01)


def test_no_sum_of_sounds_passes_the_limit_of_the_zone() -> None:
    loud = voice(pcm_of(TONE), 0)
    plan = Plan((loud, voice(pcm_of(TONE[:22_050]), 11_025)), ceiling=0.55)
    mixer = Mixer()
    mixer.play(plan, fade_s=1 / RATE)
    samples = rendered(mixer, 0, RATE)
    assert np.abs(samples).max() <= 0.55 + 1e-6
    assert np.abs(samples[1_000:11_000]).max() == pytest.approx(0.5, abs=0.001), "one tone alone is not touched"
    assert np.abs(samples[12_000:33_000]).max() > 0.5, "and two are held, not silenced"
    assert steepest(samples) < 0.05
    assert np.abs(samples[34_000:35_000]).max() < 0.5, "it comes back slowly"


def test_a_limit_of_nothing_is_silence() -> None:
    mixer = Mixer()
    mixer.play(Plan((voice(pcm_of(TONE), 0),), ceiling=0.0), fade_s=1 / RATE)
    assert not rendered(mixer, 0, RATE // 2).any()


def test_tracks_that_cross_keep_their_loudness() -> None:
    random = np.random.default_rng(5)
    noises = [pcm_of((random.normal(0, 3_000, RATE * 6)).astype(np.int16)) for _ in range(2)]
    tracks = tuple(
        SetTrack(id=letter * 64, title=letter, duration_s=6.0, at_s=at_s) for letter, at_s in (("a", 0.0), ("b", 4.0))
    )
    music = MusicSet(
        slot="lunch", date=NOON.date(), start_at=NOON, end_at=NOON + dt.timedelta(seconds=10), volume=100,
        crossfade_s=2.0, tracks=tracks,
    )  # fmt: skip
    pcm = {"a" * 64: noises[0], "b" * 64: noises[1]}
    plan = build_plan(programme_of(music), None, None, NOON.timestamp() + 1, pcm.get)
    assert [voice.label.crossed_s for voice in plan.voices] == [2.0, 0.0]
    mixer = Mixer()
    mixer.play(plan, fade_s=1 / RATE)
    start = frame_at(NOON.timestamp())
    samples = rendered(mixer, start + RATE, RATE * 8)
    levels = [float(np.sqrt(np.mean(samples[n : n + RATE // 4] ** 2))) for n in range(0, RATE * 8, RATE // 4)]
    assert max(levels[1:-1]) / min(levels[1:-1]) < 10 ** (1 / 20), levels


def test_a_track_whose_decoding_is_barely_ahead_waits_rather_than_stutters() -> None:
    track = SetTrack(id="a" * 64, title="a", duration_s=6.0, at_s=0.0)
    music = MusicSet(
        slot="lunch",
        date=NOON.date(),
        start_at=NOON,
        end_at=NOON + dt.timedelta(seconds=6),
        volume=100,
        tracks=(track,),
    )
    decoded = Pcm(Path("a.part"), np.ones((RATE * 3, 2), dtype=np.int16))
    programme = programme_of(music)
    for position_s, voices in ((0.5, 1), (2.0, 0)):
        plan = build_plan(programme, None, None, NOON.timestamp() + position_s, {"a" * 64: decoded}.get)
        assert len(plan.voices) == voices
    whole = dataclasses.replace(decoded, path=Path("a.pcm"))
    assert build_plan(programme, None, None, NOON.timestamp() + 2.0, {"a" * 64: whole}.get).voices
