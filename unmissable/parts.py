"""The parts of the system that the programs need beside Python: which of Debian's packages are missing."""

from __future__ import annotations

import ctypes
import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

from unmissable.errors import MissingParts
from wire.mosquitto import find_program


@dataclasses.dataclass(frozen=True)
class Part:
    """Something of the system, the Debian package that brings it, and how to tell that it is there."""

    package: str
    present: Callable[[], bool]


def _library(name: str) -> Callable[[], bool]:
    def present() -> bool:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True

    return present


def _vlc_plugins() -> bool:
    return any(Path("/usr/lib").glob("*/vlc/plugins/codec")) or any(Path("/usr").glob("local/lib/vlc/plugins/codec"))


MOSQUITTO = Part("mosquitto", lambda: find_program("mosquitto") is not None)
FFMPEG = Part("ffmpeg", lambda: shutil.which("ffmpeg") is not None)
LIBVLC = Part("libvlc5", _library("libvlc.so.5"))
VLC_PLUGINS = Part("vlc-plugin-base", _vlc_plugins)
PORTAUDIO = Part("libportaudio2", _library("libportaudio.so.2"))

SPEAKER = (LIBVLC, VLC_PLUGINS, PORTAUDIO)
SCHOOL = (MOSQUITTO, FFMPEG, *SPEAKER)


def need(*parts: Part) -> None:
    """Raise MissingParts, with the command that installs them, unless all parts are there."""
    missing = [part.package for part in parts if not part.present()]
    if missing:
        raise MissingParts(f"missing: {', '.join(missing)}; install with: sudo apt-get install {' '.join(missing)}")
