"""The command within the tests' own process, which is quicker than a process for each question."""

from __future__ import annotations

import io
import sys
from typing import Protocol

import pytest

from tests.end_to_end.programs import Ran
from unmissable.command import main


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
