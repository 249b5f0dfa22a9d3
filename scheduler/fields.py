"""Reading one value or one mapping of the timetable, and noting all that is wrong with it.

A `Kind` reads a single value and knows the words for what would be right; `Fields` reads a mapping key by key. Neither
knows what a timetable is: that is `reading`, and `day_shapes` for the days.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import functools
import posixpath
import re
import zoneinfo
from collections.abc import Callable, Collection, Iterable
from typing import Generic, TypeVar

from scheduler.strict_yaml import Entry, ListNode, MapNode, Mark, Node, ScalarNode

T = TypeVar("T")
D = TypeVar("D")

_LONGEST_TEXT = 300


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file; `str` gives the line that people see."""

    file: str
    line: int
    col: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}: {self.path}: {self.message}"


class Problems:
    """All problems of one file; the same thing at the same place is noted once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: dict[tuple[Mark, str], Problem] = {}

    def add(self, at: Mark, path: str, message: str) -> None:
        """Note a problem, on one line whatever stands in the file."""
        problem = Problem(self._file, at.line, at.col, _one_line(path or "file"), _one_line(message))
        self._found.setdefault((at, message), problem)

    def add_all(self, problems: Iterable[Problem]) -> None:
        """Note problems that were found apart."""
        for problem in problems:
            self.add(Mark(problem.line, problem.col), problem.path, problem.message)

    def apart(self) -> Problems:
        """An empty collection for the same file, for problems that may yet be left out."""
        return Problems(self._file)

    @property
    def found(self) -> tuple[Problem, ...]:
        """Every problem in the order of the file."""
        return tuple(problem for _, problem in sorted(self._found.items(), key=lambda item: item[0]))


def _one_line(text: str) -> str:
    """A text without line breaks and what a terminal would obey, cut where nobody reads on."""
    plain = "".join(char if char.isprintable() else "?" for char in text)
    return plain if len(plain) <= _LONGEST_TEXT else plain[: _LONGEST_TEXT - 3] + "..."


class Wrong(Exception):
    """A value that cannot be read, with what to say about it beyond what its kind expects."""


@dataclasses.dataclass(frozen=True)
class Kind(Generic[T]):
    """One kind of value: `expects` completes "should be …", `read` raises Wrong for what is not of the kind."""

    expects: str
    read: Callable[[Node], T]

    def complaint(self, node: Node, wrong: Wrong) -> str:
        """What is wrong with a value, and what would be right."""
        return str(wrong) or f"{shown(node)}; should be {self.expects}"


class Fields:
    """A mapping of the file at a path such as `zones.playground`, read key by key; what is wrong is noted."""

    def __init__(self, node: MapNode, path: str, problems: Problems) -> None:
        self.node = node
        self.path = path
        self._problems = problems

    @classmethod
    def of(cls, node: Node, path: str, problems: Problems, *, example: str) -> Fields | None:
        """The fields of a mapping; None, with a problem noted, for any other node."""
        if isinstance(node, MapNode):
            return cls(node, path, problems)
        problems.add(node.at, path, f"{shown(node)}; should be a mapping such as {example}")
        return None

    def only(self, *known: str) -> None:
        """Note keys that are unknown or stand twice."""
        for entry in self.node.entries:
            if entry.key not in known:
                self._problems.add(entry.at, self.at_path(entry.key), f"unknown key; {nearest(entry.key, known)}")
        self.no_repeats()

    def no_repeats(self) -> None:
        """Note keys that stand twice."""
        for entry in self.node.repeated:
            self._problems.add(entry.at, self.at_path(entry.key), "stands here a second time; keep one of the two")

    def names(self) -> None:
        """Note keys that stand twice, and keys that cannot be names."""
        self.no_repeats()
        for entry in self.node.entries:
            if not _NAME.fullmatch(entry.key):
                self._problems.add(entry.at, self.at_path(entry.key), f"'{entry.key}'; should be {ID.expects}")

    def need(self, key: str, kind: Kind[T]) -> T | None:
        """The value of a key; None, with a problem noted, when it is missing or wrong."""
        if self.node.get(key) is None:
            self.wrong(None, f"missing; should be {kind.expects}", path=self.at_path(key))
            return None
        return self.get(key, kind, None)

    def get(self, key: str, kind: Kind[T], default: D) -> T | D:
        """The value of a key, or the default where it is missing or wrong; the latter is noted."""
        entry = self.node.get(key)
        if entry is None:
            return default
        return self._read(entry.value, self.at_path(key), kind, default)

    def each(self, key: str, kind: Kind[T]) -> tuple[T, ...]:
        """The items of a list that must not be empty; those that are wrong are noted and left out."""
        entry = self.node.get(key)
        if entry is None:
            self.wrong(None, f"missing; should be a list in brackets, each {kind.expects}", path=self.at_path(key))
            return ()
        if not isinstance(entry.value, ListNode) or not entry.value.items:
            self.wrong(key, f"{shown(entry.value)}; should be a list in brackets, each {kind.expects}")
            return ()
        items = enumerate(entry.value.items)
        read = ((item, self._read(item, f"{self.at_path(key)}[{i}]", kind, None)) for i, item in items)
        once: dict[T, None] = {}
        for item, value in read:
            if value is not None and value in once:
                self._problems.add(item.at, self.at_path(key), f"{shown(item)} stands here a second time; keep one")
            elif value is not None:
                once[value] = None
        return tuple(once)

    def _read(self, node: Node, path: str, kind: Kind[T], default: D) -> T | D:
        try:
            return kind.read(node)
        except Wrong as wrong:
            self._problems.add(node.at, path, kind.complaint(node, wrong))
            return default

    def wrong(self, key: str | None, message: str, *, path: str | None = None) -> None:
        """Note a problem at the value of a key, or at the mapping itself."""
        entry = self.node.get(key) if key is not None else None
        at = entry.value.at if entry is not None else self.node.at
        self._problems.add(at, path or (self.at_path(key) if key is not None else self.path), message)

    def at_path(self, key: str) -> str:
        """The path of a key of this mapping."""
        return f"{self.path}.{key}" if self.path else key

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries in the order of the file."""
        return self.node.entries


