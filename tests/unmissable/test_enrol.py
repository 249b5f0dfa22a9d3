"""`unmissable enrol`: what a technician reads, what is written, and what is refused with nothing changed."""

from __future__ import annotations

import json
import shlex
import tarfile
from pathlib import Path

import pytest

from tests.unmissable.conftest import Unmissable
from unmissable.network import Network
from unmissable.places import Places
from wire.address import Credentials
from wire.enrolment import Enrolled
from wire.requests import Role

ADDRESS = ("--address", "music.school.local")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The technician's own folder."""
    folder = tmp_path / "stick"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


class Enrol:
    """`unmissable enrol …` for one school."""

    def __init__(self, unmissable: Unmissable, places: Places) -> None:
        self._unmissable = unmissable
        self._config = ("--config", str(places.config))

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        ran = self._unmissable("enrol", *arguments, *self._config)
        return ran.status, ran.out, ran.err


@pytest.fixture
def enrol(unmissable: Unmissable, places: Places) -> Enrol:
    return Enrol(unmissable, places)


def test_a_speaker_is_enrolled_and_the_command_that_runs_it_is_printed(
    enrol: Enrol, places: Places, folder: Path
) -> None:
    status, out, _ = enrol("speaker", "east", "--zone", "playground", *ADDRESS, "--delay-ms", "20")
    assert status == 0
    assert places.enrolled().get("east") == Enrolled(user="east", role=Role.SPEAKER, zone="playground")
    with tarfile.open(folder / "speaker-east.tar") as tar:
        inside = tar.extractfile("speaker-east/credentials.json")
        assert inside is not None
        carried = json.load(inside)
    assert carried["password"] == Credentials.load(places.credentials_file("east")).password
    assert carried["password"] not in out, "the secret is shown to nobody"
    (command,) = [line for line in out.splitlines() if line.startswith("  unmissable speaker ")]
    assert "--site test " in command
    assert "--broker mqtts://music.school.local:8883 " in command
    assert shlex.split(command)[-2:] == ["--delay-ms", "20"]


def test_an_address_that_does_not_lead_here_is_named_as_a_likely_mistake(enrol: Enrol) -> None:
    status, _, err = enrol("speaker", "east", "--zone", "playground", "--address", "192.0.2.77")
    assert status == 0
    assert err.startswith("take care: 192.0.2.77 does not lead to this machine from here")


def test_the_address_is_remembered_and_another_is_added(enrol: Enrol, places: Places) -> None:
    enrol("speaker", "east", "--zone", "playground", *ADDRESS)
    _, out, _ = enrol("speaker", "west", "--zone", "classrooms")
    assert "--broker mqtts://music.school.local:8883 " in out
    _, out, _ = enrol("speaker", "hall", "--zone", "classrooms", "--address", "10.0.0.5", "--port", "8884")
    assert "--broker mqtts://10.0.0.5:8884 " in out
    network = Network.load(places.network)
    assert network == Network(addresses=("10.0.0.5", "music.school.local"), port=8884)


def test_enrolled_again_it_has_a_new_secret_which_is_said(enrol: Enrol, places: Places) -> None:
    enrol("speaker", "east", "--zone", "playground", *ADDRESS)
    first = Credentials.load(places.credentials_file("east"))
    status, out, _ = enrol("speaker", "east", "--zone", "classrooms")
    assert status == 0
    assert out.startswith("east is enrolled for zone classrooms, again: its old secret no longer works")
    assert Credentials.load(places.credentials_file("east")).password != first.password
    assert [one.zone for one in places.enrolled().users if one.user == "east"] == ["classrooms"]


