"""Reading `schedule.yaml`: the whole file is checked, every problem noted, and only one without any is a timetable.

This module knows the top of the file; `day_shapes` reads the days, `call_sounds` the calls, `fields` single values,
`strict_yaml` the YAML.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from scheduler.call_sounds import read_calls
from scheduler.day_shapes import read_days
from scheduler.errors import YamlError
from scheduler.fields import (
    ID,
    PATH,
    TEXT,
    TIME,
    TIMEZONE,
    URL,
    VOLUME,
    Fields,
    Kind,
    Problem,
    Problems,
    clock,
    number,
    one_of,
    shown,
)
from scheduler.school_year import read_year
from scheduler.strict_yaml import Entry, MapNode, Mark, Node, ScalarNode, parse
from scheduler.timetable import (
    CLOSED,
    DJ_LOCK_S,
    WEEKDAYS,
    Playlist,
    RegisterHours,
    Registers,
    Timetable,
    Zone,
)

__all__ = ["Problem", "Reading", "parse_timetable", "read_timetable"]

_SECTIONS = (
    "school", "zones", "playlists", "days", "week", "terms", "closed", "bank_holidays", "dates", "registers", "dj",
    "calls",
)  # fmt: skip
_DEFAULT_VOLUME = 70


@dataclasses.dataclass(frozen=True)
class Reading:
    """A timetable, or the problems because of which there is none; problems in the order of the file."""

    timetable: Timetable | None
    problems: tuple[Problem, ...] = ()


def read_timetable(path: Path) -> Reading:
    """The timetable in a file; a file that cannot be read is a problem like any other."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return _unread(path, "there is no such file; `unmissable init FOLDER` makes one")
    except IsADirectoryError:
        return _unread(path, "this is a folder; name the file in it, schedule.yaml")
    except OSError as wrong:
        return _unread(path, f"cannot be read: {wrong.strerror}; should be a file that this user may read")
    return parse_timetable(content, file=str(path), folder=path.parent)


def parse_timetable(content: bytes, *, file: str, folder: Path) -> Reading:
    """The timetable in a file's content; `file` is its name in problems, `folder` where its relative paths start."""
    problems = Problems(file)
    try:
        root = parse(content)
    except YamlError as wrong:
        problems.add(Mark(wrong.line, wrong.col), "file", wrong.message)
        return Reading(None, problems.found)
    if root is None or (isinstance(root, ScalarNode) and root.value is None):
        problems.add(Mark(), "file", "the file is empty; should begin with school:, then zones:, playlists: and days:")
        return Reading(None, problems.found)
    if not isinstance(root, MapNode):
        problems.add(root.at, "file", f"{shown(root)} at the top; should be a mapping of {', '.join(_SECTIONS)}")
        return Reading(None, problems.found)
    timetable = _Reader(root, problems).timetable(folder)
    return Reading(None, problems.found) if problems.found else Reading(timetable)


def _unread(path: Path, message: str) -> Reading:
    return Reading(None, (Problem(str(path), 1, 1, "file", message),))


