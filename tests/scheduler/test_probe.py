"""Loudness and length of real files, and the reasons for those that cannot be judged."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scheduler import probe as probe_module
from scheduler.errors import UnplayableFile
from scheduler.probe import MAX_BOOST_DB, probe
from tests.scheduler.music import make_tune


@pytest.mark.parametrize("level_db", [-24.0, -12.0, -3.0])
def test_every_level_is_brought_to_the_same_loudness(level_db: float, tmp_path: Path) -> None:
    gain_db = probe(make_tune(tmp_path / "a.flac", level_db=level_db)).gain_db
    # A mono source becomes 3 dB less in each of two channels; R128 weighs 440 Hz by about -0.8 dB.
    loudness_lufs = level_db - 3.0 - 0.8
    assert gain_db == pytest.approx(-18.0 - loudness_lufs, abs=0.3)


def test_a_very_quiet_file_is_raised_only_so_far(tmp_path: Path) -> None:
    assert probe(make_tune(tmp_path / "a.flac", level_db=-50.0)).gain_db == MAX_BOOST_DB


def test_a_quiet_file_with_one_loud_peak_is_not_raised_past_the_ceiling(tmp_path: Path) -> None:
    file = tmp_path / "a.flac"
    spike = "aevalsrc=0.01*sin(880*PI*t)+if(between(t\\,1\\,1.001)\\,0.5*sin(2000*PI*t)\\,0):d=3:s=44100"
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", spike, file],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    gain_db = probe(file).gain_db
    assert 3.0 < gain_db < 5.6, "half of full scale is -6 dB, the ceiling -1 dB"


@pytest.mark.parametrize("duration_s", [0.3, 4.25])
@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".opus", ".flac", ".m4a", ".wav"])
def test_the_length_is_what_decodes(suffix: str, duration_s: float, tmp_path: Path) -> None:
    found_s = probe(make_tune(tmp_path / f"a{suffix}", duration_s=duration_s)).duration_s
    # AAC ends with a whole frame of 1024 samples; of Vorbis the decoder loses the first 128.
    assert found_s == pytest.approx(duration_s, abs={".m4a": 0.03, ".ogg": 0.004}.get(suffix, 0.002))


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = make_tune(tmp_path / "a.flac")
    monkeypatch.setattr(probe_module, "DECODE_TIMEOUT_S", 0.001)
    with pytest.raises(UnplayableFile, match="did not decode within"):
        probe(file)


def test_a_file_that_went_away_is_a_reason_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(UnplayableFile, match="cannot be read: No such file"):
        probe(tmp_path / "a.flac")


def test_a_playlist_named_as_music_opens_no_other_file(tmp_path: Path) -> None:
    make_tune(tmp_path / "secret.wav", duration_s=0.5)
    hidden = tmp_path / "list.mp3"
    hidden.write_bytes(b"ffconcat version 1.0\nfile secret.wav\n#\x01\xff")
    with pytest.raises(UnplayableFile):
        probe(hidden)


def test_a_moment_too_short_to_hear_is_no_music(tmp_path: Path) -> None:
    with pytest.raises(UnplayableFile, match="no sound in it"):
        probe(make_tune(tmp_path / "a.wav", duration_s=0.05))
