"""The sounds that staff may call for: reading `calls:` of the timetable, and finding its sounds in the library.

Pure. When a call is made, and what it says to speakers, is `calling`.
"""

from __future__ import annotations

from scheduler.fields import PATH, VOLUME, Fields, Problems, number, shown
from scheduler.strict_yaml import Entry, MapNode, ScalarNode
from scheduler.timetable import CallSound, Timetable
from scheduler.tracks import Library, LibraryTrack

MOST_CALLS = 100
"""As many as a programme carries (`wire.programme.Programme.calls`)."""
LONGEST_CALL_S = 600.0
"""Speakers take no longer sound for a call (`devices.sense`)."""
_EXAMPLE = "{lunch: calls/lunch.ogg}"
_EXAMPLE_CALL = "calls/lunch.ogg, or {sound: calls/lunch.ogg, duck_db: -18, volume: 60}"


def read_calls(top: Fields, problems: Problems) -> dict[str, CallSound]:
    """The calls by name; what is wrong is noted, and a file without the section has none."""
    entry = top.node.get("calls")
    fields = Fields.of(entry.value, "calls", problems, example=_EXAMPLE) if entry is not None else None
    if fields is None:
        return {}
    fields.names()
    if len(fields.entries) > MOST_CALLS:
        fields.wrong(None, f"{len(fields.entries)} calls; should be {MOST_CALLS} at most")
    read = ((one.key, _read_call(one, problems)) for one in fields.entries)
    return {name: call for name, call in read if call is not None}


def _read_call(entry: Entry, problems: Problems) -> CallSound | None:
    path = f"calls.{entry.key}"
    if isinstance(entry.value, ScalarNode) and entry.value.value is not None:
        single = Fields(MapNode(entry.at, (entry,), ()), "calls", problems)
        sound = single.get(entry.key, PATH, None)
        return CallSound(entry.key, sound) if sound is not None else None
    if not isinstance(entry.value, MapNode):
        problems.add(entry.value.at, path, f"{shown(entry.value)}; should be a path such as {_EXAMPLE_CALL}")
        return None
    fields = Fields(entry.value, path, problems)
    fields.only("sound", "duck_db", "volume")
    sound = fields.need("sound", PATH)
    duck_db = fields.get("duck_db", number(-60, 0, "decibels"), CallSound.duck_db)
    volume = fields.get("volume", VOLUME, None)
    return CallSound(entry.key, sound, volume, duck_db) if sound is not None else None


def call_tracks(timetable: Timetable, library: Library) -> tuple[LibraryTrack, ...]:
    """The sounds of all calls that can be played, each once, in the order of the file."""
    calls = (call for call in timetable.calls.values() if not_callable(library, call) is None)
    sounds = (library.by_path(call.sound) for call in calls)
    return tuple({sound.id: sound for sound in sounds if sound is not None}.values())


def not_callable(library: Library, call: CallSound) -> str | None:
    """Why a call cannot be made, in a sentence for staff, or None when its sound can be played."""
    sound = library.by_path(call.sound)
    if sound is None:
        return f"{call.sound} was not scanned or cannot be played, so it cannot be called; run: unmissable music scan"
    if library.named_sound(call.sound) is None:
        return f"{call.sound} is marked explicit; an adult approves it by name: unmissable music approve {call.sound}"
    if sound.duration_s > LONGEST_CALL_S:
        return f"{call.sound} is {sound.duration_s / 60:.0f} minutes long; should be {LONGEST_CALL_S / 60:.0f} at most"
    return None
