"""`unmissable init` by questions, in a real terminal of 80 columns."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.programs import COMMAND
from tests.kiosk.terminal import Terminal
from tests.scheduler.music import make_tune
from tests.waiting import until_now
from unmissable.places import Places

PIN = "730164-hill"


def test_a_wrong_answer_is_asked_for_again_and_the_rest_is_not_lost(tmp_path: Path) -> None:
    music = tmp_path / "our songs"
    make_tune(music / "one.ogg", duration_s=1.0)
    places = Places(tmp_path / "school")
    terminal = Terminal(tmp_path, *COMMAND, "init", str(places.config), columns=80)
    try:
        for question, answer in (
            ("The school's name:", "Hill End"),
            ("Its classes, with commas (acorn, oak, elm):", ", ,"),
            ("should be names with commas, such as acorn,oak\nIts classes, with commas (acorn, oak, elm):", "Oak, 3 B"),
            ("The folder with its music:", "/nowhere/at/all"),
            ("/nowhere/at/all: there is no such folder\nThe folder with its music:", str(music)),
            ("A PIN for the first admin (4 characters or more):", "12"),
            ("Repeat for confirmation:", "12"),
            ("should be 4 to 64\nA PIN for the first admin (4 characters or more):", PIN),
            ("Repeat for confirmation:", PIN),
        ):
            until_now(lambda asked=question: terminal.text.rstrip().endswith(asked), 10.0, question)  # type: ignore[misc]
            terminal.send(answer + "\n")
        until_now(lambda: terminal.status is not None, 20.0, "the end")
        assert terminal.status == 0, terminal.text
        assert PIN not in terminal.text
        assert "Hill End is set up in" in terminal.text
    finally:
        terminal.close()
    assert places.schedule.exists()
    assert {one for user in places.enrolled().users for one in user.classrooms} == {"oak", "3-b"}
