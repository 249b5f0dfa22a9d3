"""The private Mosquitto as a child: one at a time in a folder, and always at the same place."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.brokers import ENROLMENT
from wire.errors import BrokerError
from wire.mosquitto import PrivateBroker


def another(broker: PrivateBroker) -> PrivateBroker:
    """A second broker of the same folder, as another process would make it."""
    return PrivateBroker(broker.folder, ENROLMENT, secrets_folder=broker.secrets_folder)


def test_a_school_that_runs_is_not_started_a_second_time(broker: PrivateBroker) -> None:
    second = another(broker)
    with pytest.raises(BrokerError, match="this school runs already, in another process; end that first"):
        second.start()
    second.stop()
    assert broker.running, "the first is left alone"


def test_a_folder_is_free_again_when_its_broker_was_stopped(broker: PrivateBroker) -> None:
    broker.stop()
    second = another(broker)
    assert second.start() == broker.address, "at the port of the last time"
    second.stop()


def test_a_broker_started_again_listens_where_the_programs_look_for_it(broker: PrivateBroker) -> None:
    assert broker.address is not None
    before = broker.address
    broker.kill()
    taken = socket.create_server(("127.0.0.1", before.port))
    with taken, pytest.raises(BrokerError, match="is taken by another program"):
        broker.start()
    assert broker.start() == before


def test_a_broker_that_a_killed_program_left_behind_is_ended(broker: PrivateBroker, tmp_path: Path) -> None:
    process = broker.process
    assert process is not None
    copy = tmp_path / "lock"
    (broker.folder / "lock").rename(copy)  # as after a kill: nobody holds the folder, but the broker still runs
    waiting = threading.Thread(target=process.wait)  # or it stays in the list of processes, as a child of this one
    waiting.start()
    second = another(broker)
    second.start()
    waiting.join(5)
    assert process.returncode == 0
    second.stop()


@pytest.mark.parametrize("kept", ["", "x", "-5", "0", "99999999999999"])
def test_a_garbled_note_of_the_last_port_stops_nothing(broker: PrivateBroker, kept: str) -> None:
    broker.stop()
    (broker.folder / "port").write_text(kept, encoding="ascii")
    second = another(broker)
    assert second.start().port > 0
    second.stop()
