"""Sound for tests: music that never repeats, a private PulseAudio with two sinks, and a meter that hears what plays.

The meter records a sink's monitor, lays it on the wall clock, and finds where in a track a piece of the recording is
by cross-correlation. Each sink has a render timer of its own, as two sound cards have.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import subprocess
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.waiting import until_now

RATE = 44_100
SEARCH_S = 2.0
Mono = NDArray[np.float32]

ENCODERS = {
    "wav": (),
    "flac": (),
    "mp3": ("-b:a", "192k"),
    "ogg": ("-c:a", "libvorbis", "-q:a", "6"),
    "m4a": ("-c:a", "aac", "-b:a", "192k"),
    "opus": ("-c:a", "libopus", "-b:a", "128k"),
}
"""How ffmpeg makes each kind of file, by the end of its name."""


def music(seed: int, duration_s: float) -> Mono:
    """Drum bursts and notes at random times: no two places of it are alike, so a place can be found in it."""
    random = np.random.default_rng(seed)
    count = round(duration_s * RATE)
    sound = 0.01 * random.standard_normal(count)
    place = 0
    while place < count - RATE // 2:
        burst = int(RATE * random.uniform(0.05, 0.2))
        decay = np.exp(-np.arange(burst) / (burst / 5))
        if random.random() < 0.6:
            sound[place : place + burst] += (0.25 * decay * random.standard_normal(burst))[: count - place]
        note = np.arange(min(int(RATE * 0.4), count - place)) / RATE
        pitch = 220 * 2 ** (random.integers(-12, 24) / 12)
        sound[place : place + len(note)] += 0.15 * np.sin(2 * np.pi * pitch * note) * np.exp(-note * 6)
        place += int(RATE * random.uniform(0.09, 0.31))
    scaled: Mono = (sound / np.abs(sound).max() / 1.1).astype(np.float32)
    return scaled


def write_wav(path: Path, sound: Mono) -> Path:
    """Write music as 16-bit stereo."""
    frames = np.repeat((sound * 32_767).astype("<i2")[:, None], 2, axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames.tobytes())
    return path


def encode(wav: Path, kind: str, *options: str) -> Path:
    """The same music in another kind of file, beside it."""
    path = wav.with_suffix(f".{kind}")
    if kind != "wav":
        command = ["ffmpeg", "-y", "-loglevel", "error", "-i", str(wav), *ENCODERS[kind], *options, str(path)]
        subprocess.run(command, check=True)
    return path


def first_channel(frames: NDArray[np.int16]) -> Mono:
    """The left channel of 16-bit frames, full scale 1."""
    return frames[:, 0].astype(np.float32) / np.float32(32_768)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a piece of sound is in a track, in seconds, and how alike the two are: 1 is the same."""

    position_s: float
    likeness: float


def locate(piece: Mono, track: Mono) -> Place:
    """Find a piece of sound in a whole track, to a fraction of a sample."""
    count = len(piece)
    size = 1 << (len(track) + count).bit_length()
    product = np.fft.rfft(track, size) * np.conj(np.fft.rfft(piece, size))
    match = np.fft.irfft(product, size)[: len(track) - count + 1]
    energy = np.concatenate([[0.0], np.cumsum(track.astype(np.float64) ** 2)])
    windows = np.maximum(energy[count:] - energy[:-count], 1e-9)[: len(match)]
    likeness = match / np.sqrt(windows * max(float((piece**2).sum()), 1e-9))
    best = int(np.argmax(likeness))
    fraction = 0.0
    if 0 < best < len(likeness) - 1:
        before, peak, after = (float(one) for one in likeness[best - 1 : best + 2])
        if before - 2 * peak + after:
            fraction = 0.5 * (before - after) / (before - 2 * peak + after)
    return Place((best + fraction) / RATE, float(likeness[best]))


@dataclasses.dataclass(frozen=True)
class Recording:
    """What was heard, on the wall clock: frame 0 at `start_unix_s`."""

    start_unix_s: float
    sound: Mono

    @property
    def end_unix_s(self) -> float:
        """The instant behind the last frame."""
        return self.start_unix_s + len(self.sound) / RATE

    def piece(self, unix_s: float, duration_s: float) -> Mono:
        """What was heard from an instant on; fails the test when it was not recorded."""
        first = round((unix_s - self.start_unix_s) * RATE)
        end = first + round(duration_s * RATE)
        assert 0 <= first < end <= len(self.sound), f"{unix_s - self.start_unix_s:.2f} s is outside the recording"
        return self.sound[first:end]

    def loudness(self, unix_s: float, duration_s: float) -> float:
        """The root of the mean square of what was heard; full scale is 1."""
        return float(np.sqrt(np.mean(self.piece(unix_s, duration_s) ** 2)))

    def error_ms(self, track: Mono, second_0_unix_s: float, unix_s: float, duration_s: float = 0.75) -> float:
        """How late the track sounds at an instant if its second 0 was due at another; fails if it does not sound."""
        # Looked for within SEARCH_S of where it should be, with silence in front of the track, so that a piece is also
        # found that begins a little before it.
        margin = np.zeros(round(SEARCH_S * RATE), dtype=np.float32)
        padded = np.concatenate([margin, track, margin])
        first = max(0, round((unix_s - second_0_unix_s) * RATE))
        place = locate(
            self.piece(unix_s, duration_s), padded[first : first + 2 * len(margin) + round(duration_s * RATE)]
        )
        assert place.likeness > 0.5, f"something else sounds: likeness {place.likeness:.2f}"
        return (unix_s - second_0_unix_s - place.position_s - first / RATE + SEARCH_S) * 1e3


