"""The room on a speaker's disk: how much is free, how much of it music may take, and what is told when it is full."""

from __future__ import annotations

import errno
import os
from pathlib import Path

RESERVE_BYTES = 64_000_000
RESERVE_SHARE = 0.05
"""What tracks and decoded sound leave free: messages, the as-run log and the system must be able to write."""
MOST_TRACK_BYTES = 8_000_000_000
"""About 1,500 tracks of MP3: more than a school has, and little beside the smallest card that is sold today."""
FULL = "the disk of this speaker is full: what is here plays on; free room on it, or give it a larger one"
UNWRITABLE = "the disk of this speaker cannot be written: what is here plays on; see whether it is damaged"
_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT)


def free_bytes(folder: Path) -> int:
    """What this program may still write on the disk of a folder; 0 where that cannot be told."""
    try:
        told = os.statvfs(folder)
    except OSError:
        return 0
    return told.f_bavail * told.f_frsize


def reserve_bytes(folder: Path) -> int:
    """What is left free on the disk of a folder: RESERVE_BYTES, or its share of a disk that is small."""
    try:
        told = os.statvfs(folder)
    except OSError:
        return RESERVE_BYTES
    return min(RESERVE_BYTES, round(told.f_blocks * told.f_frsize * RESERVE_SHARE))


def track_budget_bytes(folder: Path, own_bytes: int, quota_bytes: int | None) -> int:
    """How much tracks may take: what was asked for, else MOST_TRACK_BYTES or half of what is theirs or free."""
    if quota_bytes is not None:
        return quota_bytes
    return min(MOST_TRACK_BYTES, (own_bytes + free_bytes(folder)) // 2)


def is_full(failure: OSError) -> bool:
    """Whether something could not be written for want of room."""
    return failure.errno in _FULL_ERRORS


def disk_fault(failure: OSError) -> str:
    """What staff are told about something that could not be written."""
    return FULL if is_full(failure) else UNWRITABLE
