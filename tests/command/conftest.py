"""A school for the command to run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.school import BREAK_ALL_DAY, set_up, timetable, whole_second
from unmissable.places import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A school without music and without speakers, in a folder whose name shells and URLs take amiss."""
    places = Places(tmp_path / "the school's #1 ön")
    (places.config / "music").mkdir(parents=True)
    set_up(places, rooms=())
    places.schedule.write_text(timetable(whole_second(), (BREAK_ALL_DAY,), 4), encoding="utf-8")
    return places
