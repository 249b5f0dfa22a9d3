from collections.abc import Callable
from typing import Any, Protocol

class PortAudioError(Exception): ...

class CallbackFlags:
    output_underflow: bool
    def __bool__(self) -> bool: ...

class _StreamTime(Protocol):
    currentTime: float
    outputBufferDacTime: float

class RawOutputStream:
    active: bool
    latency: float
    def __init__(
        self,
        *,
        samplerate: float,
        blocksize: int,
        device: int | str | None,
        channels: int,
        dtype: str,
        latency: float,
        callback: Callable[[Any, int, _StreamTime, CallbackFlags], None],
    ) -> None: ...
    def start(self) -> None: ...
    def abort(self) -> None: ...
    def close(self) -> None: ...

def query_devices() -> list[dict[str, Any]]: ...
def _initialize() -> None: ...
def _terminate() -> None: ...
