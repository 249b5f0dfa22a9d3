"""What sounds at an instant, by tables and by properties."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.levels import amplitude, limited_gain_db, trapezium
from devices.pcm import RATE, Pcm
from devices.plan import Voice, build_plan, frame_at
from devices.playhead import Why, playhead, track_spans
from tests.devices.conftest import NOON, programme_of
from wire.programme import Bell, MusicSet, Programme, SetTrack, Track
from wire.states import Hold, Silence

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def at(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


def lunch(**more: object) -> MusicSet:
    tracks = (
        SetTrack(id=A, title="Sunrise", duration_s=100.0, at_s=0.0, gain_db=-4.0),
        SetTrack(id=B, title="Moon", duration_s=100.0, at_s=100.0, gain_db=6.0),
    )
    fields: dict[str, object] = {
        "slot": "lunch", "date": NOON.date(), "start_at": NOON, "end_at": at(180.0), "volume": 80,
        "fade_in_s": 4.0, "fade_out_s": 10.0, "tracks": tracks, **more,
    }  # fmt: skip
    return MusicSet.model_validate(fields)


BELL = Bell(bell="end", at=at(60.0), track=Track(id=C, title="chime", duration_s=2.0), duck_db=-20.0, volume=90)
PROGRAMME = programme_of(lunch(), bells=(BELL,), limit=85)
MUTE = Hold(mute=True, at=at(0), until=at(50), by="s.okoro")
QUIET = Hold(volume=20, at=at(0), until=at(50), by="s.okoro")
LOUD = Hold(volume=100, at=at(0), until=at(50), by="s.okoro")
ON = Silence(on=True, by="s.okoro", at=at(0))
LIFTED = Silence(on=False, by="s.okoro", at=at(1))


def db(gain_db: float) -> float:
    return 10 ** (gain_db / 20)


@pytest.mark.parametrize(
    ("seconds", "hold", "silence", "why", "track", "offset_s", "level"),
    [
        (-1, None, None, Why.NOTHING, None, 0.0, 0.0),
        (0, None, None, Why.SET, A, 0.0, 0.0),
        (2, None, None, Why.SET, A, 2.0, db(-14.0) / 2),
        (30, None, None, Why.SET, A, 30.0, db(-14.0)),
        (100, None, None, Why.SET, B, 0.0, db(-7.5)),
        (175, None, None, Why.SET, B, 75.0, db(-7.5) / 2),
        (180, None, None, Why.NOTHING, None, 0.0, 0.0),
        (30, None, LIFTED, Why.SET, A, 30.0, db(-14.0)),
        (30, None, ON, Why.SILENCE, None, 0.0, 0.0),
        (30, MUTE, None, Why.MUTE, None, 0.0, 0.0),
        (61, MUTE, ON, Why.SILENCE, None, 0.0, 0.0),
        (30, QUIET, None, Why.SET, A, 30.0, db(-44.0)),
        (30, LOUD, None, Why.SET, A, 30.0, db(-11.5)),
        (50, MUTE, None, Why.SET, A, 50.0, db(-14.0)),
        (61, None, None, Why.BELL, A, 61.0, db(-34.0)),
    ],
)
def test_what_sounds_at_an_instant(
    seconds: float,
    hold: Hold | None,
    silence: Silence | None,
    why: Why,
    track: str | None,
    offset_s: float,
    level: float,
) -> None:
    head = playhead(PROGRAMME, hold, silence, at(seconds))
    assert head.why is why
    assert (None if head.track is None else head.track.id) == track
    assert head.offset_s == pytest.approx(offset_s)
    assert head.amplitude == pytest.approx(level)


def test_a_bell_rings_over_the_ducked_music_within_the_limit() -> None:
    head = playhead(PROGRAMME, None, None, at(61.5))
    assert (head.bell, head.bell_offset_s) == (BELL, 1.5)
    assert head.bell_amplitude == pytest.approx(db(-7.5))


def test_a_mute_hold_also_mutes_the_bell() -> None:
    hold = MUTE.model_copy(update={"until": at(90)})
    assert playhead(PROGRAMME, hold, None, at(61)).bell is None


def test_without_a_programme_and_past_its_validity_there_is_silence() -> None:
    assert playhead(None, None, None, at(30)).why is Why.NO_PROGRAMME
    assert playhead(PROGRAMME, None, None, PROGRAMME.valid_until).why is Why.OUT_OF_DATE


def test_music_fades_out_where_the_programme_ceases_to_be_valid() -> None:
    programme = PROGRAMME.model_copy(update={"valid_until": at(30)})
    assert playhead(programme, None, None, at(29.99)).amplitude < db(-14.0)
    assert [span.end_s for span in track_spans(programme.sets[0], at(30).timestamp())] == [at(30).timestamp()]


@pytest.mark.parametrize(
    ("seconds", "hold", "next_change_s"),
    [(-5, None, 0), (0, None, 60), (61, None, 62), (62, None, 100), (100, None, 180), (10, MUTE, 50), (10, QUIET, 50)],
)
def test_the_next_change_is_the_next_edge(seconds: float, hold: Hold | None, next_change_s: float) -> None:
    assert playhead(PROGRAMME, hold, None, at(seconds)).next_change == at(next_change_s)


def test_the_last_change_of_all_is_the_end_of_the_validity() -> None:
    assert playhead(PROGRAMME, None, None, at(500)).next_change == PROGRAMME.valid_until


def test_tracks_that_overlap_crossfade_and_without_a_crossfade_the_first_is_cut() -> None:
    tracks = (
        SetTrack(id=A, title="A", duration_s=100.0, at_s=0.0),
        SetTrack(id=B, title="B", duration_s=80.0, at_s=96.0),
    )
    faded = list(track_spans(lunch(tracks=tracks, crossfade_s=4.0), at(900).timestamp()))
    assert [(span.end_s - span.start_s, span.rise_s, span.fall_s) for span in faded] == [(100, 0, 4.0), (80, 4.0, 0)]
    cut = list(track_spans(lunch(tracks=tracks), at(900).timestamp()))
    assert [(span.end_s - span.start_s, span.rise_s, span.fall_s) for span in cut] == [(96, 0, 0), (80, 0, 0)]


def test_slopes_that_do_not_fit_are_shortened_together() -> None:
    envelope = trapezium(0.0, 6.0, 4.0, 8.0)
    assert envelope.at(2.0) == pytest.approx(1.0)
    assert (envelope.at(0.0), envelope.at(6.0), envelope.at(9.0)) == (0.0, 0.0, 0.0)


volumes = st.integers(0, 100)


@given(volume=volumes, gain_db=st.floats(-40, 30), limit=volumes)
def test_no_gain_passes_the_limit(volume: int, gain_db: float, limit: int) -> None:
    level = amplitude(limited_gain_db(volume, gain_db, limit))
    assert level <= (0.0 if limit == 0 or volume == 0 else db((limit - 100) * 0.5) + 1e-9)


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Up to three sets one after the other, of a few tracks each, with bells anywhere."""
    sets: list[MusicSet] = []
    start_s = 0.0
    for number in range(draw(st.integers(0, 3))):
        start_s += draw(st.floats(0, 50))
        length_s = draw(st.floats(1, 60))
        at_s, tracks = 0.0, []
        for track in draw(st.lists(st.sampled_from((A, B, C)), max_size=4)):
            duration_s = draw(st.floats(0.5, 30))
            tracks.append(SetTrack(id=track, title=track[:3], duration_s=duration_s, at_s=at_s, gain_db=3.0))
            at_s += duration_s
        sets.append(
            lunch(
                slot=f"slot-{number}",
                start_at=at(start_s),
                end_at=at(start_s + length_s),
                volume=draw(volumes),
                fade_in_s=draw(st.floats(0, 10)),
                fade_out_s=draw(st.floats(0, 10)),
                tracks=tuple(tracks),
            )
        )
        start_s += length_s
    bells = tuple(
        Bell(bell="bell", at=at(draw(st.floats(0, 150))), track=Track(id=C, title="c", duration_s=2.0))
        for _ in range(draw(st.integers(0, 2)))
    )
    return programme_of(*sets, bells=bells, limit=draw(volumes))


