"""What plays where, from what the speakers say of themselves and from the programmes. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from kiosk.school import MusicNow, ZoneMusic
from wire.programme import Calendar, MusicSet, Programme
from wire.states import SpeakerState


def music_now(
    programmes: Mapping[str, Programme],
    speakers: Mapping[str, SpeakerState],
    calendar: Calendar | None,
    now: dt.datetime,
) -> MusicNow:
    """Only what a speaker says that it plays counts as playing; the programmes name its DJ and the next DJ set."""
    zones: dict[str, ZoneMusic] = {}
    for state in speakers.values():
        if not state.online or state.playing is None or state.silent:
            continue
        programme = programmes.get(state.zone)
        found = next((one for one in programme.sets if one.key == state.playing.set), None) if programme else None
        title = state.playing.title or _title(found, state.playing.track)
        zones.setdefault(state.zone, ZoneMusic(state.zone, title, found.dj if found else None))
    return MusicNow(tuple(zones[zone] for zone in sorted(zones, reverse=True)), _next_dj_s(programmes, calendar, now))


def _title(found: MusicSet | None, track: str | None) -> str:
    return next((one.title for one in found.tracks if one.id == track), "") if found else ""


def _next_dj_s(programmes: Mapping[str, Programme], calendar: Calendar | None, now: dt.datetime) -> float | None:
    starts = [one.start_at for programme in programmes.values() for one in programme.sets if one.dj]
    if calendar:
        starts += [slot.start_at for day in calendar.days for slot in day.slots if slot.dj_slot]
    ahead = [(start - now).total_seconds() for start in starts]
    # A set of another day is no news for a foot line.
    return min((left for left in ahead if 0 < left < 12 * 3600), default=None)
