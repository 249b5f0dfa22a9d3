"""The rehearsal's school on disk: its music, its timetable, its speakers enrolled."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
from pathlib import Path

from unmissable.first_school import library
from unmissable.places import Places
from wire.enrolment import Enrolled, Enrolment
from wire.requests import Role

from .story import BELL_S, SITE, ZONES, Story

KINDS = {
    "flac": (),
    "mp3": ("-b:a", "64k"),
    "ogg": ("-c:a", "libvorbis", "-q:a", "0"),
    "m4a": ("-c:a", "aac", "-b:a", "64k"),
    "opus": ("-c:a", "libopus", "-b:a", "64k"),
}
"""How ffmpeg makes each kind of file."""


@dataclasses.dataclass(frozen=True)
class School:
    """Where it is, and the zone of each speaker, the whole ones first."""

    places: Places
    zones: dict[str, str]
    whole: tuple[str, ...]


def make_school(folder: Path, story: Story, speakers: int, whole: int) -> School:
    """Make it all: `speakers` rooms, so many of which are whole."""
    places = Places(folder / "config")
    places.make_state()
    _make_music(places.config, story)
    zones = {f"room-{number:02}": zone for number, zone in zip(range(1, speakers + 1), itertools.cycle(ZONES))}
    _enrolment(zones).save(places.enrolment)
    library(places, [str(places.config / "music"), str(places.config / "bells")], "soak")
    places.schedule.write_text(story.timetable(), encoding="utf-8")
    return School(places, zones, tuple(zones)[:whole])


def _enrolment(zones: dict[str, str]) -> Enrolment:
    users = [
        Enrolled(user="scheduler", role=Role.SCHEDULER),
        Enrolled(user="office", role=Role.OFFICE),
        Enrolled(user="desk", role=Role.STAFF),
        *(Enrolled(user=speaker, role=Role.SPEAKER, zone=zone) for speaker, zone in zones.items()),
    ]
    return Enrolment(site=SITE, users=tuple(users))


def _make_music(config: Path, story: Story) -> None:
    """Square waves, each of a pitch and a length of its own: loud from the first sample to the last."""
    shortest_s, longest_s = story.hours.track_s
    (config / "music").mkdir(parents=True)
    (config / "bells").mkdir()
    _tone(config / "bells" / "chime.flac", 660, BELL_S)
    for number, kind in zip(range(story.hours.tracks), itertools.cycle(KINDS)):
        length_s = shortest_s + (longest_s - shortest_s) * number / max(1, story.hours.tracks - 1)
        path = config / "music" / f"tune{number:02}.{kind}"
        tags = ("-metadata", f"title=Tune {number:02}", "-metadata", f"artist=Band {number % 7}")
        _tone(path, 220 + 20 * number, length_s, *KINDS[kind], *tags)


def _tone(path: Path, pitch_hz: int, length_s: float, *options: str) -> None:
    sound = f"aevalsrc='0.5*sgn(sin(2*PI*{pitch_hz}*(t+0.00001)))':s=44100:d={length_s}"
    command = ["ffmpeg", "-nostdin", "-y", "-loglevel", "error", "-f", "lavfi", "-i", sound, *options, str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