class Recorder:
    """Records the monitor of one sink from now until `stop`."""

    def __init__(self, server: str, sink: str, latency_ms: int = 20) -> None:
        self._process = subprocess.Popen(
            [
                *("parec", "-s", server, "-d", f"{sink}.monitor", "--raw", "--format=s16le"),
                *(f"--rate={RATE}", "--channels=2", f"--latency-msec={latency_ms}"),
            ],
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self._bytes = bytearray()
        self._stamps: list[tuple[int, float]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        until_now(lambda: len(self._stamps) > 20, 10.0, f"sound from the monitor of {sink}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        while block := os.read(self._process.stdout.fileno(), 65_536):
            self._stamps.append((len(self._bytes) // 4, time.time()))
            self._bytes += block

    def stop(self) -> Recording:
        """End the recording.

        A null sink posts a block when its first frame is due, so that a low percentile of arrival less frames before
        it is the instant of frame 0; fitted over the recording, because a sink's clock is not exactly 44.1 kHz.
        """
        self._process.terminate()
        self._process.wait(5)
        self._thread.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()
        frames = np.frombuffer(bytes(self._bytes[: len(self._bytes) // 4 * 4]), dtype="<i2").reshape(-1, 2)
        sound = first_channel(frames)
        start_s, ratio = _clock_of(np.array(self._stamps[5:]))
        if ratio == 1.0:
            return Recording(start_s, sound)
        wanted = np.arange(int(len(sound) * ratio) - 2) / ratio
        return Recording(start_s, np.interp(wanted, np.arange(len(sound)), sound).astype(np.float32))


def _clock_of(stamps: NDArray[np.float64]) -> tuple[float, float]:
    """The instant of frame 0, and how many frames of 44.1 kHz one frame lasts, of blocks of (frames before, arrival).

    A part of the recording in which the machine had no time for the recorder is left out.
    """
    # A block may be read in pieces: the first piece has its time.
    stamps = stamps[np.r_[True, np.diff(stamps[:, 1]) > 0.004]]
    starts = stamps[:, 1] - stamps[:, 0] / RATE
    parts = np.array_split(np.arange(len(stamps)), max(1, min(40, len(stamps) // 40)))
    lows = np.array([np.percentile(starts[part], 10) for part in parts])
    places = np.array([stamps[part, 0].mean() for part in parts])
    if len(parts) < 4:
        return float(lows.min()), 1.0
    for _ in range(3):
        slope, start_s = np.polyfit(places, lows, 1)
        over = lows - np.polyval((slope, start_s), places)
        good = over <= np.median(over) + 3e-4
        if good.all() or good.sum() < 4:
            break
        places, lows = places[good], lows[good]
    return float(start_s), 1.0 + float(slope) * RATE


@dataclasses.dataclass(frozen=True)
class PrivatePulse:
    """A PulseAudio of the tests' own with the null sinks `nodeA` and `nodeB`."""

    server: str

    def environment(self, sink: str) -> dict[str, str]:
        """What a speaker's process needs to play on one of the sinks."""
        return {"PULSE_SERVER": self.server, "PULSE_SINK": sink}

    def record(self, sink: str) -> Recorder:
        """Begin to record a sink; unequal block lengths make the phases of the two sinks sweep."""
        return Recorder(self.server, sink, 20 if sink == "nodeA" else 23)

    def ready(self) -> bool:
        """Whether the server answers and has both sinks."""
        try:
            return "nodeB" in self.control("list", "short", "sinks")
        except subprocess.CalledProcessError:
            return False

    def control(self, *arguments: str) -> str:
        """Run pactl on this server."""
        command = ["pactl", "-s", self.server, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


NULL_SINK = "module-null-sink sink_name={name} rate=44100 channels=2 format=s16le norewinds=1"


@contextlib.contextmanager
def private_pulse(folder: Path, sink: str = NULL_SINK) -> Iterator[PrivatePulse]:
    """Start a PulseAudio in a folder (root or not), and end it; `sink` is the module of its sinks, with {name}."""
    runtime = folder / "runtime"
    runtime.mkdir(parents=True, mode=0o700)
    socket = folder / "native"
    script = folder / "default.pa"
    script.write_text(
        f"load-module module-native-protocol-unix socket={socket} auth-anonymous=1\n"
        + "".join(f"load-module {sink.format(name=name)}\n" for name in ("nodeA", "nodeB"))
    )
    (folder / "daemon.conf").write_text("resample-method = speex-float-1\nflat-volumes = no\n")
    places = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(runtime), "PULSE_RUNTIME_PATH": str(runtime)}
    process = subprocess.Popen(
        [
            *("pulseaudio", "-n", "-F", str(script), "--exit-idle-time=-1", "--daemonize=no", "--disable-shm=no"),
            *("--realtime=yes", "--high-priority=yes", f"--log-target=file:{folder / 'log'}", "--use-pid-file=no"),
        ],
        env={**os.environ, **places, "PULSE_CONFIG": str(folder / "daemon.conf")},
    )
    try:
        until_now(socket.exists, 10.0, "PulseAudio's socket")
        pulse = PrivatePulse(f"unix:{socket}")
        until_now(pulse.ready, 20.0, "PulseAudio's sinks")
        yield pulse
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[PrivatePulse]:
    """A private PulseAudio for one test; its socket's path is short, as Unix sockets want."""
    if shutil.which("pulseaudio") is None:
        pytest.fail("these tests record sound: apt-get install pulseaudio pulseaudio-utils")
    with private_pulse(tmp_path / "pa") as running:
        yield running
