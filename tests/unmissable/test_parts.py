"""What of the system is missing is named, with the one command that installs it."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unmissable.conftest import Unmissable
from unmissable import parts
from unmissable.errors import MissingParts
from wire import mosquitto


def test_nothing_is_missing_on_this_machine() -> None:
    parts.need(*parts.SCHOOL)


@pytest.fixture
def without_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(mosquitto, "_SBIN", str(tmp_path))


@pytest.fixture
def without_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", refuse)


@pytest.mark.usefixtures("without_programs")
def test_missing_programs_are_named_with_the_command_that_installs_them() -> None:
    with pytest.raises(MissingParts) as raised:
        parts.need(*parts.SCHOOL)
    assert str(raised.value) == "missing: mosquitto, ffmpeg; install with: sudo apt-get install mosquitto ffmpeg"


@pytest.mark.usefixtures("without_libraries")
def test_missing_libraries_are_named_by_their_packages() -> None:
    with pytest.raises(MissingParts) as raised:
        parts.need(*parts.SPEAKER)
    assert str(raised.value) == (
        "missing: libvlc5, libportaudio2; install with: sudo apt-get install libvlc5 libportaudio2"
    )


@pytest.mark.usefixtures("without_programs")
def test_a_speaker_asks_for_no_broker_and_no_ffmpeg() -> None:
    parts.need(*parts.SPEAKER)


def test_the_broker_is_found_where_an_ordinary_users_path_does_not_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert mosquitto.find_program("mosquitto")


@pytest.mark.usefixtures("without_programs")
def test_the_commands_say_it_in_one_line_and_change_nothing(unmissable: Unmissable, tmp_path: Path) -> None:
    for arguments in (("init", str(tmp_path / "new"), "--school", "Hill End"), ("up", "--config", str(tmp_path))):
        told = unmissable(*arguments)
        assert told.status == 1, told
        assert told.err.splitlines() == [told.err.strip()]
        assert "ffmpeg; install with: sudo apt-get install " in told.err
    assert list(tmp_path.iterdir()) == []


def test_the_packages_that_are_named_are_those_that_brought_the_parts_here() -> None:
    if shutil.which("dpkg-query") is None:
        pytest.skip("this machine is no Debian")
    packages = [part.package for part in parts.SCHOOL]
    asked = subprocess.run(["dpkg-query", "-W", *packages], capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
