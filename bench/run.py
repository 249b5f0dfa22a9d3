"""What every part of a run shares: its folder, its processes, the sound server, the music, how many starts."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import click

from bench.children import Children
from bench.music import Tunes
from tests.sound import PrivatePulse


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of the bench; `notes` gathers raw figures for who wants to look closer."""

    folder: Path
    started: Children
    pulse: PrivatePulse
    tunes: Tunes
    starts: int
    begun_unix_s: float = dataclasses.field(default_factory=time.time)
    notes: dict[str, object] = dataclasses.field(default_factory=dict)

    def say(self, words: str) -> None:
        """A line of progress."""
        click.echo(f"[{time.time() - self.begun_unix_s:5.0f} s] {words}")

    def place(self, name: str) -> Path:
        """A folder of a part's own."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder
