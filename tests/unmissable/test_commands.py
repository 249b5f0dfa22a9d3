"""Commands used wrongly or too early: one clear line, the right status, and what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.school import BREAK_ALL_DAY, set_up, timetable, whole_second
from tests.unmissable.conftest import Unmissable
from unmissable.places import Places
from wire.address import Credentials


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A school that was set up and never ran."""
    places = Places(tmp_path_factory.mktemp("school") / "config")
    (places.config / "music").mkdir(parents=True)
    set_up(places)
    places.schedule.write_text(timetable(whole_second(), (BREAK_ALL_DAY,), 4), encoding="utf-8")
    return places


@pytest.mark.parametrize(
    ("arguments", "status", "right"),
    [
        (("status",), 2, "no broker was started here yet; run: unmissable up"),
        (("speakers", "--broker", "localhost"), 2, "'localhost': should be mqtt://HOST:PORT or mqtts://HOST:PORT"),
        (
            ("speakers", "--broker", "mqtt://10.0.0.5"),
            2,
            "would send the secret in the clear over the network; should be mq",
        ),
        (("silence", "on"), 2, "no broker was started here yet; run: unmissable up"),
        (("call", "lunch"), 2, "no broker was started here yet; run: unmissable up"),
        (("hold", "--zone", "playground", "--mute"), 2, "no broker was started here yet; run: unmissable up"),
        (("day", "tomorrow"), 2, "date 'tomorrow': should be YYYY-MM-DD, such as 2026-11-23"),
        (("day", "--zone", "hall"), 2, "zone 'hall' is not in the timetable; known here: playground, classrooms"),
        (("kiosk", "--classroom", "ash"), 2, "--classroom ash: no kiosk is enrolled for it; there are: oak"),
        (("kiosk", "--classroom", "oak"), 1, "the kiosk needs a terminal to show itself in"),
        (("music", "approve"), 2, "name FILES, or --all"),
        (("music", "approve", "no.mp3"), 1, "no.mp3: not in the library; run: unmissable music scan"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_it_is_said_in_one_line(
    unmissable: Unmissable, school: Places, arguments: tuple[str, ...], status: int, right: str
) -> None:
    told = unmissable(*arguments, "--config", str(school.config))
    assert told.status == status, told
    assert right in told.err
    assert told.err.startswith("unmissable: ")
    assert len(told.err.splitlines()) == 1


@pytest.mark.parametrize("command", ["up", "scheduler", "office", "status", "speakers", "day", "check"])
def test_without_a_school_each_command_says_how_to_begin(unmissable: Unmissable, tmp_path: Path, command: str) -> None:
    told = unmissable(command, "--config", str(tmp_path / "nothing"))
    assert told.status == 2, told
    assert "unmissable init" in told.err
    assert not (tmp_path / "nothing").exists()


def test_a_speakers_wrong_name_is_told_with_what_a_name_is(unmissable: Unmissable, tmp_path: Path) -> None:
    more = ("--site", "school", "--state", str(tmp_path), "--output", "null", "--broker", "mqtt://127.0.0.1:9")
    told = unmissable("speaker", "--id", "East!", "--zone", "playground", *more)
    assert told.status == 2
    assert told.err == "unmissable: --id 'East!': should be 1 to 32 of a-z, 0-9 and -\n"


def test_a_secret_that_others_can_read_is_refused(unmissable: Unmissable, school: Places, tmp_path: Path) -> None:
    secret = tmp_path / "desk.json"
    secret.write_text('{"user": "desk", "password": "invented"}')
    secret.chmod(0o644)
    reach = ("--broker", "mqtt://127.0.0.1:9", "--credentials", str(secret), "--config", str(school.config))
    told = unmissable("status", *reach)
    assert told.status == 2
    assert told.err == f"unmissable: {secret}: others can read this secret; set its mode: chmod 600 {secret}\n"


def test_a_speaker_whose_authoritys_file_is_gone_says_so_in_one_line(unmissable: Unmissable, tmp_path: Path) -> None:
    secret = tmp_path / "credentials.json"
    Credentials("east", "invented", Path("ca.pem")).save(secret)
    own = ("--id", "east", "--zone", "hall", "--site", "school", "--state", str(tmp_path / "state"), "--output", "null")
    told = unmissable("speaker", *own, "--broker", "mqtts://127.0.0.1:9", "--credentials", str(secret))
    assert told.status == 1
    ca = tmp_path / "ca.pem"
    assert told.err.splitlines()[-1] == (
        f"unmissable: {ca}: the certificate of the school's authority cannot be read: No such file or directory"
    )
    assert "Traceback" not in told.err


def test_help_names_every_command(unmissable: Unmissable) -> None:
    told = unmissable("--help")
    assert told.status == 0
    for command in (
        "demo",
        "init",
        "up",
        "enrol",
        "check",
        "day",
        "call",
        "hold",
        "silence",
        "speakers",
        "status",
        "music",
        "roll",
    ):
        assert f"\n  {command} " in told.out
