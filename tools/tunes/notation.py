"""The written music: melodies and chord charts as text, and what they mean in notes and beats.

A melody is bars between `|`, tokens between spaces: `E5:1.5` is the note E5 for one and a half beats, `_:1` a rest;
without a length a note lasts one beat. A chart is bars between `|` too; the chords of one bar share it equally:
`Dm7 | G7 C/E`.
"""

import re
from dataclasses import dataclass

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "6": (0, 4, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "m9": (0, 3, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "sus4": (0, 5, 7),
}


class NotationError(ValueError):
    """Written music that cannot be read; the message quotes it."""


@dataclass(frozen=True)
class Note:
    """One note of a melody, its place and length in beats from the section's start."""

    beat: float
    beats: float
    midi: int


@dataclass(frozen=True)
class Chord:
    """One chord: its symbol, its pitch classes from the root up, and the pitch class of the bass."""

    symbol: str
    tones: tuple[int, ...]
    bass: int

    @property
    def root(self) -> int:
        """The root's pitch class."""
        return self.tones[0]


@dataclass(frozen=True)
class ChordSpan:
    """A chord and the beats it lasts."""

    beat: float
    beats: float
    chord: Chord


def pitch_class(name: str) -> int:
    """The pitch class 0-11 of a name such as `Bb` or `F#`."""
    match = re.fullmatch(r"([A-G])([#b]?)", name)
    if match is None:
        raise NotationError(f"{name!r} is no note name: A to G, then # or b or nothing")
    return (SEMITONES[match[1]] + {"#": 1, "b": -1, "": 0}[match[2]]) % 12


def midi_number(name: str) -> int:
    """The MIDI number of a name with its octave such as `C4`, which is 60."""
    letter, octave = name[:-1], name[-1]
    if not octave.isdigit():
        raise NotationError(f"{name!r} has no octave, such as C4")
    accidental = {"#": 1, "b": -1}.get(letter[1:], 0)
    pitch_class(letter)
    return SEMITONES[letter[0]] + accidental + 12 * (int(octave) + 1)


def read_melody(text: str, beats_per_bar: float) -> tuple[Note, ...]:
    """The notes of a melody; a bar whose lengths do not fill it exactly is refused."""
    notes: list[Note] = []
    for number, bar in enumerate(text.split("|")):
        place = 0.0
        for token in bar.split():
            name, _, length = token.partition(":")
            beats = float(length or 1)
            if name != "_":
                notes.append(Note(number * beats_per_bar + place, beats, midi_number(name)))
            place += beats
        if abs(place - beats_per_bar) > 1e-6:
            raise NotationError(f"bar {number + 1} lasts {place} beats and not {beats_per_bar}: {bar.strip()!r}")
    return tuple(notes)


def read_chord(symbol: str) -> Chord:
    """The chord of a symbol such as `F#m7` or `C/E`."""
    upper, _, bass = symbol.partition("/")
    match = re.fullmatch(r"([A-G][#b]?)(.*)", upper)
    if match is None or match[2] not in QUALITIES:
        raise NotationError(f"{symbol!r} is no chord known here: a note name and one of {sorted(QUALITIES)}")
    root = pitch_class(match[1])
    tones = tuple((root + step) % 12 for step in QUALITIES[match[2]])
    return Chord(symbol, tones, pitch_class(bass) if bass else root)


def read_chart(text: str, beats_per_bar: float) -> tuple[ChordSpan, ...]:
    """The chords of a chart with their beats."""
    spans: list[ChordSpan] = []
    for number, bar in enumerate(text.split("|")):
        symbols = bar.split()
        if not symbols:
            raise NotationError(f"bar {number + 1} of the chart {text!r} is empty")
        share = beats_per_bar / len(symbols)
        spans += [ChordSpan(number * beats_per_bar + i * share, share, read_chord(s)) for i, s in enumerate(symbols)]
    return tuple(spans)
