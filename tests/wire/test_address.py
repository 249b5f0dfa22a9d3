"""Where the broker is, and credentials that can be carried from one machine to another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from wire.address import BrokerAddress, Credentials


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("mqtt://127.0.0.1:1883", True),
        ("mqtt://127.8.9.1", True),
        ("mqtt://[::1]:1883", True),
        ("mqtt://localhost", True),
        ("mqtt://10.0.0.5", False),
        ("mqtt://[fd00::5]:1883", False),
        ("mqtt://music.school.local", False),
        ("mqtt://localhost.evil.example", False),
    ],
)
def test_what_stays_on_this_machine(text: str, here: bool) -> None:
    assert BrokerAddress.parse(text).on_this_machine is here


def test_an_address_is_read_as_it_is_written() -> None:
    for text in ("mqtts://[fd00::5]:8883", "mqtts://music.school.local:8883", "mqtt://127.0.0.1:1883"):
        assert str(BrokerAddress.parse(text)) == text


def test_the_authoritys_file_is_found_beside_the_credentials_wherever_they_are_carried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    Credentials("east", "secret", Path("ca.pem")).save(made / "credentials.json")
    carried = tmp_path / "carried"
    shutil.copytree(made, carried)
    assert Credentials.load(carried / "credentials.json").ca == carried / "ca.pem"
    monkeypatch.chdir(tmp_path)
    assert Credentials.load(Path("carried/credentials.json")).ca == carried / "ca.pem"


def test_an_absolute_place_of_the_authoritys_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    Credentials("east", "secret", Path("/etc/school/ca.pem")).save(path)
    assert Credentials.load(path).ca == Path("/etc/school/ca.pem")
    Credentials("east", "secret").save(path)
    assert Credentials.load(path).ca is None
