"""The processes of a run end with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bench.children import busy_cores, children
from tests.waiting import until_now

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def test_all_have_ended_when_the_block_is_left_also_by_an_error(tmp_path: Path) -> None:
    def broken_off() -> None:
        with children(tmp_path) as started, busy_cores(started):
            one = started.start("sleep", ["sleep", "60"])
            running.extend([one, *started.running])
            assert len(running) == 2 + (os.cpu_count() or 1)
            raise KeyboardInterrupt

    running: list[object] = []
    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert all(getattr(one, "returncode", None) is not None for one in running)


def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.children.ENDS_WITHIN_S", 0.2)
    with children(tmp_path) as started:
        one = started.start("deaf", [sys.executable, "-c", DEAF])
        until_now(lambda: "deaf" in (tmp_path / "deaf.log").read_text())
    assert one.returncode == -9
