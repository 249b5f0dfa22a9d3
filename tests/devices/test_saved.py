"""What a speaker remembers on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.saved import Saved
from tests.devices.conftest import NOON, programme_of
from wire.programme import Programme
from wire.states import Silence

ON = Silence(on=True, by="s.okoro", at=NOON)


def test_a_message_outlives_the_program(tmp_path: Path) -> None:
    Saved(tmp_path / "state").save("silence", ON)
    assert Saved(tmp_path / "state").load("silence", Silence) == ON


def test_a_message_that_was_withdrawn_is_gone(tmp_path: Path) -> None:
    saved = Saved(tmp_path)
    saved.save("programme", programme_of())
    saved.save("programme", None)
    saved.save("programme", None)
    assert saved.load("programme", Programme) is None


@pytest.mark.parametrize("content", ["", "{", '{"schema": 2}', "[1]", '{"schema": 1, "on": true}'])
def test_a_damaged_file_is_left_out_with_a_line_in_the_log(
    content: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "silence.json").write_text(content)
    assert Saved(tmp_path).load("silence", Silence) is None
    assert "silence.json: left out" in caplog.text
