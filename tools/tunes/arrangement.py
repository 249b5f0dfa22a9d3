"""From a tune's score to strokes: which note each part plays, on which beat, for how long and how strongly."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from .notation import Chord, ChordSpan
from .score import Bass, Beat, Comp, Lead, Part, Passage, Tune

STRENGTH = {"X": 0.95, "x": 0.7, "o": 0.42}


@dataclass(frozen=True)
class Stroke:
    """One sound of one part: its beat in the tune, its length in beats, its pitch (None for a drum), its velocity."""

    beat: float
    beats: float
    midi: int | None
    velocity: float
    delay_s: float = 0.0


def voicings(chord: Chord, low: int, voices: int) -> Iterator[tuple[int, ...]]:
    """All ways to sound the chord's own tones in close position at or above `low`, the most telling tones first."""
    tones = chord.tones
    if len(tones) > voices:  # the bass has the root, and the fifth says least
        tones = tuple(t for i, t in enumerate(tones) if i not in (0, 2))[:voices] if voices < 4 else tones[1:]
        if len(tones) < voices:
            tones = (chord.tones[0], *tones)
    for octaves in product(range(2), repeat=len(tones)):
        chosen = sorted(low + (tone - low) % 12 + 12 * octave for tone, octave in zip(tones, octaves, strict=True))
        if chosen[-1] - chosen[0] <= 16 and min(b - a for a, b in pairwise(chosen)) >= 2:
            yield tuple(chosen)


def voice_chart(chart: tuple[ChordSpan, ...], low: int, voices: int) -> tuple[tuple[int, ...], ...]:
    """A voicing for each chord that moves as little as possible from the one before."""
    centre = low + 6.5
    chosen: list[tuple[int, ...]] = []
    for span in chart:
        before = chosen[-1] if chosen else None

        def effort(notes: tuple[int, ...], before: tuple[int, ...] | None = before) -> float:
            drift = abs(sum(notes) / len(notes) - centre)
            if before is None:
                return drift
            moved = sum(min(abs(n - b) for b in before) for n in notes)
            return moved + 0.5 * drift

        options = list(voicings(span.chord, low, voices))
        chosen.append(min(options, key=effort))
    return tuple(chosen)


def chord_at(chart: tuple[ChordSpan, ...], beat: float) -> int:
    """The index of the chord that sounds on that beat of the section."""
    return max(i for i, span in enumerate(chart) if span.beat <= beat + 1e-6)


def grid(pattern: str, bars: int, beats_per_bar: int) -> tuple[tuple[float, float, str], ...]:
    """The pattern over the section's bars as (beat, beats until the next sign, sign); blanks only help the eye."""
    signs = pattern.replace(" ", "")
    step = beats_per_bar / len(signs)
    onsets = [(i * step, sign) for i, sign in enumerate(signs * bars) if sign != "."]
    ends = [beat for beat, _ in onsets[1:]] + [float(bars * beats_per_bar)]
    return tuple((beat, end - beat, sign) for (beat, sign), end in zip(onsets, ends, strict=True))


def play_lead(tune: Tune, part: Lead, section: str) -> list[Stroke]:
    """The melody with its own dynamics: higher is a little louder, phrases swell and settle, first beats lean."""
    notes = tune.melody(section, part.counter)
    if not notes:
        return []
    middle = sum(n.midi for n in notes) / len(notes)
    length = tune.bars(section) * tune.beats_per_bar
    strokes: list[Stroke] = []
    for note in notes:
        swell = 0.08 * (1 - abs(2 * note.beat / length - 1.1))
        accent = 0.08 if note.beat % tune.beats_per_bar == 0 else 0.03 if note.beat % 1 == 0 else -0.03
        velocity = 0.74 + swell + accent + 0.006 * (note.midi - middle)
        strokes.append(Stroke(note.beat, note.beats * part.legato, note.midi + 12 * part.octave, velocity))
    return strokes


