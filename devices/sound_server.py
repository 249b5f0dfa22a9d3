"""Keeps an eye on the sound server (PulseAudio, or PipeWire's): does our stream still play where it should?

When a sink goes, the server moves its streams to another one, a screen's HDMI, say, and never back. And it remembers
volumes that somebody set once. So a thread listens for the server's events: a stream that plays elsewhere is reported
at once, and the stream's own volume is put back to full, since loudness is made on samples. pulsectl lives here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable

import pulsectl

_log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Events come at once; without any the streams are looked at this often."""
_AWAY = (pulsectl.PulseError, pulsectl.PulseDisconnected)
_FULL = 1.0
_SLIGHT = 0.005


class SoundServerWatch:
    """Watches the streams of this process; `on_astray` gets the name of another sink that one of them is on.

    It is called in the watch's thread. `wanted` is the sink that they should be on; None means the server's default.
    """

    def __init__(self, wanted: str | None, on_astray: Callable[[str], None]) -> None:
        self._wanted = wanted
        self._on_astray = on_astray
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch; a server that is away ends the watch quietly, as then the stream ends too."""
        self._thread = threading.Thread(target=self._run, name="sound server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch and wait for its thread, unless that is this one."""
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(LOOK_S * 3)

    def _run(self) -> None:
        try:
            server = pulsectl.Pulse("unmissable: watch")
        except _AWAY:
            return
        with contextlib.suppress(*_AWAY), contextlib.closing(server):
            server.event_mask_set("sink_input", "server")
            # The library allows no question inside a callback: the callback only ends the listening.
            server.event_callback_set(_end_listening)
            while not self._stopping.is_set():
                self._look(server)
                server.event_listen(LOOK_S)

    def _look(self, server: pulsectl.Pulse) -> None:
        sinks = {sink.index: sink.name for sink in server.sink_list()}
        wanted = self._wanted or server.server_info().default_sink_name
        for stream in server.sink_input_list():
            if stream.proplist.get("application.process.id") != str(os.getpid()):
                continue
            sink = sinks.get(stream.sink, "none")
            if sink != wanted:
                self._on_astray(sink)
            elif stream.mute or abs(stream.volume.value_flat - _FULL) > _SLIGHT:
                percent = 0 if stream.mute else round(stream.volume.value_flat * 100)
                _log.warning("the sound server had this speaker at %d %%: set to full", percent)
                server.mute(stream, False)
                server.volume_set_all_chans(stream, _FULL)


def _end_listening(_event: pulsectl.PulseEventInfo) -> None:
    raise pulsectl.PulseLoopStop
