"""The file that a technician carries to a speaker's machine."""

from __future__ import annotations

import configparser
import shlex
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from unmissable.bundle import Bundle
from wire.address import BrokerAddress, Credentials

BUNDLE = Bundle(
    id="east",
    zone="playground",
    site="usj",
    broker=BrokerAddress("10.0.0.5", 8883, tls=True),
    password="invented",
    authority=b"certificate",
)


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """The folder that it unpacks to, under a technician's usual umask."""
    BUNDLE.write(tmp_path / "speaker-east.tar")
    subprocess.run(["sh", "-c", "umask 022 && tar -xf speaker-east.tar"], cwd=tmp_path, check=True)
    return tmp_path / "speaker-east"


def test_the_file_and_the_secret_in_it_are_for_the_owner_only(unpacked: Path) -> None:
    assert stat.S_IMODE((unpacked.parent / "speaker-east.tar").stat().st_mode) == 0o600
    assert stat.S_IMODE(unpacked.stat().st_mode) == 0o700
    assert stat.S_IMODE((unpacked / "credentials.json").stat().st_mode) == 0o600
    assert "invented" not in repr(BUNDLE)


def test_the_credentials_in_it_are_those_that_a_speaker_reads(unpacked: Path) -> None:
    credentials = Credentials.load(unpacked / "credentials.json")
    assert credentials == Credentials("east", "invented", unpacked / "ca.pem")
    assert credentials.ca is not None
    assert credentials.ca.read_bytes() == b"certificate"


def test_the_command_names_all_that_a_speaker_is_told() -> None:
    assert shlex.join(BUNDLE.command()) == (
        "unmissable speaker --id east --zone playground --site usj --state speaker-east/state "
        "--broker mqtts://10.0.0.5:8883 --credentials speaker-east/credentials.json"
    )


def test_a_file_that_is_there_already_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "speaker-east.tar"
    path.write_text("an old one")
    path.chmod(0o644)
    BUNDLE.write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["speaker-east.tar"]


def unit_of(bundle: Bundle) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(bundle.unit())
    return unit


def test_the_unit_keeps_it_running_with_the_keyboard_of_its_machine() -> None:
    service = unit_of(BUNDLE)["Service"]
    assert (service["Type"], service["Restart"], service["WatchdogSec"]) == ("notify", "always", "60")
    assert (service["StandardInput"], service["TTYPath"]) == ("tty", "/dev/tty1")
    assert service["ExecStart"].startswith("/opt/unmissable/.venv/bin/unmissable speaker --id east ")
    assert "--state /var/lib/unmissable/speaker-east/state " in service["ExecStart"]
    for breaks_sound in ("PrivateDevices", "MemoryDenyWriteExecute", "ProtectClock"):
        assert breaks_sound not in service


def test_the_unit_names_an_output_as_systemd_reads_it() -> None:
    bundle = Bundle(**{**vars(BUNDLE), "output": 'USB "50 %" $1 Audio', "delay_ms": -12.5})
    assert unit_of(bundle)["Service"]["ExecStart"].endswith('--output "USB \\"50 %%\\" $$1 Audio" --delay-ms -12.5')


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    unit = tmp_path / BUNDLE.unit_name
    unit.write_text(BUNDLE.unit().replace("/opt/unmissable/.venv/bin/unmissable", "/bin/true"))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert BUNDLE.unit_name not in checked.stderr