def play_comp(tune: Tune, part: Comp, section: str) -> list[Stroke]:
    """The chords in the part's pattern, each in the voicing nearest to the last."""
    chart = tune.chart(section)
    voiced = voice_chart(chart, part.low, part.voices)
    strokes: list[Stroke] = []
    for beat, until_next, sign in grid(part.pattern, tune.bars(section), tune.beats_per_bar):
        index = chord_at(chart, beat)
        rest = chart[index].beat + chart[index].beats - beat
        beats = min(part.hold_beats or until_next, rest)
        notes = voiced[index] if sign == "*" else (tone_of(voiced[index], int(sign)),)
        velocity = 0.68 if beat % tune.beats_per_bar == 0 else 0.6 if beat % 1 == 0 else 0.54
        strokes += [Stroke(beat, beats, m, velocity, i * part.strum_s) for i, m in enumerate(notes)]
    return strokes


def tone_of(voicing: tuple[int, ...], number: int) -> int:
    """The numbered tone of a voicing, counting on into the next octave."""
    octave, index = divmod(number, len(voicing))
    return voicing[index] + 12 * octave


def play_bass(tune: Tune, part: Bass, section: str) -> list[Stroke]:
    """The bass line: the chord's own bass at each change, the pattern's tone elsewhere."""
    chart = tune.chart(section)
    strokes: list[Stroke] = []
    for beat, until_next, sign in grid(part.pattern, tune.bars(section), tune.beats_per_bar):
        index = chord_at(chart, beat)
        chord = chart[index].chord
        bass = part.low + (chord.bass - part.low) % 12
        if abs(chart[index].beat - beat) < 1e-6 or sign == "R":
            midi = bass
        elif sign == "a":
            following = chart[(index + 1) % len(chart)].chord.bass
            goal = part.low + (following - part.low) % 12
            midi = goal + 1 if strokes and strokes[-1].midi is not None and strokes[-1].midi > goal else goal - 1
        else:
            tone = {"3": chord.tones[1], "5": chord.tones[2], "8": chord.bass}[sign]
            midi = bass + (12 if sign == "8" else (tone - bass) % 12)
        beats = min(part.hold_beats or until_next, until_next)
        strokes.append(Stroke(beat, beats * 0.95, midi, 0.8 if beat % tune.beats_per_bar == 0 else 0.68))
    return strokes


def play_beat(tune: Tune, part: Beat, section: str) -> list[Stroke]:
    """The drum's pattern in every bar."""
    return [
        Stroke(beat, 0.25, None, STRENGTH[sign])
        for beat, _, sign in grid(part.pattern, tune.bars(section), tune.beats_per_bar)
    ]


def play_part(tune: Tune, part: Part, passage: Passage) -> list[Stroke]:
    """The strokes of a part in one passage, from the passage's first beat; transposed, and scaled to its level."""
    match part:
        case Lead():
            strokes = play_lead(tune, part, passage.section)
        case Comp():
            strokes = play_comp(tune, part, passage.section)
        case Bass():
            strokes = play_bass(tune, part, passage.section)
        case Beat():
            strokes = play_beat(tune, part, passage.section)
    if passage.ending and not isinstance(part, Lead):
        strokes = settle(tune, part, passage.section, strokes)
    return [
        Stroke(
            s.beat,
            s.beats,
            None if s.midi is None else s.midi + tune.transpose,
            min(1.0, s.velocity * passage.level),
            s.delay_s,
        )
        for s in strokes
    ]


def settle(tune: Tune, part: Part, section: str, strokes: list[Stroke]) -> list[Stroke]:
    """The same strokes, but the last bar is one long chord: the tune has arrived."""
    last_bar = (tune.bars(section) - 1) * tune.beats_per_bar
    kept = [s for s in strokes if s.beat < last_bar - 1e-6]
    chart = tune.chart(section)
    if isinstance(part, Comp):
        final = voice_chart(chart, part.low, part.voices)[chord_at(chart, last_bar)]
        kept += [Stroke(last_bar, tune.beats_per_bar, m, 0.62, 0.045 * i) for i, m in enumerate(final)]
    elif isinstance(part, Bass):
        root = chart[chord_at(chart, last_bar)].chord.root
        kept.append(Stroke(last_bar, tune.beats_per_bar, part.low + (root - part.low) % 12, 0.75))
    elif any(abs(s.beat - last_bar) < 1e-6 for s in strokes):
        kept.append(Stroke(last_bar, 0.25, None, 0.5))
    return kept
