"""Samples to an Ogg Vorbis file with its tags, by ffmpeg."""

import subprocess
from pathlib import Path

import numpy as np

from .sound import RATE, Samples

LICENCE = "CC0-1.0"


def encode(sound: Samples, file: Path, tags: dict[str, str], quality: float = 3) -> None:
    """Write two channels as Ogg Vorbis; the same samples give the same bytes with the same ffmpeg."""
    file.parent.mkdir(parents=True, exist_ok=True)
    samples = np.ascontiguousarray(sound.T, dtype="<f4").tobytes()
    # fmt: off
    command = [
        "ffmpeg", "-hide_banner", "-loglevel", "error", "-y",
        "-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", "pipe:0",
        "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact",
        "-c:a", "libvorbis", "-q:a", str(quality),
    ]
    # fmt: on
    for name, value in {**tags, "LICENSE": LICENCE}.items():
        command += ["-metadata", f"{name}={value}"]
    subprocess.run([*command, str(file)], input=samples, check=True)