def test_a_revoked_speaker_is_listed_as_such_and_its_secret_is_gone(enrol: Enrol, places: Places) -> None:
    enrol("speaker", "east", "--zone", "playground", *ADDRESS)
    status, out, err = enrol("revoke", "east")
    assert (status, err) == (0, "")
    assert out.startswith("east is revoked: its secret no longer works")
    assert "switch it off" in out
    assert not places.credentials_file("east").exists()
    _, out, _ = enrol("list")
    assert "east: revoked" in out.splitlines()
    status, _, err = enrol("revoke", "east")
    assert (status, err) == (2, "unmissable: east: no such speaker is enrolled; there are: none\n")


def test_the_list_tells_who_may_connect_and_where(enrol: Enrol) -> None:
    assert enrol("list")[1].splitlines()[-1] == "the school is closed to its network"
    enrol("speaker", "east", "--zone", "playground", *ADDRESS)
    lines = enrol("list")[1].splitlines()
    assert "east: speaker, playground" in lines
    assert "kiosk-oak: kiosk, oak" in lines
    assert lines[-1] == "the school is open to its network at mqtts://music.school.local:8883"
    found = json.loads(enrol("list", "--json")[1])
    assert found["network"]["addresses"] == ["music.school.local"]
    assert "east" in [one["user"] for one in found["users"]]


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (("speaker", "East!", "--zone", "playground", *ADDRESS), "ID 'East!': should be 1 to 32 of a-z, 0-9 and -"),
        (("speaker", "east", "--zone", "hall", *ADDRESS), "--zone 'hall' is not in the timetable; known here: playgro"),
        (("speaker", "east", "--zone", "playground"), "--address is missing: the name or IP address by which the spea"),
        (("speaker", "east", "--zone", "playground", "--address", "::1"), "--address ::1: no other machine reaches"),
        (
            ("speaker", "office", "--zone", "playground", *ADDRESS),
            "office is no speaker: here that is the name of the office",
        ),
        (
            ("speaker", "east", "--zone", "playground", *ADDRESS, "--listen", "me"),
            "--listen 'me': should be an IP addr",
        ),
        (("revoke", "kiosk-oak"), "kiosk-oak is no speaker: here that is the name of a kiosk"),
        (("revoke", "east"), "east: no such speaker is enrolled; there are: none"),
    ],
)
def test_what_cannot_be_is_said_in_one_line_and_changes_nothing(
    enrol: Enrol, places: Places, folder: Path, arguments: tuple[str, ...], right: str
) -> None:
    before = places.enrolled()
    status, _, err = enrol(*arguments)
    assert status == 2
    assert err.startswith(f"unmissable: {right}")
    assert len(err.splitlines()) == 1
    assert places.enrolled() == before
    assert not places.network.exists()
    assert list(folder.iterdir()) == []


def test_a_speaker_of_this_machine_is_no_other_machines(enrol: Enrol, places: Places) -> None:
    here = Enrolled(user="hall-1", role=Role.SPEAKER, zone="classrooms", here=True)
    places.enrolled().with_user(here).save(places.enrolment)
    for arguments in (("speaker", "hall-1", "--zone", "classrooms", *ADDRESS), ("revoke", "hall-1")):
        status, _, err = enrol(*arguments)
        assert status == 2
        assert "hall-1 is this machine's own speaker" in err


def test_a_file_that_cannot_be_written_replaces_no_secret(enrol: Enrol, places: Places, folder: Path) -> None:
    enrol("speaker", "east", "--zone", "playground", *ADDRESS)
    before = places.credentials_file("east").read_text()
    status, _, err = enrol("speaker", "east", "--zone", "playground", "--bundle", str(folder / "none" / "east.tar"))
    assert status == 1
    assert "No such file or directory" in err
    assert places.credentials_file("east").read_text() == before


def test_the_file_goes_into_a_folder_that_is_named(enrol: Enrol, tmp_path: Path) -> None:
    enrol("speaker", "east", "--zone", "playground", *ADDRESS, "--bundle", str(tmp_path))
    assert (tmp_path / "speaker-east.tar").exists()
    assert list(Path.cwd().iterdir()) == []
