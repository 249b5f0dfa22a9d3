"""The demo as people start it: by itself without a terminal, ended early, and in a real terminal with the kiosk."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Protocol

import pytest
from tinytag import TinyTag

from tests.end_to_end.programs import Program, processes_of
from tests.kiosk.terminal import Terminal
from tests.unmissable.conftest import Unmissable
from tests.waiting import until_now
from unmissable.demo import SHORTEST_S

TUNES = Path(str(resources.files("unmissable").joinpath("demo_school"))) / "music"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo makes its folder; empty before, and to be empty after."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


class Demos(Protocol):
    """Starts a headless demo; all are ended after the test."""

    def __call__(self, for_s: int) -> Program: ...


@pytest.fixture
def headless(temporary: Path, tmp_path: Path) -> Iterator[Demos]:
    """Headless demos on a machine without sound."""
    started: list[Program] = []

    def start(for_s: int) -> Program:
        log = tmp_path / f"demo{len(started)}.log"
        started.append(Program(log, "demo", "--headless", "--for", str(for_s), "--output", "null"))
        return started[-1]

    yield start
    for demo in started:
        demo.end()


def nothing_is_left(temporary: Path) -> bool:
    """Whether neither a file nor a process of a demo is there."""
    return not list(temporary.iterdir()) and not processes_of(str(temporary))


@pytest.mark.timeout(150)
def test_headless_it_tells_a_whole_story_and_leaves_nothing(headless: Demos, temporary: Path) -> None:
    began = time.monotonic()
    demo = headless(40)
    assert demo.wait(60.0) == 0, demo.said
    assert time.monotonic() - began < 50
    summary = demo.said.splitlines()[-1]
    assert "summary: 2 slots" in summary
    assert summary.endswith("everything happened")
    assert "12 taps, 1 DJ turns, 2 programmes revised" in summary
    assert "Traceback" not in demo.said
    assert nothing_is_left(temporary)


def test_ended_early_it_leaves_nothing(headless: Demos, temporary: Path) -> None:
    """One is ended while music plays, the other while its school is made."""
    playing, starting = headless(60), headless(60)
    until_now(lambda: list(temporary.glob("*/state")), 20.0, "a folder that is being made")
    starting.end(by=signal.SIGINT)
    until_now(lambda: "drop-off starts" in playing.said, 30.0, "music")
    assert not nothing_is_left(temporary)
    playing.end(by=signal.SIGTERM)
    assert nothing_is_left(temporary)
    for demo in (playing, starting):
        assert "Traceback" not in demo.said


def test_without_a_terminal_it_says_how_to_see_it(unmissable: Unmissable) -> None:
    told = unmissable("demo")
    assert told.status == 1
    assert told.out == ""
    assert told.err == (
        "unmissable: the demo shows a kiosk and needs a terminal; without one: unmissable demo --headless\n"
    )


def test_too_short_a_time_is_not_begun(unmissable: Unmissable, temporary: Path) -> None:
    told = unmissable("demo", "--headless", "--for", "3")
    assert told.status == 2
    assert f"--for 3: should be {SHORTEST_S:g} s or more" in told.err
    assert list(temporary.iterdir()) == []


@pytest.fixture
def terminal(tmp_path: Path, temporary: Path) -> Iterator[Terminal]:
    """The demo in a terminal."""
    opened = Terminal(tmp_path, sys.executable, "-m", "unmissable", "demo", "--output", "null")
    yield opened
    opened.close()


def shows(terminal: Terminal, *words: str, timeout_s: float = 10.0) -> None:
    """Wait until one of some words stands on the screen; a failure tells all that stood on top meanwhile."""
    deadline = time.monotonic() + timeout_s
    tops: dict[str, None] = {}
    while not any(one in (text := terminal.text) for one in words):
        tops["\n".join(text.splitlines()[:8])] = None
        seen = "\n---\n".join(tops)
        assert time.monotonic() < deadline, f"none of {words} came in {timeout_s:g} s, but:\n{seen}\n{text}"
        time.sleep(0.1)  # each look is a process


def test_in_a_terminal_a_child_checks_in_and_picks_and_ctrl_c_leaves(terminal: Terminal, temporary: Path) -> None:
    titles = [(TinyTag.get(file).title or "")[:16] for file in TUNES.glob("*/*.ogg")]
    shows(terminal, *(f": {title}" for title in titles), timeout_s=20)
    shows(terminal, "Bramble")
    terminal.send("1001")
    terminal.keys("Enter")
    shows(terminal, "You are School DJ at break")
    terminal.send("1001")
    terminal.keys("Enter")
    shows(terminal, "stars to spend")
    time.sleep(0.4)  # a touch at once after a page came would be taken for one of the page before
    terminal.touch("You are School DJ")
    shows(terminal, "Your music for break")
    time.sleep(0.4)
    terminal.touch(next(title for title in titles if title in terminal.text))
    shows(terminal, "✔ 1")
    terminal.touch("Done")
    shows(terminal, "Your music plays at break!")
    terminal.keys("C-c")
    until_now(lambda: terminal.status is not None, 15.0, "the end")
    assert terminal.status == 0
    assert not terminal.in_full_screen()
    assert "Traceback" not in terminal.text
    assert nothing_is_left(temporary)
