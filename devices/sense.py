"""Whether a programme or a call makes sense: what a fault or an enemy could put on the broker must not end the sound.

What the models allow but no school's day is (a set that ends before it begins, a century's date, ten thousand sets) is
refused here with a reason; the last good programme stays in force. Pure.
"""

from __future__ import annotations

import datetime as dt
import itertools

from wire.programme import Call, Programme

LONGEST_VALID = dt.timedelta(days=60)
"""The contract has 21 days at the most; a clock that is set wrong on one side may add some."""
LONGEST_SET = dt.timedelta(hours=14)
MOST_SETS = 2_000
MOST_TRACKS = 20_000
MOST_BELLS = 5_000
EARLIEST_CALL = dt.timedelta(hours=1)
LONGEST_CALL_S = 600.0


def nonsense_of(programme: Programme) -> str | None:
    """Why a programme cannot be meant; None for one that can."""
    if len(programme.sets) > MOST_SETS or len(programme.bells) > MOST_BELLS:
        return f"{len(programme.sets)} sets and {len(programme.bells)} bells"
    if sum(len(music.tracks) for music in programme.sets) > MOST_TRACKS:
        return f"more than {MOST_TRACKS} tracks"
    if not _around(programme.made_at, programme.valid_until):
        return f"it would be valid from {programme.made_at:%Y-%m-%d} to {programme.valid_until:%Y-%m-%d}"
    for music in programme.sets:
        if music.end_at <= music.start_at:
            return f"set {music.key} ends before it begins"
        if music.end_at - music.start_at > LONGEST_SET:
            return f"set {music.key} is {(music.end_at - music.start_at).total_seconds() / 3600:.0f} hours long"
        if not _around(programme.made_at, music.start_at):
            return f"set {music.key} is at {music.start_at:%Y-%m-%d %H:%M}"
        if any(one.at_s > other.at_s for one, other in itertools.pairwise(music.tracks)):
            return f"the tracks of set {music.key} are not in order"
    for bell in programme.bells:
        if not _around(programme.made_at, bell.at):
            return f"bell {bell.bell} is at {bell.at:%Y-%m-%d %H:%M}"
    return None


def nonsense_of_call(call: Call, now: dt.datetime) -> str | None:
    """Why a call is not obeyed at an instant; None for one that is."""
    if now > call.valid_until:
        return "it came too late"
    if call.at - now > EARLIEST_CALL or call.valid_until - call.at > EARLIEST_CALL:
        return "it is too far ahead"
    if call.track.duration_s > LONGEST_CALL_S:
        return f"it is {call.track.duration_s:.0f} s long"
    return None


def _around(made_at: dt.datetime, instant: dt.datetime) -> bool:
    return -LONGEST_VALID < instant - made_at < LONGEST_VALID
