"""Decoded sound out of libvlc's `smem` output, without pacing: the callbacks, and the option that names them.

Runs in a child process only. libvlc calls from a thread of its own; whoever takes its blocks slowly holds it back,
safely.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

_PRERENDER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t)
_POSTRENDER = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint,
    ctypes.c_size_t, ctypes.c_int64,
)  # fmt: skip


class Blocks:
    """Hands each block of 16-bit stereo at 44.1 kHz to `take`, which must raise nothing."""

    def __init__(self, take: Callable[[memoryview], None]) -> None:
        self._take_block = take
        self._block: Any = ctypes.create_string_buffer(0)
        # libvlc keeps only the addresses: these references keep the callbacks alive.
        self._prerender = _PRERENDER(self._lend)
        self._postrender = _POSTRENDER(self._take)

    @property
    def options(self) -> tuple[str, ...]:
        """What a medium is told so that its sound comes here."""
        return (
            ":sout=#transcode{acodec=s16l,samplerate=44100,channels=2,vcodec=none}:smem{"
            f"audio-prerender-callback={_address(self._prerender)},"
            f"audio-postrender-callback={_address(self._postrender)},audio-data=0,no-time-sync}}",
            ":no-sout-smem-time-sync",
            ":sout-audio",
        )

    def _lend(self, _data: int | None, block: Any, size: int) -> None:
        if len(self._block) < size:
            self._block = ctypes.create_string_buffer(size)
        block[0] = ctypes.addressof(self._block)

    def _take(
        self, _data: int | None, _block: int | None, _channels: int, _rate: int, _count: int, _bits: int, size: int,
        _pts: int,
    ) -> None:  # fmt: skip
        self._take_block(memoryview(self._block)[:size])


def _address(callback: Any) -> int:
    return ctypes.cast(callback, ctypes.c_void_p).value or 0