ONES = Pcm(Path("ones.pcm"), np.full((RATE * 31, 2), 16_384, dtype=np.int16))


@given(programme=programmes(), seconds=st.floats(0, 200))
def test_the_plan_sounds_what_the_playhead_says(programme: Programme, seconds: float) -> None:
    now = at(round(seconds, 3))
    head = playhead(programme, None, None, now)
    plan = build_plan(programme, None, None, now.timestamp(), lambda _: ONES)
    frame = frame_at(now.timestamp())
    voices = [one for one in plan.voices if isinstance(one, Voice) and one.first <= frame < one.end]
    block = np.zeros((1, 2), dtype=np.float32)
    for voice in voices:
        if voice.label.set:
            voice.add_to(block, frame)
    # Within a frame of an edge either side is right; each gain is compared where nothing steps.
    edges = [one for one in (head.next_change,) if one is not None]
    if all(abs((edge - now).total_seconds()) > 0.001 for edge in edges) and head.offset_s > 0.001:
        assert float(block[0, 0]) * 2 == pytest.approx(head.amplitude, abs=2e-3)


@given(programme=programmes(), seconds=st.floats(0, 200), volume=volumes)
def test_never_music_outside_a_set_nor_above_the_limit(programme: Programme, seconds: float, volume: int) -> None:
    now = at(seconds)
    hold = Hold(volume=volume, at=NOON, until=at(1000), by="s.okoro")
    head = playhead(programme, hold, None, now)
    inside = any(one.start_at <= now < one.end_at for one in programme.sets)
    assert inside or head.track is None
    assert max(head.amplitude, head.bell_amplitude) <= db((programme.limit - 100) * 0.5) + 1e-9
    assert head.next_change is None or head.next_change > now
