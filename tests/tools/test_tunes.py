"""The tunes as written and rendered: bars are full, melodies agree with their chords, rendering repeats itself."""

import numpy as np
import pytest

from tests.tools.test_demo_school import DEMO_SCHOOL, decoded
from tools.tunes.catalogue import TUNES
from tools.tunes.loudness import integrated_lufs, level
from tools.tunes.notation import NotationError, midi_number, pitch_class, read_chart, read_chord, read_melody
from tools.tunes.rendering import render
from tools.tunes.score import Tune
from tools.tunes.sound import RATE

MAJOR = {0, 2, 4, 5, 7, 9, 11}
each_tune = pytest.mark.parametrize("tune", TUNES.values(), ids=TUNES)


def test_a_melody_is_read_in_beats() -> None:
    notes = read_melody("C4:1.5 _:.5 Bb4 | F#5:3", 3)
    assert [(n.beat, n.beats, n.midi) for n in notes] == [(0, 1.5, 60), (2, 1, 70), (3, 3, 78)]


def test_a_bar_that_is_too_short_is_refused_with_its_number() -> None:
    with pytest.raises(NotationError, match=r"bar 2 lasts 2\.0 beats and not 3"):
        read_melody("C4:3 | D4:2", 3)


@pytest.mark.parametrize("symbol", ["H", "Cwrong", "", "C/H"])
def test_an_unknown_chord_is_refused(symbol: str) -> None:
    with pytest.raises(NotationError):
        read_chord(symbol)


def test_a_slash_names_the_bass() -> None:
    chord = read_chord("D/F#")
    assert chord.root == pitch_class("D")
    assert chord.bass == pitch_class("F#")
    assert midi_number("A4") == 69


def test_the_chords_of_a_bar_share_it() -> None:
    assert [(span.beat, span.beats) for span in read_chart("C | F G", 4)] == [(0, 4), (4, 2), (6, 2)]


@each_tune
def test_melodies_fill_their_chart(tune: Tune) -> None:
    for name, section in tune.sections.items():
        for written in filter(None, (section.melody, section.counter)):
            assert len(written.split("|")) == tune.bars(name), name


@each_tune
def test_every_part_named_in_a_passage_exists_and_is_heard(tune: Tune) -> None:
    named = {name for passage in tune.passages for name in passage.play.split()}
    assert named == {part.name for part in tune.parts}


@each_tune
def test_melody_notes_are_of_the_key_or_of_the_chord(tune: Tune) -> None:
    key = {(pitch_class(tune.tonic) + step) % 12 for step in MAJOR}
    for name in tune.sections:
        for counter in (False, True):
            for note in tune.melody(name, counter):
                chord = next(s.chord for s in reversed(tune.chart(name)) if s.beat <= note.beat)
                assert note.midi % 12 in key | set(chord.tones), (name, note)


@each_tune
def test_long_melody_notes_do_not_rub_against_the_chord(tune: Tune) -> None:
    for name in tune.sections:
        for counter in (False, True):
            for note in tune.melody(name, counter):
                chord = next(s.chord for s in reversed(tune.chart(name)) if s.beat <= note.beat)
                rubs = {(tone + 1) % 12 for tone in chord.tones} - set(chord.tones)
                assert note.beats < tune.beats_per_bar / 4 or note.midi % 12 not in rubs, (name, note, chord.symbol)


def test_levelling_meets_the_target_and_the_ceiling() -> None:
    t = np.arange(4 * RATE) / RATE
    tone = np.stack([np.sin(2 * np.pi * 997 * t)] * 2)
    assert integrated_lufs(tone) == pytest.approx(0.0, abs=0.1)  # BS.1770: 997 Hz at full scale on both sides
    spiky = 0.05 * tone
    spiky[:, ::RATE] += 0.9
    levelled = level(spiky)
    assert np.max(np.abs(levelled)) <= 10 ** (-2 / 20)


def test_rendering_a_tune_again_gives_the_committed_file() -> None:
    tune = TUNES["skipping-stones"]
    sound = render(tune)
    committed = decoded(DEMO_SCHOOL / "music" / tune.folder / f"{tune.slug}.ogg").T
    length = min(sound.shape[1], committed.shape[1])
    assert abs(sound.shape[1] - committed.shape[1]) < 0.1 * RATE
    assert np.corrcoef(sound[0, :length], committed[0, :length])[0, 1] > 0.95
