"""Second 0 of a track, after decoding, is where ffmpeg has it, whatever the file: within 0.5 ms.

That is where the scheduler's length of the track begins. Where the file tells its encoder's delay, it is the second 0
of the original too. Two kinds cannot tell where they begin, and are measured against ffmpeg alone: AAC without a
container and MP3 without a header of its encoder (their `original` is False). A file without any sound cannot be
measured at all: it is as its codec's table says, and nobody hears by how much that is wrong.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from devices.alignment import find_head
from devices.codecs import HEAD_FRAMES_LOST, Codec
from devices.pcm import FRAME_BYTES, Frames
from tests.sound import RATE, Mono, first_channel, music, write_wav

WORST_S = 0.0005
LENGTH_S = 6.0
MOST_BYTES = 60 * RATE * FRAME_BYTES


def tune(seed: int = 31, length_s: float = LENGTH_S) -> Mono:
    return music(seed, length_s)


def fading_in() -> Mono:
    sound = tune()
    return (sound * np.linspace(0.0, 1.0, len(sound)) ** 4).astype(np.float32)


def after_silence(silent_s: float) -> Mono:
    return np.concatenate([np.zeros(round(silent_s * RATE), dtype=np.float32), tune()])


def bell(noise: float = 0.1, length_s: float = 2.0) -> Mono:
    """A stroke that rings; its noise is what tells one period of it from the next."""
    time_s = np.arange(round(length_s * RATE)) / RATE
    partials = sum(np.sin(2 * np.pi * pitch * time_s) * np.exp(-time_s * fall) for pitch, fall in ((523, 2), (1322, 4)))
    stroke = np.random.default_rng(1).standard_normal(len(time_s)) * np.exp(-time_s * 3)
    return (0.3 * np.asarray(partials) + noise * stroke).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class Case:
    """How ffmpeg makes a file of a sound, and whether the file tells where the original begins."""

    suffix: str
    options: tuple[str, ...] = ()
    sound: Callable[[], Mono] = tune
    original: bool = True
    at_s: tuple[float, ...] = (0.2, 2.0, 4.0)
    piece_s: float = 1.0


VORBIS = ("-c:a", "libvorbis")
CASES = {
    **{f"vorbis quality {q}": Case("ogg", (*VORBIS, "-q:a", str(q))) for q in range(10)},
    **{f"vorbis {rate}": Case("ogg", (*VORBIS, "-ar", str(rate))) for rate in (8000, 22050, 32000, 48000, 96000)},
    **{f"mp3 {rate}": Case("mp3", ("-ar", str(rate))) for rate in (8000, 22050, 32000, 44100, 48000)},
    **{f"flac {rate}": Case("flac", ("-ar", str(rate))) for rate in (8000, 22050, 44100, 48000, 96000)},
    **{f"wav {rate}": Case("wav", ("-ar", str(rate))) for rate in (8000, 22050, 32000, 44100, 48000, 96000)},
    **{f"m4a {rate}": Case("m4a", ("-ar", str(rate))) for rate in (8000, 22050, 32000, 44100, 48000, 96000)},
    **{f"adts {rate}": Case("aac", ("-ar", str(rate)), original=False) for rate in (8000, 22050, 44100, 48000)},
    "opus": Case("opus", ("-c:a", "libopus", "-b:a", "96k")),
    "opus mono": Case("opus", ("-c:a", "libopus", "-b:a", "48k", "-ac", "1")),
    "flac in ogg": Case("oga", ("-c:a", "flac", "-f", "ogg")),
    "flac in ogg 48000": Case("oga", ("-c:a", "flac", "-f", "ogg", "-ar", "48000")),
    "mp3 mono": Case("mp3", ("-ac", "1")),
    "mp3 48000 mono": Case("mp3", ("-ac", "1", "-ar", "48000")),
    "mp3 variable": Case("mp3", ("-q:a", "4")),
    "mp3 variable without header": Case("mp3", ("-q:a", "4", "-write_xing", "0"), original=False),
    "mp3 bare": Case("mp3", ("-write_xing", "0", "-id3v2_version", "0"), original=False),
    "wav 24 bit": Case("wav", ("-c:a", "pcm_s24le")),
    "wav float": Case("wav", ("-c:a", "pcm_f32le")),
    "wav mono": Case("wav", ("-ac", "1")),
    "flac 24 bit": Case("flac", ("-sample_fmt", "s32")),
    "flac of six channels": Case("flac", ("-ac", "6")),
    "mp3 that fades in": Case("mp3", ("-ar", "48000"), fading_in, at_s=(3.0, 4.5)),
    "vorbis that fades in": Case("ogg", VORBIS, fading_in, at_s=(3.0, 4.5)),
    "mp3 after 3 s of silence": Case("mp3", (), lambda: after_silence(3.0), at_s=(3.2, 7.0)),
    "m4a 48000 after 20 s of silence": Case("m4a", ("-ar", "48000"), lambda: after_silence(20.0), at_s=(20.2, 24.0)),
    "flac in ogg after 1 s of silence": Case("oga", ("-c:a", "flac", "-f", "ogg"), lambda: after_silence(1.0)),
    "mp3 bell": Case("mp3", (), bell, at_s=(0.0, 0.5), piece_s=0.4),
    "mp3 48000 bell": Case("mp3", ("-ar", "48000"), bell, at_s=(0.0, 0.5), piece_s=0.4),
    "vorbis bell": Case("ogg", VORBIS, bell, at_s=(0.0, 0.5), piece_s=0.4),
    "opus bell": Case("opus", ("-c:a", "libopus"), bell, at_s=(0.0, 0.5), piece_s=0.4),
    "m4a bell": Case("m4a", (), bell, at_s=(0.0, 0.5), piece_s=0.4),
}


def made(case: Case, folder: Path) -> tuple[Path, Mono]:
    """The file of a case under a name that says nothing, and the original sound."""
    sound = case.sound()
    wav = write_wav(folder / "original.wav", sound)
    path = folder / f"encoded.{case.suffix}"
    ffmpeg = ["ffmpeg", "-y", "-loglevel", "error", "-i", str(wav)]
    subprocess.run([*ffmpeg, *case.options, "-f", *_container(case), str(path)], check=True)
    return path.rename(folder / "stored-by-hash"), sound


def _container(case: Case) -> tuple[str]:
    return ({"oga": "ogg", "aac": "adts", "m4a": "ipod", "opus": "opus"}.get(case.suffix, case.suffix),)


def decoded(source: Path, *preference: str, **environment: str) -> tuple[Frames, dict[str, float | None]]:
    """The frames that the child makes of a file, and what it says of its head."""
    target = source.with_suffix(".decoded")
    command = [sys.executable, "-m", "devices.decoding", str(source), str(target), str(MOST_BYTES), *preference]
    done = subprocess.run(command, check=True, capture_output=True, env=environment or None)
    said = done.stdout.splitlines()
    return as_frames(target.read_bytes()), json.loads(said[-1]) if said else {}


def as_frames(content: bytes) -> Frames:
    return np.frombuffer(content, "<i2").reshape(-1, 2)


def as_ffmpeg_has_it(source: Path) -> Frames:
    command = ["ffmpeg", "-loglevel", "error", "-i", str(source), "-ar", str(RATE), "-ac", "2", "-f", "s16le", "-"]
    return as_frames(subprocess.run(command, check=True, capture_output=True).stdout)


def shift_s(heard: Mono, original: Mono, at_s: float, piece_s: float) -> float:
    """How late a piece of what was decoded is; fails the test when it is another sound.

    Loudness counts: a bell that dies away is like itself a little later, only louder.
    """
    first = round(at_s * RATE)
    piece = heard[first : first + round(piece_s * RATE)].astype(np.float64)
    size = 1 << (len(original) + len(piece)).bit_length()
    products = np.fft.irfft(np.fft.rfft(original, size) * np.conj(np.fft.rfft(piece, size)), size)
    energy = np.concatenate([[0.0], np.cumsum(original.astype(np.float64) ** 2)])
    windows = energy[len(piece) :] - energy[: -len(piece)]
    likeness = 2 * products[: len(windows)] / (windows + (piece**2).sum())
    best = int(np.argmax(likeness))
    assert likeness[best] > 0.7, f"at {at_s} s: likeness {likeness[best]:.2f}"
    return (first - best) / RATE


@pytest.mark.parametrize("name", CASES)
def test_second_0_is_at_its_place(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    source, sound = made(case, tmp_path)
    frames, said = decoded(source)
    heard = first_channel(frames)
    reference = first_channel(as_ffmpeg_has_it(source))
    shifts = [shift_s(heard, reference, at_s, case.piece_s) for at_s in case.at_s]
    if case.original:
        shifts += [shift_s(heard, sound, at_s, case.piece_s) for at_s in case.at_s]
    assert max(abs(one) for one in shifts) <= WORST_S, (shifts, said)
    likeness = said["likeness"]
    assert likeness is not None
    assert likeness > 0.85
    # At the end libvlc's resampler keeps a little back: more of it, the lower the rate is.
    assert -0.02 < (len(reference) - len(heard)) / RATE < 0.15


def test_what_the_decoder_lost_at_the_head_is_heard_all_the_same(tmp_path: Path) -> None:
    source, sound = made(CASES["flac in ogg"], tmp_path)
    frames, said = decoded(source)
    lost = said["lost"]
    assert lost is not None
    assert lost > RATE
    assert abs(shift_s(first_channel(frames), sound, 0.05, 0.5)) < WORST_S


def test_a_bell_of_which_libvlc_gives_nothing_is_heard_whole(tmp_path: Path) -> None:
    source, sound = made(Case("oga", ("-c:a", "flac", "-f", "ogg"), lambda: bell(length_s=1.5)), tmp_path)
    frames, said = decoded(source)
    assert said == {}
    assert len(frames) == len(sound)
    assert abs(shift_s(first_channel(frames), sound, 0.0, 0.5)) <= WORST_S


def test_a_bell_is_whole_to_its_last_frame(tmp_path: Path) -> None:
    source, _ = made(CASES["mp3 48000 bell"], tmp_path)
    assert len(decoded(source)[0]) == len(as_ffmpeg_has_it(source))


def test_a_wav_keeps_its_end_within_10_ms(tmp_path: Path) -> None:
    source, sound = made(Case("wav", (), lambda: tune(32, 20.0)), tmp_path)
    assert 0 <= len(sound) - len(decoded(source)[0]) < 0.010 * RATE


def test_big_pictures_in_front_of_the_sound_change_nothing(tmp_path: Path) -> None:
    source, _ = made(CASES["mp3 48000"], tmp_path)
    picture = tmp_path / "cover.png"
    noise = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "nullsrc=s=1200x1200,geq=random(1)*255:128:128"]
    subprocess.run([*noise, "-frames:v", "1", str(picture)], check=True)
    tagged = tmp_path / "tagged.mp3"
    command = ["ffmpeg", "-loglevel", "error", "-i", str(source), "-i", str(picture), "-map", "0:a", "-map", "1:v"]
    subprocess.run([*command, "-c", "copy", "-id3v2_version", "3", str(tagged)], check=True)
    assert tagged.stat().st_size > 1_000_000
    frames, _ = decoded(tagged)
    reference = first_channel(as_ffmpeg_has_it(tagged))
    assert max(abs(shift_s(first_channel(frames), reference, at_s, 1.0)) for at_s in (0.2, 4.0)) <= WORST_S


def test_a_file_of_silence_is_as_its_codec_says(tmp_path: Path) -> None:
    source, _ = made(Case("mp3", (), lambda: np.zeros(3 * RATE, dtype=np.float32)), tmp_path)
    frames, said = decoded(source)
    assert said == {"lost": HEAD_FRAMES_LOST[Codec.MP3], "likeness": None}
    assert len(frames) == 3 * RATE


def test_without_ffmpeg_a_file_is_as_its_codec_says(tmp_path: Path) -> None:
    source, sound = made(CASES["mp3 44100"], tmp_path)
    frames, said = decoded(source, PATH="/nowhere")
    assert said == {"lost": HEAD_FRAMES_LOST[Codec.MP3], "likeness": None}
    assert abs(shift_s(first_channel(frames), sound, 1.0, 1.0)) <= WORST_S


def test_ffmpeg_alone_gives_the_same(tmp_path: Path) -> None:
    source, sound = made(CASES["mp3 48000"], tmp_path)
    frames, _ = decoded(source, "ffmpeg")
    assert abs(shift_s(first_channel(frames), sound, 1.0, 1.0)) <= WORST_S


def test_a_pure_tone_is_laid_where_the_codec_says_because_every_period_is_as_good() -> None:
    tone = (8_000 * np.sin(2 * np.pi * np.arange(12 * RATE) / 100)).astype(np.int16)
    frames = np.repeat(tone[:, None], 2, axis=1)
    head = find_head(frames[1_200:], frames, 1_152)
    assert head is not None
    assert abs(head.lost - 1_152) <= 50
    assert head.lost % 100 == 0


@pytest.mark.parametrize("lost", [0, 1_152, 3_241])
def test_a_bell_that_only_rings_is_laid_to_the_frame(lost: int) -> None:
    frames = np.repeat((bell(0.0) * 32_767).astype(np.int16)[:, None], 2, axis=1)
    head = find_head(frames[lost:], frames, 1_000)
    assert head is not None
    assert head.lost == lost


@pytest.mark.parametrize(("left", "right"), [(1.0, -1.0), (1.0, 0.0), (0.0, 1.0), (0.02, 0.02)])
def test_odd_and_quiet_channels_are_laid_just_as_well(left: float, right: float) -> None:
    frames = np.round(tune(33, 12.0)[:, None] * np.array([left, right]) * 32_767).astype(np.int16)
    for lost in (1_234, 0):
        head = find_head(frames[lost:], frames, 0)
        assert head is not None
        assert head.lost == lost
    more = np.concatenate([np.zeros((500, 2), np.int16), frames])
    head = find_head(more, frames, 0)
    assert head is not None
    assert head.lost == -500


def test_another_sound_is_laid_nowhere() -> None:
    one, other = (np.repeat((tune(seed, 10.0) * 32_767).astype(np.int16)[:, None], 2, axis=1) for seed in (1, 2))
    assert find_head(one, other, 0) is None
