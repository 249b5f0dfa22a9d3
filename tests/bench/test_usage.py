"""What a process used."""

from __future__ import annotations

import os

import pytest

from bench.usage import memory, memory_of, processor_s

SMAPS = """\
7f0000000000-7f0000100000 r--s 00000000 08:01 42 /srv/east/pcm/9f86.pcm
Size:               1024 kB
Rss:                 512 kB
Pss:                 512 kB
7f0000200000-7f0000300000 rw-p 00000000 00:00 0
Rss:                2048 kB
7f0000400000-7f0000500000 r-xp 00000000 08:01 43 /usr/lib/libc.so.6
Rss:                1024 kB
"""


def test_decoded_music_stands_apart_from_the_program_itself() -> None:
    found = memory_of(SMAPS)
    assert (found.own_mib, found.music_mib) == (3.0, 0.5)


def test_a_process_that_works_uses_time_and_memory() -> None:
    before_s = processor_s(os.getpid())
    while processor_s(os.getpid()) - before_s < 0.05:
        sum(range(100_000))
    assert memory(os.getpid()).own_mib > 5


def test_a_process_that_is_gone_has_no_figures() -> None:
    with pytest.raises(OSError, match="No such file"):
        processor_s(2**22 + 1)
