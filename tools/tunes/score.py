"""What a tune is: its sections as written music, its parts, and the passages in which the parts play the sections."""

from dataclasses import dataclass, field
from typing import TypeAlias

from .notation import ChordSpan, Note, read_chart, read_melody


@dataclass(frozen=True)
class Place:
    """Where a part stands: level, left (-1) to right (1), share of the room, and how far two takes stand apart."""

    gain_db: float = 0.0
    pan: float = 0.0
    wet: float = 0.2
    width: float = 0.0


@dataclass(frozen=True)
class Lead:
    """A part that plays a section's melody, or its counter-melody."""

    name: str
    instrument: str
    place: Place = field(default_factory=Place)
    octave: int = 0
    counter: bool = False
    legato: float = 0.94


@dataclass(frozen=True)
class Comp:
    """A part that plays the chords by a pattern of one bar: a digit is a tone of the voicing, `*` all, `.` none."""

    name: str
    instrument: str
    pattern: str
    place: Place = field(default_factory=Place)
    low: int = 52
    voices: int = 3
    hold_beats: float | None = None
    strum_s: float = 0.0


@dataclass(frozen=True)
class Bass:
    """The bass by a pattern of one bar: `R` root, `3` third, `5` fifth, `8` octave, `a` a step to the next root."""

    name: str
    instrument: str
    pattern: str
    place: Place = field(default_factory=Place)
    low: int = 33
    hold_beats: float | None = None


@dataclass(frozen=True)
class Beat:
    """A drum in a pattern over one bar: `X` strong, `x` middling, `o` soft, `.` nothing."""

    name: str
    drum: str
    pattern: str
    place: Place = field(default_factory=Place)


Part: TypeAlias = Lead | Comp | Bass | Beat


@dataclass(frozen=True)
class Section:
    """Some bars of written music."""

    chart: str
    melody: str = ""
    counter: str = ""


@dataclass(frozen=True)
class Passage:
    """A section as it is played: by which parts (their names), how loudly, whether it slows down and ends the tune."""

    section: str
    play: str
    level: float = 1.0
    slow_to: float = 1.0
    ending: bool = False


@dataclass(frozen=True)
class Tune:
    """A whole tune; `slug` is its file's name and `folder` the playlist folder that it belongs to."""

    slug: str
    folder: str
    title: str
    artist: str
    genre: str
    mood: str
    tonic: str
    bpm: float
    beats_per_bar: int
    sections: dict[str, Section]
    passages: tuple[Passage, ...]
    parts: tuple[Part, ...]
    swing: float = 0.5
    swing_beats: float = 1.0
    transpose: int = 0
    room_s: float = 1.1
    bed: str | None = None

    def chart(self, section: str) -> tuple[ChordSpan, ...]:
        """The chords of a section, as written (before `transpose`)."""
        return read_chart(self.sections[section].chart, self.beats_per_bar)

    def melody(self, section: str, counter: bool = False) -> tuple[Note, ...]:
        """The melody or counter-melody of a section, as written; empty when it has none."""
        written = self.sections[section].counter if counter else self.sections[section].melody
        return read_melody(written, self.beats_per_bar) if written else ()

    def bars(self, section: str) -> int:
        """The bars of a section."""
        return len(self.sections[section].chart.split("|"))
