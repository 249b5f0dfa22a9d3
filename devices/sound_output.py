"""A sound device through PortAudio (ALSA, and PulseAudio or PipeWire behind ALSA's plugin); sounddevice lives here.

The stream stays open all day and plays silence between tracks. A device that cannot be opened, or that goes, is a
fault that is told and tried again every few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib
import logging
import os
import threading
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from devices.errors import OutputError
from devices.listen_output import ListenOutput, parse_listen_address
from devices.output import NullOutput, Output
from devices.pcm import CHANNELS, FRAME_BYTES, RATE
from devices.player import Player
from devices.sound_server import SoundServerWatch
from devices.timebase import Timebase
from wire.clock import steady_s

if TYPE_CHECKING:
    import sounddevice

_log = logging.getLogger(__name__)

BLOCK_FRAMES = RATE // 50
LATENCY_S = 0.10
"""How much is handed over ahead: a word of staff waits so long to be heard, and four busy loops on two cores broke
nothing off (measured; 0.25 s made silence 0.1 s later than it may be)."""
PRIORITY = 5
NICENESS = -10
"""Of the threads that carry sound alone: real time (SCHED_RR) where the system allows it, else this niceness, which
Linux does not heed between sessions (autogroup). They work a hundredth of the time and must not wait."""
_CLIENT_THREADS = ("alsa-pulse", "threaded-ml", "data-loop")
"""What libpulse and PipeWire call the threads of theirs in this process that carry the sound."""
RETRY_S = 1.0
STALLED_S = 1.0
"""Without a call for a block for this long the device is gone, whatever it says."""
PULSE = "pulse"
"""The name of ALSA's plugin that plays on a PulseAudio or PipeWire server; it honours PULSE_SERVER and PULSE_SINK."""
DEFAULT = "default"
DEAD_S = 15.0
"""A device that can be neither used nor closed for so long takes a new process."""
_UNPLAYABLE = ("null", "samplerate", "speexrate", "lavrate", "upmix", "vdownmix", "oss", "jack", "speex", "a52")


_ALSA_COMPLAINT = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)
_say_nothing = _ALSA_COMPLAINT(lambda *_: None)


def load_portaudio() -> ModuleType:
    """The sounddevice module; raises OutputError that names the package when PortAudio is not installed."""
    try:
        portaudio = importlib.import_module("sounddevice")
    except OSError:
        raise OutputError("PortAudio is missing: apt-get install libportaudio2 libasound2-plugins") from None
    with contextlib.suppress(OSError, AttributeError):
        # ALSA complains on stderr about each card that is not there, past every log.
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_say_nothing)
    return portaudio


def default_device() -> str | None:
    """The device that `default` means at this moment; None when this machine has none."""
    try:
        portaudio = load_portaudio()
    except OutputError:
        return None
    # PortAudio looks for devices when it is initialised, and never again; sounddevice has no public name for it.
    portaudio._terminate()  # noqa: SLF001
    portaudio._initialize()  # noqa: SLF001
    return choose_device(DEFAULT, output_names())


def output_names() -> list[str]:
    """The names of the devices that can play, as PortAudio sees them now."""
    portaudio = load_portaudio()
    return [str(device["name"]) for device in portaudio.query_devices() if device["max_output_channels"] >= CHANNELS]


def choose_device(wanted: str, names: list[str]) -> str | None:
    """The name of the device for `--output`; None when there is none for `default`; raises OutputError.

    `default` prefers the sound server when there is one.
    """
    if wanted == DEFAULT:
        for name in (PULSE, DEFAULT):
            if name in names:
                return name
        return next((name for name in names if name not in _UNPLAYABLE), None)
    if wanted in names:
        return wanted
    alike = [name for name in names if wanted.lower() in name.lower()]
    if len(alike) == 1:
        return alike[0]
    choice = ", ".join(names) or "none"
    raise OutputError(f"no sound device is named {wanted!r}; there are: {choice}")


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
        """Why there is no sound."""
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
                self._underruns_told = self._underruns

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
        # PortAudio looks for devices when it is initialised, and never again; sounddevice has no public name for it.
        portaudio._terminate()  # noqa: SLF001
        portaudio._initialize()  # noqa: SLF001
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
        _hurry(*_client_threads())
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
                _hurry(threading.get_native_id())
            if status.output_underflow:
                self._underruns += 1
                self._player.underrun()
            # Several blocks asked for in one go share one reading of the device's clock.
            if times.currentTime != self._batch[0]:
                self._batch = (times.currentTime, self._timebase.unix_s())
            instant_s = self._batch[1] + times.outputBufferDacTime - times.currentTime
            frames = None if self._astray else self._player.block(count, instant_s)
            out[:] = bytes(count * FRAME_BYTES) if frames is None else frames.tobytes()
        except Exception:  # noqa: BLE001 - the edge of a callback: an exception would end the stream
            out[:] = bytes(count * FRAME_BYTES)
            if not self._failed:
                self._failed = True
                _log.exception("a block could not be made")


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


def _hurry(*threads: int) -> None:
    """Let threads of this process go before other work, as far as the system allows it."""
    for thread in threads:
        try:
            os.sched_setscheduler(thread, os.SCHED_RR, os.sched_param(PRIORITY))
        except OSError:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, thread, NICENESS)


def _client_threads() -> list[int]:
    """The threads of the sound server's client in this process."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            if (task / "comm").read_text(encoding="ascii", errors="replace").strip() in _CLIENT_THREADS:
                found.append(int(task.name))
    return found


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
