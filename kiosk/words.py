"""What the kiosk says to children: the same kind words for all, early or late."""

from __future__ import annotations

import datetime as dt
import zlib

KIND_LINES = (
    "We are glad that you are here.",
    "It is good to see you.",
    "Today is better with you in it.",
    "Your class is happy to see you.",
    "Have a lovely day.",
    "You make our class complete.",
)
AGAIN_LINE = "You are checked in. All is well!"


def hello(now: dt.datetime) -> str:
    """The greeting for a local time."""
    if now.hour < 12:
        return "Good morning"
    return "Good afternoon" if now.hour < 17 else "Good evening"


def kind_line(pupil: str, now: dt.datetime) -> str:
    """One of the kind lines: for a pupil the same all day, another one tomorrow."""
    return KIND_LINES[zlib.crc32(f"{pupil}{now.date().isoformat()}".encode()) % len(KIND_LINES)]


def slot_words(slot: str) -> str:
    """A slot's name in words: `drop-off` stays, `wet_break` is for machines only."""
    return slot.replace("_", " ")


def zone_words(zone: str) -> str:
    """A zone's name for people: `playground` is Playground, `hall-east` is Hall east."""
    return zone.replace("-", " ").capitalize()


def filled_words(filled_s: float, slot_s: float) -> str:
    """How much of a slot is filled: `7 of 15 minutes`, for a short slot `40 of 90 seconds`."""
    filled_s = min(filled_s, slot_s)
    if slot_s < 180:
        return f"{filled_s:.0f} of {slot_s:.0f} seconds"
    return f"{filled_s / 60:.0f} of {slot_s / 60:.0f} minutes"


def length_words(duration_s: float) -> str:
    """A track's length: `3 min`, a short one `1½ min` or `56 s`."""
    if duration_s < 59.5:
        return f"{duration_s:.0f} s"
    return "1½ min" if 75 <= duration_s < 105 else f"{round(duration_s / 60)} min"


def until_words(seconds: float) -> str:
    """A time that is left: `40 s`, `12 min`, `2 h`."""
    if seconds < 100:
        return f"{max(0, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"


def class_words(name: str) -> str:
    """A class's name for children: `oak` is Oak, a name with capitals stays as the school wrote it."""
    return name.replace("-", " ").capitalize() if name.islower() else name
