"""The timetable in docs/listening.md is right."""

from __future__ import annotations

from pathlib import Path

from tests.scheduler.timetables import timetable

PAGE = Path(__file__).parents[2] / "docs" / "listening.md"


def test_the_example_is_accepted_and_is_a_stream() -> None:
    example = PAGE.read_text().split("```yaml\n", 1)[1].split("```", 1)[0]
    radio = timetable(example).playlists["radio"]
    assert (radio.stream, radio.fallback) == ("http://radio.local:8000/school.mp3", "calm")
