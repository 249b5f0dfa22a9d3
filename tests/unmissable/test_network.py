"""The addresses by which a school is reached: which are taken, and what the broker and the media server are told."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from unmissable.errors import WrongUse
from unmissable.network import Network, checked_address, is_of_this_machine, likely_address

OPEN = Network(addresses=("10.0.0.5",))


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("Music.School.Local.", "music.school.local"),
        ("music", "music"),
        ("FD00::5", "fd00::5"),
    ],
)
def test_names_and_addresses_are_taken(text: str, taken: str) -> None:
    assert checked_address(text) == taken


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("127.0.0.1", "no other machine reaches this one there"),
        ("0.0.0.0", "no other machine reaches this one there"),
        ("::1", "no other machine reaches this one there"),
        ("fe80::1%eth0", "no other machine reaches this one there"),
        ("localhost", "no other machine reaches this one by that name"),
        ("10.0.0", "should be a name such as music.school.local, or an IP address"),
        ("10.0.0.500", "should be a name such as"),
        ("mqtts://music:8883", "should be a name such as"),
        ("the school", "should be a name such as"),
        ("", "should be a name such as"),
    ],
)
def test_what_no_other_machine_could_use_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(WrongUse, match=wrong):
        checked_address(text)


def test_the_address_named_last_is_the_one_for_tracks_and_the_others_stay(tmp_path: Path) -> None:
    network = OPEN.with_address("music.school.local").with_address("10.0.0.5").with_address("10.0.0.6")
    assert network.addresses == ("10.0.0.6", "10.0.0.5", "music.school.local")
    assert network.address == "10.0.0.6"
    network.save(tmp_path / "network.json")
    assert Network.load(tmp_path / "network.json") == network
    assert Network.load(tmp_path / "none.json") is None


def test_the_media_server_listens_where_the_broker_does() -> None:
    assert OPEN.media_host == "0.0.0.0"
    assert OPEN.with_address("fd00::5").media_host == "::"
    assert Network(addresses=("10.0.0.5",), listen="10.0.0.5").media_host == "10.0.0.5"
    assert str(OPEN.broker_at("fd00::5")) == "mqtts://[fd00::5]:8883"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{}", "network.json: addresses: Field required"),
        ('{"addresses": []}', "network.json: addresses: "),
        ('{"addresses": ["a"], "port": 0}', "network.json: port: "),
        ('{"addresses": ["a"], "prot": 1}', "network.json: prot: Extra inputs are not permitted"),
        ("nothing", "network.json: Invalid JSON"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, wrong: str) -> None:
    file = tmp_path / "network.json"
    file.write_text(text)
    with pytest.raises(WrongUse, match=wrong):
        Network.load(file)


def test_whether_an_address_is_of_this_machine() -> None:
    assert is_of_this_machine("127.0.0.1")
    assert is_of_this_machine("localhost")
    assert not is_of_this_machine("192.0.2.77"), "an address for documentation"
    assert not is_of_this_machine("no-such-name.invalid")


def test_the_likely_address_is_one_of_this_machine_if_it_has_any() -> None:
    likely = likely_address()
    if likely is not None:
        with socket.socket(socket.AF_INET) as probe:
            probe.bind((likely, 0))
