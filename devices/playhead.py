"""What should sound in a zone at an instant: a pure function of programme, hold, silence and instant.

Highest first: silence, a mute hold, a call, a bell, the set.
No clock, no files, no sound: `plan` turns the same spans into frames, `mixer` into samples.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TypeVar

from devices.levels import amplitude, bell_volume, duck_envelopes, limited_gain_db, product_at, set_envelope
from wire.programme import Bell, Call, MusicSet, Programme, SetTrack
from wire.states import Hold, Silence

_Over = TypeVar("_Over", Bell, Call)


class Why(StrEnum):
    """Which rule decided what sounds."""

    NO_PROGRAMME = "no-programme"
    OUT_OF_DATE = "out-of-date"
    SILENCE = "silence"
    MUTE = "mute"
    CALL = "call"
    BELL = "bell"
    SET = "set"
    NOTHING = "nothing"


@dataclasses.dataclass(frozen=True)
class TrackSpan:
    """Where a track of a set sounds, in Unix seconds: cut by the set's end, the next track and the validity.

    `start_s` is the instant of the track's first frame; it fades in over `rise_s` and out over `fall_s` where it
    overlaps its neighbours.
    """

    music: MusicSet
    track: SetTrack
    start_s: float
    end_s: float
    rise_s: float
    fall_s: float


@dataclasses.dataclass(frozen=True)
class Playhead:
    """What sounds at one instant; `amplitude` counts every gain and fade, `next_change` is when to look again."""

    why: Why
    music: MusicSet | None = None
    track: SetTrack | None = None
    offset_s: float = 0.0
    amplitude: float = 0.0
    bell: Bell | None = None
    bell_offset_s: float = 0.0
    bell_amplitude: float = 0.0
    call: Call | None = None
    call_offset_s: float = 0.0
    call_amplitude: float = 0.0
    volume: int | None = None
    next_change: dt.datetime | None = None


def track_spans(music: MusicSet, valid_until_s: float) -> Iterator[TrackSpan]:
    """The spans of a set's tracks in order; tracks behind the set's end have none."""
    set_start_s = music.start_at.timestamp()
    set_end_s = min(music.end_at.timestamp(), valid_until_s)
    rise_s = 0.0
    for number, track in enumerate(music.tracks):
        start_s = set_start_s + track.at_s
        end_s = min(start_s + track.duration_s, set_end_s)
        fall_s = 0.0
        if number + 1 < len(music.tracks):
            next_s = set_start_s + music.tracks[number + 1].at_s
            overlap_s = max(0.0, end_s - next_s)
            fall_s = min(overlap_s, music.crossfade_s)
            end_s = min(end_s, next_s + fall_s)
        if end_s > start_s:
            yield TrackSpan(music, track, start_s, end_s, rise_s, fall_s)
        rise_s = fall_s


def hold_in_force(hold: Hold | None, now: dt.datetime) -> Hold | None:
    """The hold, unless it has expired."""
    return hold if hold is not None and now < hold.until else None


def set_volume(programme: Programme, music: MusicSet, hold: Hold | None) -> int:
    """The volume of a set under a hold that is in force, within the zone's limit."""
    volume = music.volume if hold is None or hold.volume is None else hold.volume
    return min(volume, programme.limit)


def playhead(
    programme: Programme | None,
    hold: Hold | None,
    silence: Silence | None,
    now: dt.datetime,
    calls: Sequence[Call] = (),
) -> Playhead:
    """What sounds at an instant."""
    if silence is not None and silence.on:
        return Playhead(Why.SILENCE, volume=0)
    if programme is None:
        return Playhead(Why.NO_PROGRAMME)
    if now >= programme.valid_until:
        return Playhead(Why.OUT_OF_DATE)
    held = hold_in_force(hold, now)
    if held is not None and held.mute:
        return Playhead(Why.MUTE, volume=0, next_change=held.until)
    change = _next_change(programme, held, now, calls)
    now_s = now.timestamp()
    found = Playhead(Why.NOTHING, next_change=change)
    span = _sounding(programme, now_s)
    if span is not None:
        volume = set_volume(programme, span.music, held)
        level = amplitude(limited_gain_db(volume, span.track.gain_db, programme.limit))
        level *= set_envelope(span.music, programme.valid_until.timestamp()).at(now_s)
        level *= product_at(duck_envelopes((*programme.bells, *calls)), now_s)
        found = dataclasses.replace(
            found, why=Why.SET, music=span.music, track=span.track, offset_s=now_s - span.start_s, amplitude=level,
            volume=volume,
        )  # fmt: skip
    elif (music := _streaming(programme, now_s)) is not None:
        volume = set_volume(programme, music, held)
        found = dataclasses.replace(found, why=Why.SET, music=music, volume=volume)
    bell = _newest(programme.bells, now_s)
    if bell is not None:
        level = _level_over(programme, bell) * product_at(duck_envelopes(calls), now_s)
        found = dataclasses.replace(
            found, why=Why.BELL, bell=bell, bell_offset_s=now_s - bell.at.timestamp(), bell_amplitude=level
        )
    call = _newest(calls, now_s)
    if call is not None:
        found = dataclasses.replace(
            found,
            why=Why.CALL,
            call=call,
            call_offset_s=now_s - call.at.timestamp(),
            call_amplitude=_level_over(programme, call),
        )
    return found


def _level_over(programme: Programme, one: Bell | Call) -> float:
    volume = bell_volume(programme, one.volume)
    return amplitude(limited_gain_db(volume, one.track.gain_db, programme.limit))


def _streaming(programme: Programme, now_s: float) -> MusicSet | None:
    """The set with a live stream that is on, where none of its tracks would sound."""
    on = (one for one in programme.sets if one.start_at.timestamp() <= now_s < one.end_at.timestamp())
    return next((music for music in on if music.stream is not None), None)


def _sounding(programme: Programme, now_s: float) -> TrackSpan | None:
    newest: TrackSpan | None = None
    for music in programme.sets:
        if music.start_at.timestamp() <= now_s < music.end_at.timestamp():
            for span in track_spans(music, programme.valid_until.timestamp()):
                if span.start_s <= now_s < span.end_s:
                    newest = span
    return newest


def _newest(sounds: Iterable[_Over], now_s: float) -> _Over | None:
    """The bell or call that sounds at an instant, the newest of several."""
    sounding = [one for one in sounds if 0 <= now_s - one.at.timestamp() < one.track.duration_s]
    return max(sounding, key=lambda one: one.at, default=None)


def _next_change(programme: Programme, held: Hold | None, now: dt.datetime, calls: Sequence[Call]) -> dt.datetime:
    instants = [programme.valid_until]
    if held is not None:
        instants.append(held.until)
    for music in programme.sets:
        instants += [music.start_at, music.end_at]
        if music.start_at <= now < music.end_at:
            for span in track_spans(music, programme.valid_until.timestamp()):
                instants += [_instant(span.start_s), _instant(span.end_s)]
    over: list[Bell | Call] = [*programme.bells, *calls]
    for one in over:
        instants += [one.at, one.at + dt.timedelta(seconds=one.track.duration_s)]
    return min(instant for instant in instants if instant > now)


def _instant(unix_s: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(unix_s, dt.UTC)
