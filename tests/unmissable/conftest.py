"""A school for the command to run, and the command within the tests' own process: quicker than a process for each."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Protocol

import pytest

from tests.end_to_end.programs import Ran
from tests.end_to_end.school import BREAK_ALL_DAY, set_up, timetable, whole_second
from unmissable.command import main
from unmissable.places import Places


class Unmissable(Protocol):
    """Runs `unmissable` with arguments, something on its standard input, and no terminal."""

    def __call__(self, *arguments: str, answer: str = "") -> Ran: ...


@pytest.fixture
def unmissable(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Unmissable:
    """The command, run to its end; anything but an exit, such as a traceback's error, fails the test."""

    def command(*arguments: str, answer: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        status = ended.value.code
        return Ran(status if isinstance(status, int) else int(status is not None), said.out, said.err)

    return command


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A school without music and without speakers, in a folder whose name shells and URLs take amiss."""
    places = Places(tmp_path / "the school's #1 ön")
    (places.config / "music").mkdir(parents=True)
    set_up(places, rooms=())
    places.schedule.write_text(timetable(whole_second(), (BREAK_ALL_DAY,), 4), encoding="utf-8")
    return places