class _Reader:
    """Reads the file's sections; each method notes what is wrong with its own."""

    def __init__(self, root: MapNode, problems: Problems) -> None:
        self._top = Fields(root, "", problems)
        self._problems = problems

    def timetable(self, folder: Path) -> Timetable | None:
        """The timetable; it counts only when no problem was noted."""
        self._top.only(*_SECTIONS)
        school = self._school()
        zones = self._zones()
        playlists = self._playlists()
        days_entry = self._section("days", needed="a mapping of day shapes, such as {normal: []}")
        days = None
        if days_entry is not None:
            playlist_names = tuple(playlists) if playlists is not None else None
            days = read_days(days_entry.value, "days", zones, playlist_names, self._problems)
        day = one_of((*days, CLOSED) if days is not None else None, "day")
        week = self._week(day)
        year = read_year(self._top, day, self._problems)
        registers = self._registers()
        lock_s = self._dj_lock_s()
        calls = read_calls(self._top, self._problems)
        if school is None or zones is None or playlists is None or days is None:
            return None
        return Timetable(
            site=school.site,
            school=school.name,
            timezone=school.timezone,
            folder=folder,
            zones=MappingProxyType({name: zone for name, zone in zones.items() if zone is not None}),
            playlists=MappingProxyType({name: each for name, each in playlists.items() if each is not None}),
            days=MappingProxyType(days),
            week=week,
            terms=year.terms,
            closed=year.closed,
            bank_holidays=year.bank_holidays,
            dates=MappingProxyType(year.dates),
            registers=registers,
            dj_lock_s=lock_s,
            calls=MappingProxyType(calls),
        )

    def _section(self, key: str, *, needed: str) -> Entry | None:
        """The entry of a section that must be there."""
        entry = self._top.node.get(key)
        if entry is None:
            self._top.wrong(None, f"missing; should be {needed}", path=key)
        return entry

    def _mapping(self, node: Node, path: str, example: str) -> Fields | None:
        return Fields.of(node, path, self._problems, example=example)

    def _school(self) -> _School | None:
        example = "{name: USJ Primary, site: usj, timezone: Europe/London}"
        entry = self._section("school", needed=f"a mapping such as {example}")
        fields = self._mapping(entry.value, "school", example) if entry else None
        if fields is None:
            return None
        fields.only("name", "site", "timezone")
        name, site, timezone = fields.need("name", TEXT), fields.need("site", ID), fields.need("timezone", TIMEZONE)
        return _School(name, site, timezone) if name and site and timezone else None

    def _zones(self) -> dict[str, Zone | None] | None:
        """Every zone by name, None for one that is wrong itself, so that no slot is blamed for it."""
        example = "{playground: {volume: 70, limit: 85}}"
        entry = self._section("zones", needed=f"a mapping such as {example}")
        fields = self._mapping(entry.value, "zones", example) if entry else None
        if fields is None:
            return None
        fields.names()
        if not fields.entries:
            fields.wrong(None, f"there is no zone; should be a mapping such as {example}")
        return {entry.key: self._zone(entry) for entry in fields.entries}

    def _zone(self, entry: Entry) -> Zone | None:
        fields = self._mapping(entry.value, f"zones.{entry.key}", "{volume: 70, limit: 85}")
        if fields is None:
            return None
        fields.only("volume", "limit")
        limit = fields.get("limit", VOLUME, 100)
        volume = fields.get("volume", VOLUME, min(_DEFAULT_VOLUME, limit))
        if volume > limit:
            fields.wrong(
                "volume", f"the volume {volume} is above the zone's own limit of {limit}; should be {limit} or less"
            )
        return Zone(entry.key, volume, limit)

    def _playlists(self) -> dict[str, Playlist | None] | None:
        """Every playlist by name, None for one that is wrong itself."""
        example = "{morning: {folder: music/morning}}"
        entry = self._section("playlists", needed=f"a mapping such as {example}")
        fields = self._mapping(entry.value, "playlists", example) if entry else None
        if fields is None:
            return None
        fields.names()
        streams = {e.key for e in fields.entries if isinstance(e.value, MapNode) and e.value.get("stream")}
        fallback = one_of(tuple(e.key for e in fields.entries if e.key not in streams), "playlist of tracks")
        return {entry.key: self._playlist(entry, fallback) for entry in fields.entries}

    def _playlist(self, entry: Entry, fallback_kind: Kind[str]) -> Playlist | None:
        example = '{folder: music/morning}, {tracks: [music/rain.ogg]} or {stream: "http://...", fallback: calm}'
        fields = self._mapping(entry.value, f"playlists.{entry.key}", example)
        if fields is None:
            return None
        fields.only("folder", "tracks", "stream", "fallback")
        sources = [key for key in ("folder", "tracks", "stream") if fields.node.get(key) is not None]
        if len(sources) != 1:
            fields.wrong(None, f"{' and '.join(sources) or 'no music'}; should be one of {example}")
            return None
        folder = fields.get("folder", PATH, None)
        stream = fields.get("stream", URL, None)
        tracks = fields.each("tracks", PATH) if "tracks" in sources else ()
        fallback = None
        if "stream" in sources:
            fallback = fields.need("fallback", fallback_kind)
        elif fields.node.get("fallback") is not None:
            fields.wrong("fallback", "only a stream falls back; should be left out")
        return Playlist(entry.key, folder=folder, tracks=tracks, stream=stream, fallback=fallback)

    def _week(self, day: Kind[str]) -> tuple[str, ...]:
        """The day of each weekday; one that is not named is closed."""
        entry = self._section("week", needed="a mapping such as {monday: normal, tuesday: normal}")
        fields = self._mapping(entry.value, "week", "{monday: normal, tuesday: normal}") if entry else None
        if fields is None:
            return (CLOSED,) * len(WEEKDAYS)
        fields.only(*WEEKDAYS)
        return tuple(fields.get(weekday, day, CLOSED) for weekday in WEEKDAYS)

    def _registers(self) -> Registers:
        entry = self._top.node.get("registers")
        fields = (
            self._mapping(entry.value, "registers", "{am: {start: 08:55, close: 09:15, end: 12:00}}") if entry else None
        )
        if fields is None:
            return Registers()
        fields.only("am", "pm")
        am, pm = self._register(fields, "am", Registers().am), self._register(fields, "pm", Registers().pm)
        if am.end > pm.start:
            message = f"am ends at {clock(am.end)}, after pm starts at {clock(pm.start)}; should end by then"
            fields.wrong("pm" if fields.node.get("am") is None else "am", message)
        return Registers(am, pm)

    def _register(self, registers: Fields, session: str, default: RegisterHours) -> RegisterHours:
        """One session's times; each that is left out is the default's."""
        entry = registers.node.get(session)
        path = f"registers.{session}"
        fields = self._mapping(entry.value, path, "{start: 08:55, close: 09:15, end: 12:00}") if entry else None
        if fields is None:
            return default
        fields.only("start", "close", "end")
        hours = RegisterHours(
            start=fields.get("start", TIME, default.start),
            close=fields.get("close", TIME, default.close),
            end=fields.get("end", TIME, default.end),
        )
        if not hours.start <= hours.close <= hours.end:
            times = f"start {clock(hours.start)}, close {clock(hours.close)}, end {clock(hours.end)}"
            fields.wrong(None, f"{times}; should follow each other in this order")
            return default
        return hours

    def _dj_lock_s(self) -> float:
        entry = self._top.node.get("dj")
        fields = self._mapping(entry.value, "dj", "{lock_s: 300}") if entry else None
        if fields is None:
            return DJ_LOCK_S
        fields.only("lock_s")
        return fields.get("lock_s", number(0, 86_400, "seconds"), DJ_LOCK_S)


@dataclasses.dataclass(frozen=True)
class _School:
    """The section `school`."""

    name: str
    site: str
    timezone: ZoneInfo
