"""Where sound goes: the port that every output is, and the null output for a machine without sound.

The sound card's adapter is `sound_output`.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from devices.pcm import CHANNELS, RATE, Frames
from devices.player import Player
from devices.timebase import Timebase
from wire.clock import steady_s

Tap = Callable[[float, Frames], None]
"""Sees each block of a null output: the instant of its first frame in Unix seconds, and the frames."""


class Output(ABC):
    """A place for the sound of one player, open from `start` to `stop`, silent or not."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What staff call it."""

    @property
    def fault(self) -> str | None:
        """What staff should know, as a sentence; None while all is well."""
        return None

    @property
    def alive(self) -> bool:
        """Whether it works, or works at its fault: False only when nothing but a new process can help."""
        return True

    @abstractmethod
    async def start(self) -> None:
        """Open the output, or begin to try; returns soon and raises nothing."""

    @abstractmethod
    async def stop(self) -> None:
        """Close the output."""


class NullOutput(Output):
    """An output that is paced by the clock and makes no sound; a `tap` may listen to it."""

    BLOCK_FRAMES = RATE // 25
    BEHIND_S = 1.0
    """Further behind than this, the machine slept: the time line begins anew."""

    def __init__(self, player: Player, timebase: Timebase, tap: Tap | None = None) -> None:
        self._player = player
        self._timebase = timebase
        self._tap = tap
        self._task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """As it is asked for."""
        return "null"

    async def start(self) -> None:
        """Begin to take blocks."""
        self._task = asyncio.create_task(self._run(), name="null output")

    async def stop(self) -> None:
        """Take no more blocks."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._player.reset()

    async def _run(self) -> None:
        block_s = self.BLOCK_FRAMES / RATE
        next_s = steady_s()
        self._player.reset(exact=True)
        while True:
            now_s = steady_s()
            if now_s - next_s > self.BEHIND_S:
                self._player.reset(exact=True)
                next_s = now_s
            while next_s <= now_s:
                school_offset_s = self._timebase.at_steady(0.0)
                frames = self._player.block(self.BLOCK_FRAMES, next_s, school_offset_s)
                if self._tap is not None:
                    silence = np.zeros((self.BLOCK_FRAMES, CHANNELS), dtype=np.int16)
                    self._tap(next_s + school_offset_s, silence if frames is None else frames)
                next_s += block_s
            await self._rest(max(0.0, next_s - steady_s()))

    async def _rest(self, seconds: float) -> None:
        """Wait for so many seconds of the steady clock."""
        await asyncio.sleep(seconds)
