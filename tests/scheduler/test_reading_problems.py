"""Wrong timetables: each says where, what is wrong, and what would be right. The table is `wrong_timetables.txt`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scheduler.timetables import SCHEDULE, problems


@dataclasses.dataclass(frozen=True)
class Wrong:
    """One thing changed in a right timetable, and every line that is expected."""

    right: str
    wrong: str
    lines: tuple[str, ...]


def cases() -> Iterator[Wrong]:
    table = Path(__file__).with_name("wrong_timetables.txt").read_text()
    for block in table.strip().split("\n\n")[1:]:
        right, wrong, *lines = (line[2:].replace("\\n", "\n") for line in block.split("\n"))
        yield Wrong(right, wrong, tuple(lines))


CASES = tuple(cases())


def test_the_table_holds_more_than_25_wrong_files() -> None:
    assert len({case.lines for case in CASES}) > 25


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.lines[0].split(";")[0][:60])
def test_a_wrong_file_is_told_with_place_fault_and_remedy(case: Wrong) -> None:
    assert case.right in SCHEDULE
    assert problems(SCHEDULE.replace(case.right, case.wrong, 1)) == list(case.lines)
