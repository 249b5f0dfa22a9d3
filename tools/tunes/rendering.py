"""From a tune to samples: the players' timing, the mix in a room, the levelled master. Nothing is left to luck."""

import zlib
from dataclasses import dataclass, field

import numpy as np

from .arrangement import Stroke, play_part
from .instruments import INSTRUMENTS
from .loudness import level
from .percussion import BEDS, DRUMS
from .score import Beat, Lead, Part, Tune
from .sound import RATE, Samples, fade_tail, fast_size, in_decibels, moments, ramp_in, shape_spectrum

LEAD_IN_S = 0.06
TAIL_S = 6.0
SILENT = 10 ** (-58 / 20)
"""Below this level the last sound counts as gone."""


def chance(*words: object) -> np.random.Generator:
    """A source of chance that depends on the words alone."""
    return np.random.default_rng(zlib.crc32(" ".join(map(str, words)).encode()))


def swung(beat: float, share: float, unit_beats: float) -> float:
    """The beat with the first half of each unit stretched to `share` of it."""
    whole, part = divmod(beat / unit_beats, 1.0)
    part = part * 2 * share if part < 0.5 else share + (part - 0.5) * 2 * (1 - share)
    return (whole + part) * unit_beats


@dataclass(frozen=True)
class TempoMap:
    """The seconds of every beat of a tune, on a fine grid."""

    seconds: Samples
    steps_per_beat: int = 48

    @classmethod
    def of(cls, tune: Tune) -> "TempoMap":
        """The map of a tune: its tempo, slower towards the end of the passages that slow down."""
        lengths: list[Samples] = []
        for passage in tune.passages:
            steps = tune.bars(passage.section) * tune.beats_per_bar * cls.steps_per_beat
            pace = np.linspace(1.0, passage.slow_to, steps)
            lengths.append(60 / tune.bpm / cls.steps_per_beat / pace)
        return cls(np.concatenate([[0.0], np.cumsum(np.concatenate(lengths))]))

    def at(self, beat: float) -> float:
        """The second in which a beat falls."""
        return float(np.interp(beat * self.steps_per_beat, np.arange(self.seconds.size), self.seconds))


@dataclass
class Studio:
    """One tune's recording: a dry and a wet stereo track, and the sounds already made for it."""

    tune: Tune
    tempo: TempoMap
    dry: Samples
    wet: Samples
    made: dict[tuple[object, ...], Samples] = field(default_factory=dict)

    def sound_of(self, part: Part, stroke: Stroke, seconds: float, take: int) -> Samples:
        """The sound of a stroke; like strokes share one, with some different takes of each drum."""
        velocity = max(0.1, round(stroke.velocity * 12) / 12)
        if isinstance(part, Beat):
            key: tuple[object, ...] = (part.drum, velocity, take)
            if key not in self.made:
                self.made[key] = DRUMS[part.drum](velocity, chance(*key))
            return self.made[key]
        assert stroke.midi is not None
        key = (part.instrument, stroke.midi, round(seconds, 2), velocity, take)
        if key not in self.made:
            hz = 440 * 2 ** ((stroke.midi - 69) / 12)
            self.made[key] = INSTRUMENTS[part.instrument](hz, max(0.05, round(seconds, 2)), velocity, chance(*key))
        return self.made[key]

    def lay(self, sound: Samples, at_s: float, pan: float, gain: float, wet: float) -> None:
        """Add one sound to the tracks, at equal power between left and right."""
        start = int((at_s + LEAD_IN_S) * RATE)
        sound = sound[: self.dry.shape[1] - start]
        angle = (pan + 1) * np.pi / 4
        for channel, side in enumerate((np.cos(angle), np.sin(angle))):
            self.dry[channel, start : start + sound.size] += gain * side * sound
            self.wet[channel, start : start + sound.size] += gain * side * wet * sound

    def record(self, part: Part) -> None:
        """Play a part through the whole tune with a human's small errors of time and strength."""
        looseness_s = 0.007 if isinstance(part, Lead) else 0.003 if isinstance(part, Beat) else 0.005
        gain = in_decibels(part.place.gain_db)
        sides = (-part.place.width, part.place.width) if part.place.width else (part.place.pan,)
        for take, pan in enumerate(sides):
            rng = chance(self.tune.slug, part.name, take)
            first_beat = 0
            for passage in self.tune.passages:
                strokes = play_part(self.tune, part, passage) if part.name in passage.play.split() else []
                for number, stroke in enumerate(strokes):
                    error_s = looseness_s * float(np.clip(rng.standard_normal(), -2, 2))
                    strength = 1 + 0.05 * float(np.clip(rng.standard_normal(), -2, 2))
                    beat = first_beat + swung(stroke.beat, self.tune.swing, self.tune.swing_beats)
                    at_s = self.tempo.at(beat)
                    seconds = self.tempo.at(beat + stroke.beats) - at_s
                    variant = 10 * take + (number % 3 if isinstance(part, Beat) else 0)
                    sound = self.sound_of(part, stroke, seconds, variant)
                    self.lay(sound, max(0.0, at_s + stroke.delay_s + error_s), pan, gain * strength, part.place.wet)
                first_beat += self.tune.bars(passage.section) * self.tune.beats_per_bar


def room(seconds: float) -> Samples:
    """A room's answer to a click: some early walls, then a tail whose treble dies first. Two channels."""
    rng = chance("room", seconds)
    t = moments(seconds * 1.3)
    noise = rng.standard_normal((2, t.size))
    low = shape_spectrum(noise, 180, 1600) * np.exp(-6.9 * t / seconds)
    high = shape_spectrum(noise, 1600, 6500) * np.exp(-6.9 * t / (0.55 * seconds))
    tail = (low + high) * ramp_in(t, 0.035)
    tail /= np.sqrt(np.sum(tail**2, axis=1, keepdims=True))
    for delay_s, strength, side in ((0.011, 0.3, 0), (0.017, 0.26, 1), (0.023, 0.2, 0), (0.031, 0.17, 1)):
        tail[side, int(delay_s * RATE)] += strength
    return fade_tail(tail, 0.1)


def convolve(sound: Samples, answer: Samples) -> Samples:
    """The sound in the room, as long as the sound."""
    size = fast_size(sound.shape[1] + answer.shape[1])
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(answer, size)
    return np.asarray(np.fft.irfft(spectrum, size)[:, : sound.shape[1]])


def trim(sound: Samples) -> Samples:
    """The sound up to the end of its last audible decay, faded out."""
    loud = np.flatnonzero(np.max(np.abs(sound), axis=0) > SILENT)
    end = min(sound.shape[1], int(loud[-1]) + int(0.25 * RATE))
    return fade_tail(sound[:, :end], 0.8)


def render(tune: Tune) -> Samples:
    """The finished tune: two channels at `RATE`, about -18 LUFS."""
    tempo = TempoMap.of(tune)
    length = int((LEAD_IN_S + tempo.seconds[-1] + TAIL_S) * RATE)
    studio = Studio(tune, tempo, np.zeros((2, length)), np.zeros((2, length)))
    for part in tune.parts:
        studio.record(part)
    mix = studio.dry + convolve(studio.wet, room(tune.room_s))
    # No rumble for small loudspeakers to struggle with, and no edge on top.
    mix = level(shape_spectrum(mix, 32, 15000))
    if tune.bed is not None:
        bed_s = tempo.seconds[-1] + 2.5
        bed = BEDS[tune.bed](bed_s, chance(tune.slug, tune.bed))
        mix[:, : bed.shape[1]] += bed
    return trim(level(mix))
