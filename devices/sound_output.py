"""A sound device through PortAudio (ALSA, and PulseAudio or PipeWire behind ALSA's plugin); sounddevice lives here.

The stream stays open all day and plays silence between tracks. A device that cannot be opened, or that goes, is a
fault that is told and tried again every few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from typing import TYPE_CHECKING, Any

from devices.errors import OutputError
from devices.output import Output
from devices.pcm import CHANNELS, FRAME_BYTES, RATE
from devices.player import Player
from devices.sound_devices import DEFAULT, PULSE, choose_device, load_portaudio, look_again, output_names
from devices.sound_server import SoundServerWatch
from devices.timebase import Timebase
from devices.urgency import client_threads, hurry
from wire.clock import steady_s

if TYPE_CHECKING:
    import sounddevice

_log = logging.getLogger(__name__)

BLOCK_FRAMES = RATE // 50
LATENCY_S = 0.10
"""How much is handed over ahead: a word of staff waits so long to be heard, and four busy loops on two cores broke
nothing off (measured; 0.25 s made silence 0.1 s later than it may be)."""
RETRY_S = 1.0
STALLED_S = 1.0
"""Without a call for a block for this long the device is gone, whatever it says."""
MANY_BREAKS = 3
LATELY_S = 60.0
"""So often within so long the sound broke off: staff should know; once in a while a machine does something else."""
DEAD_S = 15.0
"""A device that can be neither used nor closed for so long takes a new process."""


class SoundOutput(Output):
    """One stream to one device."""

    def __init__(self, player: Player, timebase: Timebase, wanted: str) -> None:
        self._name = wanted
        self._fault: str | None = None
        self._player = player
        self._timebase = timebase
        self._wanted = wanted
        self._stream: sounddevice.RawOutputStream | None = None
        self._task: asyncio.Task[None] | None = None
        self._called_at_s = 0.0
        self._failed = False
        self._urgent = False
        self._underruns = 0
        self._underruns_told = 0
        self._broke_at_s: list[float] = []
        self._batch = (0.0, 0.0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server_watch: SoundServerWatch | None = None
        self._astray: str | None = None
        self._look = asyncio.Event()
        self._watched_at_s = steady_s()

    @property
    def name(self) -> str:
        """The device in use, or the one that is wanted."""
        return self._name

    @property
    def fault(self) -> str | None:
        """Why there is no sound, or why it is not whole."""
        if self._fault is None and self._breaks(steady_s()) >= MANY_BREAKS:
            return "the sound breaks off again and again: this machine is too busy"
        return self._fault

    @property
    def alive(self) -> bool:
        """Whether the device is used, or tried again: opening or closing it may hang for ever in the driver."""
        return steady_s() - self._watched_at_s < DEAD_S

    async def start(self) -> None:
        """Try to open the device, and go on trying."""
        self._loop = asyncio.get_running_loop()
        await self._try_to_open()
        self._task = asyncio.create_task(self._watch(), name="sound output")

    async def stop(self) -> None:
        """Close the device."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self._close)

    async def _watch(self) -> None:
        while True:
            self._watched_at_s = steady_s()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_S if self._stream is None else 0.5):
                    await self._look.wait()
            self._look.clear()
            if self._stream is None:
                await self._try_to_open()
            elif self._astray is not None:
                gone = self._sink or "its own sink"
                self._complain(f"the sound server put the sound on {self._astray}, as {gone} is gone: waits for that")
                await asyncio.to_thread(self._close)
            elif steady_s() - self._called_at_s > STALLED_S or not self._stream.active:
                self._complain(f"the sound device {self.name} stopped")
                await asyncio.to_thread(self._close)
            if self._underruns > self._underruns_told:
                _log.warning("the sound broke off %d times: this machine is too busy", self._underruns)
                self._broke_at_s += [steady_s()] * (self._underruns - self._underruns_told)
                self._underruns_told = self._underruns

    def _breaks(self, now_s: float) -> int:
        """How often the sound broke off lately."""
        self._broke_at_s = [at_s for at_s in self._broke_at_s if now_s - at_s < LATELY_S]
        return len(self._broke_at_s)

    async def _try_to_open(self) -> None:
        try:
            await asyncio.to_thread(self._open)
        except OutputError as wrong:
            self._complain(str(wrong))
        else:
            if self.fault is not None:
                _log.warning("the sound device %s is back", self.name)
            self._fault = None

    def _complain(self, fault: str) -> None:
        if self.fault != fault:
            _log.error("%s", fault)
        self._fault = fault

    def _open(self) -> None:
        portaudio = load_portaudio()
        look_again(portaudio)
        device = choose_device(self._wanted, output_names())
        if device is None:
            raise OutputError("this machine has no sound device")
        try:
            stream = portaudio.RawOutputStream(
                samplerate=RATE,
                blocksize=BLOCK_FRAMES,
                device=device,
                channels=CHANNELS,
                dtype="int16",
                latency=LATENCY_S,
                callback=self._fill,
            )
            self._player.reset()
            self._urgent = False
            self._called_at_s = steady_s()
            stream.start()
        except portaudio.PortAudioError as wrong:
            raise OutputError(f"the sound device {device} cannot be opened: {wrong.args[0]}") from None
        except ValueError as wrong:
            raise OutputError(f"the sound device {device} cannot be opened: {wrong}") from None
        self._name = f"{device} ({self._sink})" if self._sink and device in (PULSE, DEFAULT) else device
        self._stream = stream
        hurry(*client_threads())
        if device in (PULSE, DEFAULT):
            self._server_watch = SoundServerWatch(self._sink, self._went_astray)
            self._server_watch.start()
        _log.info("sound goes to %s", self.name)

    @property
    def _sink(self) -> str | None:
        """The sink of the sound server that is configured, if any."""
        return os.environ.get("PULSE_SINK")

    def _went_astray(self, sink: str) -> None:
        # Called in the watch's thread: from here on the stream gets silence, until the loop has closed it.
        self._astray = sink
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._look.set)

    def _close(self) -> None:
        stream, self._stream = self._stream, None
        watch, self._server_watch = self._server_watch, None
        if stream is not None:
            portaudio = load_portaudio()
            with contextlib.suppress(portaudio.PortAudioError):
                stream.abort()
            with contextlib.suppress(portaudio.PortAudioError):
                stream.close()
        if watch is not None:
            watch.stop()
        self._astray = None
        self._player.reset()

    def _fill(self, out: Any, count: int, times: Any, status: Any) -> None:
        """Runs in PortAudio's thread: no lock, no file, no exception."""
        try:
            self._called_at_s = steady_s()
            if not self._urgent:
                self._urgent = True
                hurry(threading.get_native_id())
            if status.output_underflow:
                self._underruns += 1
                self._player.underrun()
            # Several blocks asked for in one go share one reading of the device's clock.
            if times.currentTime != self._batch[0]:
                self._batch = (times.currentTime, steady_s())
            instant_s = self._batch[1] + times.outputBufferDacTime - times.currentTime
            school_offset_s = self._timebase.at_steady(0.0)
            frames = None if self._astray else self._player.block(count, instant_s, school_offset_s)
            out[:] = bytes(count * FRAME_BYTES) if frames is None else frames.tobytes()
        except Exception:  # noqa: BLE001 - the edge of a callback: an exception would end the stream
            out[:] = bytes(count * FRAME_BYTES)
            if not self._failed:
                self._failed = True
                _log.exception("a block could not be made")
