"""The music of a run: one track that never repeats, in every kind of file, and a long one to join late."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

from tests.sound import ENCODERS, Mono, encode, music, write_wav

SHORT_S = 20.0
LONG_S = 300.0
LOSSLESS = "flac"


@dataclasses.dataclass(frozen=True)
class Tune:
    """A track as a programme names it, and the sound that it should give."""

    path: Path
    id: str
    sound: Mono
    duration_s: float

    @property
    def kind(self) -> str:
        """The kind of file, by the end of its name."""
        return self.path.suffix[1:]


@dataclasses.dataclass(frozen=True)
class Tunes:
    """All of a run: the short track by its kind of file, and the long one as FLAC and as WAV."""

    short: dict[str, Tune]
    long: Tune
    long_wav: Tune


def make_tunes(folder: Path) -> Tunes:
    """Make the music in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    short = music(1, SHORT_S)
    wav = write_wav(folder / "short.wav", short)
    kinds = {kind: _tune(encode(wav, kind), short, SHORT_S) for kind in ENCODERS}
    long = music(2, LONG_S)
    long_wav = write_wav(folder / "long.wav", long)
    return Tunes(kinds, _tune(encode(long_wav, LOSSLESS), long, LONG_S), _tune(long_wav, long, LONG_S))


def _tune(path: Path, sound: Mono, duration_s: float) -> Tune:
    return Tune(path, hashlib.sha256(path.read_bytes()).hexdigest(), sound, duration_s)
