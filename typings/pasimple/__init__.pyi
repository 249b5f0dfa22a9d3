PA_STREAM_PLAYBACK: int
PA_SAMPLE_S16LE: int

class PaSimple:
    def __init__(
        self,
        direction: int,
        format: int,
        channels: int,
        rate: int,
        *,
        server_name: str | None = None,
        device_name: str | None = None,
        tlength: int = -1,
        prebuf: int = -1,
        minreq: int = -1,
    ) -> None: ...
    def write(self, data: bytes) -> None: ...
    def get_latency(self) -> int: ...
    def drain(self) -> None: ...
