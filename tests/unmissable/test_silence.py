"""Silence from the command line, with speakers that are there, dead, frozen, or were never switched on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.programs import Program
from tests.end_to_end.school import SITE
from tests.unmissable.conftest import Unmissable
from tests.waiting import until_now
from unmissable.enrolling import first_enrolment, speaker_user
from unmissable.places import Places
from wire.mosquitto import PrivateBroker

ZONES = ("classrooms", "hall", "playground")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A school of which no more is there than who is enrolled."""
    places = Places(tmp_path / "config")
    places.config.mkdir()
    places.make_state()
    first_enrolment(SITE, classrooms=(), zones_here=ZONES).save(places.enrolment)
    return places


@pytest.fixture
def broker(places: Places) -> Iterator[PrivateBroker]:
    broker = PrivateBroker(
        places.broker, first_enrolment(SITE, classrooms=(), zones_here=ZONES), secrets_folder=places.credentials
    )
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def speakers(tmp_path: Path, places: Places, broker: PrivateBroker) -> Iterator[dict[str, Program]]:
    """A speaker for each zone, without sound."""
    started = {}
    for zone in ZONES:
        user = speaker_user(zone)
        started[user] = Program(
            tmp_path / f"{user}.log",
            *("speaker", "--id", user, "--zone", zone, "--site", SITE, "--state", str(places.state_of(user))),
            *("--output", "null", "--broker", str(broker.address), "--credentials", str(broker.credentials_file(user))),
        )
    yield started
    for one in started.values():
        one.process.send_signal(signal.SIGCONT)
        one.end()


def test_every_speaker_that_did_not_confirm_is_named(
    unmissable: Unmissable, places: Places, speakers: dict[str, Program]
) -> None:
    here = ("--config", str(places.config))

    def there() -> list[str]:
        listed = unmissable("speakers", *here).out.splitlines()
        return [line.split(":")[0] for line in listed if "offline" not in line and ":" in line]

    until_now(lambda: there() == ["classrooms-1", "hall-1", "playground-1"], 30.0, "all three speakers")
    on = unmissable("silence", "on", "--reason", "fire drill", *here)
    assert (on.status, on.out, on.err) == (0, "silence is on; 3 of 3 speakers confirmed\n", "")
    told = unmissable("status", *here).out
    assert "silence: on since " in told
    assert "(fire drill); staff lift it: unmissable silence off" in told
    off = unmissable("silence", "off", *here)
    assert "silence" not in unmissable("status", *here).out
    assert (off.status, off.out) == (0, "silence is off; 3 of 3 speakers confirmed\n")

    speakers["hall-1"].kill()
    until_now(lambda: there() == ["classrooms-1", "playground-1"], 10.0, "the broker's word that one is gone")
    on = unmissable("silence", "on", *here)
    assert (on.status, on.out) == (1, "silence is on; 2 of 3 speakers confirmed\n")
    assert on.err == "unmissable: not confirmed by: hall-1\n"
    off = unmissable("silence", "off", *here)
    assert (off.status, off.err) == (1, "unmissable: not confirmed by: hall-1\n"), "who is away confirms nothing"

    speakers["classrooms-1"].process.send_signal(signal.SIGSTOP)  # hung: the broker still takes it to be there
    on = unmissable("silence", "on", *here)
    assert (on.status, on.out) == (1, "silence is on; 1 of 3 speakers confirmed\n")
    assert on.err == "unmissable: not confirmed by: classrooms-1, hall-1\n"


@pytest.mark.usefixtures("broker")
def test_a_speaker_that_is_enrolled_and_was_never_heard_of_is_named(unmissable: Unmissable, places: Places) -> None:
    on = unmissable("silence", "on", "--config", str(places.config))
    assert (on.status, on.out) == (1, "silence is on; 0 of 3 speakers confirmed\n")
    assert on.err == "unmissable: not confirmed by: classrooms-1, hall-1, playground-1\n"
