"""Taps on the disk."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.errors import OutboxError
from kiosk.outbox import Outbox
from wire.clock import boot_id, steady_s

PUT_FOR_EVER = """
import sys
from pathlib import Path
from kiosk.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
number = 0
while True:
    outbox.put(f"tap-{number}", f"p{number}", "touch", 1000.0 + number)
    print(number, flush=True)
    number += 1
"""


def test_every_tap_that_was_said_to_be_written_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    with subprocess.Popen([sys.executable, "-c", PUT_FOR_EVER, path], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(25)]
        os.kill(writer.pid, signal.SIGKILL)
        said += [int(line) for line in writer.stdout]
    kept = Outbox(path)
    assert {tap.request_id for tap in kept.waiting()} >= {f"tap-{number}" for number in said}
    kept.close()


def test_it_is_written_as_durably_as_sqlite_can(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put("a", "p1", "touch", None)
    base = outbox._open()
    assert base.execute("pragma journal_mode").fetchone() == ("wal",)
    assert base.execute("pragma synchronous").fetchone() == (2,)
    outbox.close()


def test_an_answered_tap_is_not_sent_again_and_the_order_is_kept(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    for number in range(4):
        outbox.put(f"tap-{number}", "p1", "card", None)
    outbox.answered("tap-1")
    outbox.close()
    again = Outbox(tmp_path / "outbox.sqlite")
    assert [tap.request_id for tap in again.waiting()] == ["tap-0", "tap-2", "tap-3"]
    assert len(again.kept()) == 4
    again.close()


def test_a_tap_of_this_boot_is_dated_by_the_steady_clock_even_when_the_wall_clock_was_wrong(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put("a", "p1", "touch", None)
    (tap,) = outbox.waiting()
    assert tap.boot == boot_id()
    assert tap.at_unix_s(lambda steady: 5_000.0 + steady - steady_s()) == pytest.approx(5_000.0, abs=1.0)
    outbox.date("a", 4_999.5)
    (tap,) = outbox.waiting()
    assert tap.at_unix_s(lambda _steady: 0.0) == 4_999.5
    outbox.close()


def test_a_tap_of_an_earlier_boot_has_the_machines_own_clock(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put("a", "p1", "touch", None)
    outbox._open().execute("update taps set boot = 'another', wall_unix_s = 777.0")
    (tap,) = outbox.waiting()
    assert tap.at_unix_s(lambda _steady: 0.0) == 777.0
    outbox.close()


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(b"this is not a database, and it is long enough to be looked at" * 100)
    outbox = Outbox(path)
    outbox.put("a", "p1", "touch", None)
    assert [tap.request_id for tap in outbox.waiting()] == ["a"]
    assert len(list(tmp_path.glob("outbox.damaged-*"))) == 1
    outbox.close()


def test_only_the_owner_can_read_who_came_when(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put("a", "p1", "touch", 1.0)
    assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0] * len(list(tmp_path.iterdir()))
    outbox.close()


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    with pytest.raises(OutboxError, match="not written"):
        Outbox(tmp_path / "state" / "outbox.sqlite").put("a", "p1", "touch", None)


def test_the_same_id_is_never_written_twice(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put("a", "p1", "touch", None)
    with pytest.raises(OutboxError) as refused:
        outbox.put("a", "p1", "touch", None)
    assert isinstance(refused.value.__cause__, sqlite3.IntegrityError)
    outbox.close()
