"""Which output `--output` means: the one place that knows them all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os

from devices.listen_output import ListenOutput, parse_listen_address
from devices.output import NullOutput, Output
from devices.player import Player
from devices.sound_devices import DEFAULT, PULSE, default_device
from devices.sound_output import SoundOutput
from devices.timebase import Timebase

_log = logging.getLogger(__name__)


class DefaultOutput(Output):
    """What `--output default` means: the machine's sound device, or the null output (which says so) without one."""

    LOOK_AGAIN_S = 15.0

    def __init__(self, player: Player, timebase: Timebase) -> None:
        self._player = player
        self._timebase = timebase
        self._inner: Output | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The device's name, or why there is none."""
        if isinstance(self._inner, NullOutput):
            return "null: this machine has no sound device"
        return DEFAULT if self._inner is None else self._inner.name

    @property
    def fault(self) -> str | None:
        """The fault of the device in use."""
        return None if self._inner is None else self._inner.fault

    @property
    def alive(self) -> bool:
        """Whether the one in use works, or works at its fault."""
        return self._inner is None or self._inner.alive

    async def start(self) -> None:
        """Take the device if there is one, else the null output, and look again now and then."""
        if await asyncio.to_thread(default_device) is not None:
            await self._use(SoundOutput(self._player, self._timebase, DEFAULT))
            return
        _log.warning("this machine has no sound device: playing to the null output")
        await self._use(NullOutput(self._player, self._timebase))
        self._task = asyncio.create_task(self._look_again(), name="look for a sound device")

    async def stop(self) -> None:
        """Close what is in use."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._inner is not None:
            await self._inner.stop()

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(self.LOOK_AGAIN_S)
            if await asyncio.to_thread(default_device) is not None:
                await self._use(SoundOutput(self._player, self._timebase, DEFAULT))
                return

    async def _use(self, output: Output) -> None:
        if self._inner is not None:
            await self._inner.stop()
        self._inner = output
        await output.start()


def open_output(wanted: str, player: Player, timebase: Timebase, zone: str = "") -> Output:
    """The output for `--output`: `null`, `default`, a device's name, or `http://HOST:PORT`; not started yet.

    Who names a sink by PULSE_SINK wants that sound server, and a fault while it is away.
    """
    if wanted == "null":
        return NullOutput(player, timebase)
    if (address := parse_listen_address(wanted)) is not None:
        return ListenOutput(player, timebase, address, zone)
    if wanted == DEFAULT and os.environ.get("PULSE_SINK"):
        return SoundOutput(player, timebase, PULSE)
    return DefaultOutput(player, timebase) if wanted == DEFAULT else SoundOutput(player, timebase, wanted)
