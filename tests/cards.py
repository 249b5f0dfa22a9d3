"""Two simulated sound cards whose crystals are off, for tests and the bench; the sound server's work with them is real.

A card is the far end of PulseAudio's pipe sink: it takes frames at its own pace, as a card's crystal does, and not at
the server's. What it took is laid back on true time by that pace, so its own drift is not in the recording.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from devices.urgency import hurry
from tests.sound import RATE, PrivatePulse, Recording, first_channel, private_pulse

EVERY_S = 0.001
"""So often frames are taken: the server sees the card's place as coarsely."""
PIPE_BYTES = 16_384
"""93 ms of sound, which is what the card holds ahead."""
FRAME_BYTES = 4
SINKS = ("nodeA", "nodeB")
_SINK = "module-pipe-sink sink_name={{name}} file={folder}/{{name}} rate=44100 channels=2 format=s16le"


@dataclasses.dataclass(frozen=True)
class Take:
    """What a card took: its frames as they came, at the card's own rate; `dry_frames` of them came too late."""

    start_unix_s: float
    rate: float
    frames: bytes
    dry_frames: int

    def on_true_time(self) -> Recording:
        """The same as it was heard."""
        sound = first_channel(np.frombuffer(self.frames, dtype="<i2").reshape(-1, 2))
        wanted = np.arange(int(len(sound) * RATE / self.rate)) * (self.rate / RATE)
        on_time = np.interp(wanted, np.arange(len(sound)), sound).astype(np.float32)
        return Recording(self.start_unix_s, on_time)


class Card:
    """One card: its frame n sounds n / rate seconds after it was made; - ppm is a card that is too slow."""

    def __init__(self, pipe: int, ppm: float, now_unix_s: float) -> None:
        self.rate = RATE * (1 + ppm * 1e-6)
        self.dry_frames = 0
        self._pipe = pipe
        self._begun_unix_s = now_unix_s
        self._taken = 0
        self._heard_from = 0
        self._heard: bytearray | None = None

    def take(self, now_unix_s: float) -> None:
        """Take the frames that are due by now; silence where there are none."""
        due = int((now_unix_s - self._begun_unix_s) * self.rate) - self._taken
        if due <= 0:
            return
        try:
            sound = os.read(self._pipe, due * FRAME_BYTES)
        except BlockingIOError:
            sound = b""
        dry = due - len(sound) // FRAME_BYTES
        self.dry_frames += dry
        if self._heard is not None:
            self._heard += sound + bytes(dry * FRAME_BYTES)
        self._taken += due

    def begin(self) -> None:
        """Begin to record."""
        self._heard, self._heard_from, self.dry_frames = bytearray(), self._taken, 0

    def end(self) -> Take:
        """End the recording."""
        heard, self._heard = self._heard, None
        return Take(self._begun_unix_s + self._heard_from / self.rate, self.rate, bytes(heard or b""), self.dry_frames)


class Cards:
    """Both cards, at work in a process of their own until `stop`; `pulse` has them as the sinks `nodeA` and `nodeB`."""

    def __init__(self, pulse: PrivatePulse, folder: Path, ppms: Sequence[float]) -> None:
        self.pulse = pulse
        self._taken = folder / "taken"
        # In a thread here it could wait for another thread (GIL), which no sound card does.
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.cards",
                str(self._taken),
                *(f"{folder / name}={ppm}" for name, ppm in zip(SINKS, ppms, strict=True)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._answer()

    def begin(self) -> None:
        """Begin to record both."""
        self._tell("begin")

    def end(self) -> list[Take]:
        """End both recordings; the cards work on."""
        self._tell("end")
        return [_loaded(self._taken.with_suffix(f".{number}")) for number in range(len(SINKS))]

    def stop(self) -> None:
        """Take no more."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(5)
        self._process.stdout.close()

    def _tell(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._answer()

    def _answer(self) -> None:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        assert answer == "done\n", f"the simulated cards ended: {answer}"


@contextlib.contextmanager
def drifting_cards(folder: Path, ppms: Sequence[float]) -> Iterator[Cards]:
    """A PulseAudio of its own on two cards, each off by so many ppm: + is a card that is too quick."""
    with private_pulse(folder, _SINK.format(folder=folder)) as pulse, Path("/dev/zero").open("rb") as zeros:
        cards = Cards(pulse, folder, ppms)
        # An idle sink lets its pipe run empty (seen), and a card that starts is not what is measured here.
        silence = [
            subprocess.Popen(
                ["pacat", "-s", pulse.server, "-d", sink, "--raw", f"--rate={RATE}", "--latency-msec=100"],
                stdin=zeros,
            )
            for sink in SINKS
        ]
        try:
            yield cards
        finally:
            for one in silence:
                one.terminate()
                one.wait(5)
            cards.stop()


def _save(take: Take, path: Path) -> None:
    head = json.dumps([take.start_unix_s, take.rate, take.dry_frames])
    path.write_bytes(head.encode() + b"\n" + take.frames)


def _loaded(path: Path) -> Take:
    head, _, frames = path.read_bytes().partition(b"\n")
    path.unlink()
    start_unix_s, rate, dry_frames = json.loads(head)
    return Take(start_unix_s, rate, frames, dry_frames)


def _work(taken: Path, cards: Sequence[Card]) -> None:
    """Take frames, and do as stdin says, until that ends: so the cards end with who started them."""
    hurry(threading.get_native_id())
    sys.stdout.write("done\n")
    sys.stdout.flush()
    while True:
        told = select.select([sys.stdin], [], [], EVERY_S)[0]
        now_s = time.time()
        for card in cards:
            card.take(now_s)
        if told:
            word = sys.stdin.readline().strip()
            if word == "begin":
                for card in cards:
                    card.begin()
            elif word == "end":
                for number, take in enumerate([card.end() for card in cards]):
                    _save(take, taken.with_suffix(f".{number}"))
            else:
                return
            sys.stdout.write("done\n")
            sys.stdout.flush()


def _opened(pipe: str, ppm: str) -> Card:
    opened = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(opened, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return Card(opened, float(ppm), time.time())


if __name__ == "__main__":
    _work(Path(sys.argv[1]), [_opened(*card.rpartition("=")[::2]) for card in sys.argv[2:]])
