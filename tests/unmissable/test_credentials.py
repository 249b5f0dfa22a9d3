"""Where a command takes its secret from: a file that is named, the one in the environment, or the school's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.programs import Ran, run
from unmissable.enrolling import DESK
from unmissable.places import Places
from wire.mosquitto import PrivateBroker


@pytest.fixture
def running(places: Places) -> Iterator[PrivateBroker]:
    """The school's broker, and nothing else of it."""
    broker = PrivateBroker(places.broker, places.enrolled(), secrets_folder=places.credentials)
    broker.start()
    yield broker
    broker.stop()


def speakers(places: Places, *more: str, **environment: str) -> Ran:
    return run("speakers", "--config", str(places.config), *more, environment=environment)


def test_the_file_in_the_environment_is_taken_before_the_schools_own(
    places: Places, running: PrivateBroker, tmp_path: Path
) -> None:
    heard = Ran(0, "no speaker has been heard of yet\n", "")
    assert speakers(places) == heard
    mine = tmp_path / "mine.json"
    running.credentials_file(DESK).rename(mine)
    assert speakers(places).status == 2
    assert speakers(places, UNMISSABLE_CREDENTIALS=str(mine)) == heard
    assert speakers(places, "--credentials", str(mine), UNMISSABLE_CREDENTIALS="/nowhere") == heard
    mine.chmod(0o644)
    refused = speakers(places, UNMISSABLE_CREDENTIALS=str(mine))
    assert refused.status == 2
    assert refused.err == f"unmissable: {mine}: others can read this secret; set its mode: chmod 600 {mine}\n"
