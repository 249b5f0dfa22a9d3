"""What a process used, as the kernel counts it: processor time, and memory without the music that it has mapped."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

_HEAD = re.compile(r"^[0-9a-f]+-[0-9a-f]+ ")
_MIB = 1024.0
MUSIC = (".pcm", ".part")


@dataclasses.dataclass(frozen=True)
class Memory:
    """Resident memory in MiB: the program's own, and the decoded music that it has mapped from files."""

    own_mib: float
    music_mib: float


def processor_s(pid: int) -> float:
    """Seconds of processor time of a process, with those of its children that ended; raises OSError when it is gone."""
    # The name in brackets may hold spaces: the figures are behind the last bracket.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> Memory:
    """Resident memory of a process; raises OSError when it is gone."""
    return memory_of(Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8"))


def memory_of(smaps: str) -> Memory:
    """The sums of a text of the kernel's `smaps`."""
    own_kib = music_kib = 0
    is_music = False
    for line in smaps.splitlines():
        if _HEAD.match(line):
            is_music = line.endswith(MUSIC)
        elif line.startswith("Rss:"):
            kib = int(line.split()[1])
            music_kib += kib if is_music else 0
            own_kib += 0 if is_music else kib
    return Memory(own_kib / _MIB, music_kib / _MIB)
