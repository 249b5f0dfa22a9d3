"""What a speaker sounded, heard at its output's tap: when sound began and when it ended, in true school time.

Each ear writes one line of JSON for each beginning and end, at once, so that a process that is killed loses nothing.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from devices.pcm import RATE, Frames

GAP_S = 0.1
"""Silence of this length ends a sound; the head that a codec loses is shorter."""
_GAP_FRAMES = round(GAP_S * RATE)


@dataclasses.dataclass(frozen=True)
class Sound:
    """One unbroken sound of a speaker in Unix seconds; `end_s` is None when nobody was left to hear its end."""

    begin_s: float
    end_s: float | None


class Ear:
    """Listens to one speaker; `true_s` tells the true school time of an instant as the speaker believes it to be."""

    def __init__(self, speaker: str, file: TextIO, true_s: Callable[[float], float]) -> None:
        self._speaker = speaker
        self._file = file
        self._true_s = true_s
        self._last_s: float | None = None

    def hear(self, instant_s: float, frames: Frames) -> None:
        """Take in a block."""
        left = frames[:, 0]
        begin_s = self._true_s(instant_s)
        if left.all():
            self._piece(begin_s, begin_s + len(left) / RATE)
            return
        sounding = np.flatnonzero(left)
        if not len(sounding):
            if self._last_s is not None and begin_s + len(left) / RATE - self._last_s > GAP_S:
                self._end()
            return
        for piece in np.split(sounding, np.flatnonzero(np.diff(sounding) > _GAP_FRAMES) + 1):
            self._piece(begin_s + piece[0] / RATE, begin_s + (piece[-1] + 1) / RATE)

    def _piece(self, begin_s: float, end_s: float) -> None:
        if self._last_s is not None and begin_s - self._last_s > GAP_S:
            self._end()
        if self._last_s is None:
            self._say("begin", begin_s)
        self._last_s = end_s

    def _end(self) -> None:
        if self._last_s is not None:
            self._say("end", self._last_s)
        self._last_s = None

    def _say(self, what: str, at_s: float) -> None:
        self._file.write(json.dumps({"speaker": self._speaker, what: at_s}) + "\n")
        self._file.flush()


def sounds_of(path: Path) -> dict[str, list[Sound]]:
    """What each speaker of a file of ears sounded, in order."""
    heard: dict[str, list[Sound]] = {}
    for speaker, line in _lines(path):
        sounds = heard.setdefault(speaker, [])
        if "begin" in line:
            sounds.append(Sound(line["begin"], None))
        else:
            sounds[-1] = dataclasses.replace(sounds[-1], end_s=line["end"])
    return heard


def _lines(path: Path) -> Iterator[tuple[str, dict[str, float]]]:
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        yield line.pop("speaker"), line
