"""One day explained: what will play, when and why, for programs (as on the wire) and for people (as text).

It says what the programmes say, as both are made from the same plan. What prints it is the command's matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from scheduler.calendar import LOOK_AHEAD_DAYS
from scheduler.errors import UnknownZone
from scheduler.fields import nearest
from scheduler.instants import wall_clock
from scheduler.plan import PlannedBell, PlannedDay, PlannedSet, Planner
from scheduler.programme import music_set, zone_volume
from scheduler.timetable import Timetable, Zone
from wire.requests import DayAnswer


def plan_day(planner: Planner, date: dt.date, today: dt.date) -> PlannedDay:
    """The plan of a date: what today's programme holds for it, or for a date that it does not reach, its own alone.

    The planner's as-run log is that of today, as it was at 03:00.
    """
    if today <= date < today + dt.timedelta(days=LOOK_AHEAD_DAYS):
        for day in planner.plan(today):
            if day.resolved.date == date:
                return day
    return planner.plan(date)[0]


def explain_day(timetable: Timetable, day: PlannedDay, zone: str | None = None) -> DayAnswer:
    """The day of every zone or of one, each set as on the wire; raises UnknownZone."""
    return DayAnswer(
        date=day.resolved.date,
        day=day.resolved.day,
        rule=day.resolved.rule[:300],
        zones={
            each.name: tuple(music_set(each, planned).model_dump(mode="json") for planned in _sets(day, each))
            for each in _zones(timetable, zone)
        },
    )


def day_text(timetable: Timetable, day: PlannedDay, zone: str | None = None) -> str:
    """The day of every zone or of one as people read it, times as the school's clocks show them; raises UnknownZone."""
    zones = _zones(timetable, zone)
    resolved = day.resolved
    lines = [f"{resolved.date:%A} {resolved.date.day} {resolved.date:%B %Y}: {resolved.day} ({_plain(resolved.rule)})"]
    if resolved.alert is not None:
        lines.append(f"No music: {resolved.alert}.")
    for each in zones:
        lines += ["", each.name, *(_zone_lines(timetable, day, each) or ["  silent all day"])]
    return "\n".join(lines) + "\n"


def _zones(timetable: Timetable, zone: str | None) -> list[Zone]:
    if zone is None:
        return list(timetable.zones.values())
    if zone not in timetable.zones:
        raise UnknownZone(f"zone {zone!r} is not in the timetable; {nearest(zone, timetable.zones)}")
    return [timetable.zones[zone]]


def _sets(day: PlannedDay, zone: Zone) -> list[PlannedSet]:
    return [planned for planned in day.sets if zone.name in planned.slot.zones]


def _zone_lines(timetable: Timetable, day: PlannedDay, zone: Zone) -> list[str]:
    """The sets and bells of a zone in the order of time."""
    timed: list[tuple[dt.datetime, list[str]]] = [
        (planned.start_at, list(_set_lines(timetable, planned, zone))) for planned in _sets(day, zone)
    ]
    bells = [bell for bell in day.bells if zone.name in bell.bell.zones]
    timed += [(bell.at, [_bell_line(timetable, bell, zone)]) for bell in bells]
    return [line for _, lines in sorted(timed, key=lambda each: each[0]) for line in lines]


def _set_lines(timetable: Timetable, planned: PlannedSet, zone: Zone) -> Iterator[str]:
    timezone = timetable.timezone
    times = f"{wall_clock(planned.start_at, timezone)} to {wall_clock(planned.end_at, timezone)}"
    volume = zone_volume(zone, planned.slot.volume)
    yield f"  {times}  {planned.slot.name}, volume {volume}, {_source(timetable, planned)}"
    if planned.stream is not None:
        yield f"    stream {planned.stream}; should it fail, these:"
    if not planned.tracks:
        yield f"    silence: playlist {planned.slot.playlist} has no approved track"
    for placed in planned.tracks:
        starts = wall_clock(planned.start_at + dt.timedelta(seconds=placed.at_s), timezone)
        by = f" · {_plain(placed.track.artist)}" if placed.track.artist.strip() else ""
        picked = "  (DJ's pick)" if placed.picked else ""
        yield f"    {starts}  {_plain(placed.track.title)}{by}  {_length(placed.track.duration_s)}{picked}"


def _source(timetable: Timetable, planned: PlannedSet) -> str:
    """Where a set's music comes from, and whose it is."""
    picks = sum(placed.picked for placed in planned.tracks)
    playlist = timetable.playlists[planned.slot.playlist]
    source = f"playlist {planned.slot.playlist}"
    if playlist.stream is not None and planned.stream is None:
        source = f"playlist {playlist.fallback} in place of the stream {playlist.name}"
    if picks:
        named = f"School DJ {_plain(planned.dj)}" if planned.dj else "School DJ"
        return f"{named}: {picks} picked, then {source}"
    return f"{source}, no School DJ's pick" if planned.slot.dj else source


def _bell_line(timetable: Timetable, planned: PlannedBell, zone: Zone) -> str:
    at = wall_clock(planned.at, timetable.timezone)
    sound = planned.bell.sound if planned.sound is not None else f"silent, {planned.bell.sound} is not in the library"
    return f"  {at}  bell {planned.bell.name}, volume {zone_volume(zone, planned.bell.volume)}, {_plain(sound)}"


def _length(duration_s: float) -> str:
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes}:{seconds:02}"


def _plain(text: str) -> str:
    """A text from a file's tags without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text).strip()