def shown(node: Node) -> str:
    """A value as a message shows it."""
    if isinstance(node, ScalarNode):
        return "nothing" if node.value is None else repr(node.text if len(node.text) <= 60 else node.text[:57] + "...")
    if isinstance(node, ListNode):
        return "a list" if node.items else "an empty list"
    return "a mapping"


def clock(time: dt.time) -> str:
    """A time of day as staff write it: seconds only where there are any."""
    return f"{time:%H:%M:%S}" if time.second else f"{time:%H:%M}"


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or all of them."""
    known = tuple(known)
    close = difflib.get_close_matches(word.lower().replace("_", "-"), known, n=1, cutoff=0.6) or (
        difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    )
    longer = [other for other in known if len(word) > 2 and other.startswith(word)]
    if close or longer:
        return f"did you mean '{(close or longer)[0]}'?"
    return f"known here: {', '.join(known)}" if known else "there is none here"


# --- kinds of value ---


_NAME = re.compile(r"[a-z0-9-]{1,32}")


def _text(node: Node) -> str:
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        raise Wrong
    return node.value


def _matching(pattern: re.Pattern[str]) -> Callable[[Node], str]:
    def read(node: Node) -> str:
        if not isinstance(node, ScalarNode) or isinstance(node.value, bool) or node.value is None:
            raise Wrong
        if not pattern.fullmatch(node.text):
            raise Wrong
        return node.text

    return read


def _short_text(node: Node) -> str:
    if isinstance(node, ScalarNode) and not isinstance(node.value, bool) and 1 <= len(node.text.strip()) <= 200:
        return node.text.strip()
    raise Wrong


def _time(node: Node) -> dt.time:
    match = re.fullmatch(r"(\d\d?):(\d\d)(?::(\d\d))?", _text(node))
    if match is None:
        raise Wrong
    try:
        return dt.time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        raise Wrong from None


def _date(node: Node) -> dt.date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", _text(node)):
        raise Wrong
    try:
        return dt.date.fromisoformat(_text(node))
    except ValueError:
        raise Wrong(f"{shown(node)} is not in the calendar; should be a date such as 2026-09-02") from None


def _flag(node: Node) -> bool:
    if not isinstance(node, ScalarNode) or not isinstance(node.value, bool):
        raise Wrong
    return node.value


def _number(low: float, high: float) -> Callable[[Node], float]:
    def read(node: Node) -> float:
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise Wrong
        return float(value)

    return read


def _volume(node: Node) -> int:
    value = node.value if isinstance(node, ScalarNode) else None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise Wrong
    return value


@functools.lru_cache(maxsize=1)
def _timezone_names() -> tuple[str, ...]:
    return tuple(sorted(zoneinfo.available_timezones()))


def _timezone(node: Node) -> zoneinfo.ZoneInfo:
    name = _text(node)
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        close = difflib.get_close_matches(name, _timezone_names(), n=1)
        raise Wrong(f"{shown(node)} is no time zone; should be {close[0] if close else 'Europe/London'}") from None


def _path(node: Node) -> str:
    path = _text(node)
    if not path.strip() or "\\" in path or path.startswith("~"):
        raise Wrong
    if not path.startswith("/") and posixpath.normpath(path).split("/")[0] == "..":
        raise Wrong(f"{shown(node)} leads out of the timetable's folder; should stay in it, or begin with /")
    return path


TIME = Kind("a time of day as HH:MM or HH:MM:SS, such as 08:35", _time)
DATE = Kind("a date as YYYY-MM-DD, such as 2026-09-02", _date)
FLAG = Kind("true or false", _flag)
TEXT = Kind("a text of 1 to 200 characters", _short_text)
ID = Kind("a name made of a-z, 0-9 and -, at most 32 characters, such as drop-off", _matching(_NAME))
VOLUME = Kind("a whole number from 0 to 100", _volume)
TIMEZONE = Kind("a time zone such as Europe/London", _timezone)
PATH = Kind("a path such as music/morning, with / between its parts", _path)
URL = Kind(
    "an address such as http://radio.local:8000/school.mp3", _matching(re.compile(r"https?://[^\s/][^\s]{0,450}"))
)


def number(low: float, high: float, unit: str) -> Kind[float]:
    """A number within bounds, both included."""
    return Kind(f"a number of {unit} from {low:g} to {high:g}", _number(low, high))


def one_of(words: Collection[str] | None, what: str) -> Kind[str]:
    """One of some words: the name of a zone, say; None is for names that could not be read: any may be right."""
    if words is None:
        return Kind(f"the name of a {what}", ID.read)

    def read(node: Node) -> str:
        if isinstance(node, ScalarNode) and node.text in words and not isinstance(node.value, bool | None):
            return node.text
        if isinstance(node, ScalarNode) and node.value is not None:
            raise Wrong(f"{shown(node)} is no {what}; {nearest(node.text, words)}")
        raise Wrong

    return Kind(f"the name of a {what}: {', '.join(words) or 'none is defined'}", read)
