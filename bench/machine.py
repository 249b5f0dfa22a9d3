"""The machine of a run and the versions of what is measured, for the head of the page."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

from bench.report import Fact

NEEDED = ("pulseaudio", "pactl", "parec", "ffmpeg", "snapserver", "snapclient", "mpd", "mpv")
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?")


def facts() -> list[Fact]:
    """Date, machine and versions."""
    return [
        Fact("date", dt.datetime.now(dt.UTC).date().isoformat()),
        Fact("machine", f"{os.cpu_count()} cores, {_processor()}, {_memory_gib():.0f} GiB"),
        Fact("kernel", f"{platform.system()} {platform.release()}"),
        Fact("ours", f"unmissable {importlib.metadata.version('unmissable')}, Python {platform.python_version()}"),
        Fact(
            "beside it",
            ", ".join(f"{name} {version_of(program)}" for name, program in _PEERS),
        ),
    ]


async def idle_share(over_s: float = 2.0) -> float:
    """Which part of the machine does nothing, looked at for a while: near 1 when a run has it for itself."""
    before, before_all = _ticks()
    await asyncio.sleep(over_s)
    idle, every = _ticks()
    return (idle - before) / max(1, every - before_all)


def _ticks() -> tuple[int, int]:
    fields = [int(field) for field in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
    return fields[3] + fields[4], sum(fields)


_PEERS = (("Snapcast", "snapserver"), ("MPD", "mpd"), ("mpv", "mpv"), ("PulseAudio", "pulseaudio"))


def version_of(program: str) -> str:
    """The version that a program says of itself."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = _VERSION.search(done.stdout + done.stderr)
    return found.group() if found else "of unknown version"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
