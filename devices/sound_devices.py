"""The sound devices of this machine, as PortAudio sees them, and which of them is meant; sounddevice lives here.

PortAudio plays on ALSA, and on PulseAudio or PipeWire behind ALSA's plugin.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
from types import ModuleType

from devices.errors import OutputError
from devices.pcm import CHANNELS

PULSE = "pulse"
"""The name of ALSA's plugin that plays on a PulseAudio or PipeWire server; it honours PULSE_SERVER and PULSE_SINK."""
DEFAULT = "default"
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


def look_again(portaudio: ModuleType) -> None:
    """Have PortAudio look for devices anew, which it does when it is initialised, and never again."""
    portaudio._terminate()  # noqa: SLF001 - sounddevice has no public name for it
    portaudio._initialize()  # noqa: SLF001


def default_device() -> str | None:
    """The device that `default` means at this moment; None when this machine has none."""
    try:
        portaudio = load_portaudio()
    except OutputError:
        return None
    look_again(portaudio)
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
