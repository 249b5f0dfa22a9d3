"""Whatever stands in the file, reading ends in a timetable or in problems, never in an error."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.reading import Reading, parse_timetable
from tests.scheduler.timetables import SCHEDULE

VALUES = st.sampled_from(
    ["", "null", "~", "[]", "{}", "[[]]", "{a: {}}", "- x", "0", "-1", "1.5", "99999999999999999999", "true", "'",
     '"x"', "24:00", "2026-02-30", "closed", "normal", "&a", "*a", "!!str x", "<<", "\t", "\x00", "é🎵", "%", "@",
     "x" * 400, '"a\\nb"', '"\\e[2J"', "[playground, [x]]", "{like: wet}", "{like: normal, add: [{}]}",
     "{like: normal, drop: [break, break]}", "...", "---"]
)  # fmt: skip


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """The right timetable with some of its parts replaced, cut or repeated."""
    text = SCHEDULE
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(begin, min(len(text), begin + 40)))
        put = draw(st.one_of(VALUES, st.just(text[begin:end] * 2), st.text(max_size=6)))
        text = text[:begin] + put + text[end:]
    return text


@st.composite
def revalued(draw: st.DrawFn) -> str:
    """The right timetable with whole values replaced, so that it mostly stays YAML."""
    lines = SCHEDULE.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        number = draw(st.integers(0, len(lines) - 1))
        parts = lines[number].split(": ")
        part = draw(st.integers(0, len(parts) - 1))
        parts[part] = draw(VALUES) + draw(st.sampled_from(["", "}", ", from", "]"]))
        lines[number] = ": ".join(parts)
    return "\n".join(lines)


def well_formed(reading: Reading) -> None:
    assert (reading.timetable is None) == bool(reading.problems)
    for problem in reading.problems:
        assert str(problem).isprintable()
        assert problem.path
        assert problem.line >= 1
        assert problem.col >= 1
        assert len(str(problem)) < 700


def read(content: bytes) -> Reading:
    return parse_timetable(content, file="schedule.yaml", folder=Path("config"))


@settings(deadline=None, max_examples=150)
@given(text=st.one_of(mangled(), revalued()))
def test_a_mangled_timetable_is_read_or_told(text: str) -> None:
    well_formed(read(text.encode("utf-8", "surrogatepass")))


@settings(deadline=None, max_examples=100)
@given(content=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode())))
def test_any_bytes_are_read_or_told(content: bytes) -> None:
    well_formed(read(content))
