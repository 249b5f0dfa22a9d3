"""`unmissable init` with wrong answers: each is one clear line with status 2, and nothing is half made."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from tests.end_to_end.programs import Ran, run
from tests.sound import music, write_wav
from tests.unmissable.conftest import Unmissable

PIN = "4711-invented"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the school is to be."""
    return tmp_path / "config"


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """A folder with one short piece of music."""
    folder = tmp_path / "songs"
    folder.mkdir()
    write_wav(folder / "Hopscotch.wav", music(1, 2.0))
    return folder


class Init(Protocol):
    """Runs `init` with right answers, but for those named later or left out."""

    def __call__(self, *more: str, folder: Path | None = None, without: str = "") -> Ran: ...


@pytest.fixture
def init(unmissable: Unmissable, folder: Path, songs: Path) -> Init:
    place = folder

    def run_init(*more: str, folder: Path | None = None, without: str = "") -> Ran:
        flags = {"--school": "Hill End", "--classes": "oak,elm", "--music": str(songs), "--pin-file": "-"}
        flags.pop(without, None)
        given = [word for pair in flags.items() for word in pair]
        return unmissable("init", str(folder or place), *given, *more, answer=PIN + "\n")

    return run_init


def test_right_answers_make_a_school(folder: Path, songs: Path) -> None:
    answers = ("--school", "Hill End", "--classes", "oak,elm", "--music", str(songs), "--pin-file", "-")
    made = run("init", str(folder), *answers, answer=PIN + "\n")
    assert made.status == 0, made
    checked = run("check", "--config", str(folder))
    assert checked.status == 0, checked
    assert (folder / "state").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("more", "right"),
    [
        (("--music", "no/such/folder"), "music folder no/such/folder: there is no such folder"),
        (("--classes", " , !"), "classes ' , !': should be names with commas, such as acorn,oak"),
        (("--timezone", "Europe/Lodnon"), "'Europe/Lodnon' is no time zone; should be Europe/London"),
        (("--site", "Hill End!"), "school.site: 'Hill End!'; should be a name made of a-z, 0-9 and -"),
        (("--zone", "hall"), "zone 'hall': should be one of playground, classrooms"),
        (("--admin", "S. Okoro"), "name 'S. Okoro': should be 1 to 32 of a-z, 0-9 and -, such as s-okoro"),
    ],
)
def test_a_wrong_answer_is_one_line_that_says_what_would_be_right(
    init: Init, folder: Path, more: tuple[str, ...], right: str
) -> None:
    told = init(*more)
    assert told.status == 2, told
    assert right in told.err
    assert told.err.startswith("unmissable: ")
    assert len(told.err.splitlines()) == 1
    assert not (folder / "schedule.yaml").exists()


def test_a_pin_that_is_easy_to_guess_is_not_taken_and_not_shown(
    unmissable: Unmissable, folder: Path, songs: Path
) -> None:
    told = unmissable(
        *("init", str(folder), "--school", "Hill End", "--classes", "oak", "--music", str(songs), "--pin-file", "-"),
        answer="123456\n",
    )
    assert told.status == 2, told
    assert told.err.startswith("unmissable: PIN: ")
    assert "123456" not in told.err + told.out


@pytest.mark.parametrize("flag", ["--school", "--classes", "--music", "--pin-file"])
def test_without_a_terminal_the_missing_flag_is_named(init: Init, folder: Path, flag: str) -> None:
    told = init(without=flag)
    assert (told.status, told.out) == (2, "")
    assert told.err == f"unmissable: {flag} is missing, and there is no terminal to ask in\n"
    assert not folder.exists()


def test_a_school_that_is_there_is_not_made_again(init: Init, folder: Path) -> None:
    schedule = folder / "schedule.yaml"
    folder.mkdir()
    schedule.write_text("as staff wrote it\n")
    told = init()
    assert told.status == 2, told
    assert told.err == f"unmissable: {schedule} is there already; edit it, or name another folder\n"
    assert schedule.read_text() == "as staff wrote it\n"


def test_a_folder_that_cannot_be_made_is_named(init: Init) -> None:
    told = init(folder=Path("/proc/no-such/config"))
    assert told.status == 1, told
    assert told.err == "unmissable: /proc/no-such: No such file or directory\n"


def test_a_failed_init_can_be_done_again(init: Init, tmp_path: Path) -> None:
    roll = tmp_path / "roll.csv"
    roll.write_bytes(b"\0\1 no text")
    told = init("--roll", str(roll))
    assert told.status == 1, told
    assert len(told.err.splitlines()) == 1
    assert str(roll) in told.err
    assert init().status == 0
