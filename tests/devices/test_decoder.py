"""Real files through real libvlc: whole, in place, and judged."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices import decoding
from devices.attempt import BROKEN, MARGIN_S, MISSING
from devices.cache import TrackCache
from devices.decoder import PcmStore, Shelf, Wanted
from devices.pcm import open_pcm
from tests.devices.conftest import Tune
from tests.sound import ENCODERS, RATE, encode, first_channel, locate, music, write_wav
from tests.waiting import until

LENGTH_S = 6.0
SOUND = music(11, LENGTH_S)


@pytest.fixture(scope="module")
def wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("decoder") / "tune.wav", SOUND)


@contextlib.asynccontextmanager
async def storing(
    folder: Path, *command: str, attempts: int = 2, shelf: Shelf | None = None
) -> AsyncIterator[PcmStore]:
    """A store that is at work."""
    store = PcmStore(folder / "pcm", lambda: None, command or None, attempts)
    store.lean_on(shelf or Shelf())
    task = asyncio.create_task(store.run())
    yield store
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wanted(source: Path, track: str = "tune", duration_s: float = LENGTH_S) -> Wanted:
    return Wanted(track, source, source.name, duration_s)


def reencoded(wav: Path, target: Path, *options: str) -> Path:
    """The same music as ffmpeg writes it with some options."""
    subprocess.run(["ffmpeg", "-loglevel", "error", "-i", str(wav), *options, str(target)], check=True)
    return target


@pytest.mark.parametrize("kind", ENCODERS)
async def test_every_kind_of_file_is_decoded_into_its_place(kind: str, wav: Path, tmp_path: Path) -> None:
    source = encode(wav, kind).rename(tmp_path / "stored-by-hash") if kind != "wav" else wav
    async with storing(tmp_path) as store:
        store.want([wanted(source)])
        await until(lambda: store.has("tune"), 10.0)
        pcm = store.get("tune")
    assert pcm is not None
    heard = first_channel(pcm.frames)
    for at_s in (0.5, 2.0, 4.5):
        first = round(at_s * RATE)
        place = locate(heard[first : first + RATE], SOUND)
        assert place.likeness > 0.8
        assert abs(place.position_s - at_s) < 0.0005
    assert pcm.length / RATE == pytest.approx(LENGTH_S, abs=0.1)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("flac", ("-ar", "48000")),
        ("m4a", ("-ar", "48000")),
        ("ogg", ("-ar", "48000")),
        ("mp3", ("-ar", "48000")),
        ("mp3", ("-ac", "1")),
        ("mp3", ("-write_xing", "0", "-id3v2_version", "0")),
        ("wav", ("-ar", "48000", "-ac", "1")),
    ],
)
async def test_other_rates_and_mono_keep_their_sound_and_do_not_wander(
    kind: str, options: tuple[str, ...], wav: Path, tmp_path: Path
) -> None:
    source = reencoded(wav, tmp_path / f"other.{kind}", *ENCODERS[kind], *options)
    async with storing(tmp_path) as store:
        store.want([wanted(source)])
        await until(lambda: store.has("tune"), 10.0)
        pcm = store.get("tune")
    assert pcm is not None
    heard = first_channel(pcm.frames)
    places = [locate(heard[round(at_s * RATE) :][:RATE], SOUND) for at_s in (0.5, 4.5)]
    assert min(place.likeness for place in places) > 0.8
    assert abs(places[1].position_s - places[0].position_s - 4.0) < 0.0003


async def test_a_file_with_odd_tags_and_a_name_in_unicode_is_decoded(wav: Path, tmp_path: Path) -> None:
    source = encode(wav, "mp3", "-metadata", "title=[@click=app.quit]\u202e\U0001f600", "-id3v2_version", "3")
    source = source.rename(tmp_path / "日本 – ‘Ünïcode’ %20 #?.mp3")
    async with storing(tmp_path) as store:
        store.want([wanted(source)])
        await until(lambda: store.has("tune"), 10.0)


@pytest.mark.parametrize("content", [b"this is a text, not music\n" * 40, b"", b"ID3\x04" + bytes(5000)])
async def test_a_file_that_is_no_music_is_named_and_skipped(
    content: bytes, tmp_path: Path, tunes: tuple[Tune, ...]
) -> None:
    source = tmp_path / "notes.mp3"
    source.write_bytes(content)
    async with storing(tmp_path) as store:
        store.want([wanted(source, "bad"), wanted(tunes[0].path, "good", tunes[0].duration_s)])
        await until(lambda: store.has("good") and store.bad, 20.0)
        assert store.bad == {"bad": "it is not music that can be decoded"}
        assert store.get("bad") is None


async def test_a_truncated_file_is_named_with_the_seconds_that_it_gives(wav: Path, tmp_path: Path) -> None:
    source = encode(wav, "mp3")
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    async with storing(tmp_path) as store:
        store.want([wanted(source)])
        await until(lambda: store.bad, 20.0)
        assert store.fault is not None
        assert "tune.mp3" in store.fault
        assert "of its 6.0 s can be decoded" in store.fault
        assert not list((tmp_path / "pcm").iterdir())


async def test_a_child_that_is_killed_is_started_again(wav: Path, tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    script = (
        "import os, sys, signal, pathlib; from devices import decoding\n"
        f"first = not os.path.exists({str(killed)!r})\n"
        f"pathlib.Path({str(killed)!r}).touch()\n"
        "if first: os.kill(os.getpid(), signal.SIGKILL)\n"
        "os._exit(decoding.main(sys.argv[1:]))\n"
    )
    async with storing(tmp_path, sys.executable, "-c", script) as store:
        store.want([wanted(wav)])
        await until(lambda: store.has("tune"), 10.0)
        assert killed.exists()
        assert store.fault is None


async def test_without_libvlc_one_line_names_the_packages(wav: Path, tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['vlc'] = None; from devices import decoding; sys.exit(decoding.main(sys.argv[1:]))"
    )
    async with storing(tmp_path, sys.executable, "-c", script) as store:
        store.want([wanted(wav)])
        await until(lambda: store.has("tune"), 10.0, "ffmpeg in its place")
        assert store.fault == MISSING
        assert not store.bad


async def test_without_libvlc_and_without_ffmpeg_no_track_is_blamed(
    wav: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    script = (
        "import sys; sys.modules['vlc'] = None; from devices import decoding; sys.exit(decoding.main(sys.argv[1:]))"
    )
    async with storing(tmp_path, sys.executable, "-c", script) as store:
        store.want([wanted(wav)])
        assert await until(lambda: store.fault, 10.0) == MISSING
        assert not store.bad
        assert not store.has("tune")


@pytest.fixture
def without_plugins() -> tuple[str, ...]:
    """The beginning of a command for which libvlc has no plugins."""
    plugins = next(Path("/usr/lib").glob("*/vlc/plugins"))
    command = ("unshare", "-m", "sh", "-c", f'mount -t tmpfs tmpfs {plugins} && exec "$@"', "sh")
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("hiding libvlc's plugins by a mount is not permitted here")
    return command


async def test_a_libvlc_without_its_plugins_is_told_and_ffmpeg_decodes(
    without_plugins: tuple[str, ...], wav: Path, tmp_path: Path
) -> None:
    async with storing(tmp_path, *without_plugins, sys.executable, "-m", "devices.decoding") as store:
        store.want([wanted(wav)])
        await until(lambda: store.has("tune"), 10.0)
        assert store.fault == BROKEN
        assert not store.bad


SEGFAULT = "os.kill(os.getpid(), signal.SIGSEGV)"
HANG = "time.sleep(60)"
NOTHING = "open(sys.argv[2], 'wb').close()"
SLOW = "f = open(sys.argv[2], 'wb', buffering=0)\n while True: f.write(bytes(400)); time.sleep(0.05)"
ENDLESS = "f = open(sys.argv[2], 'wb', buffering=0)\n while True: f.write(bytes(400_000)); time.sleep(0.01)"


@pytest.mark.parametrize(
    ("evil", "why"),
    [
        (SEGFAULT, "its decoding crashed (Segmentation fault)"),
        (HANG, "its decoding hung"),
        (NOTHING, "it is not music that can be decoded"),
        (SLOW, "its decoding is far too slow"),
        (ENDLESS, "its decoding does not end"),
    ],
)
async def test_whatever_a_decoder_does_its_track_is_named_after_two_tries_and_the_next_one_is_ready(
    evil: str, why: str, wav: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.attempt.STALL_S", 0.6)
    monkeypatch.setattr("devices.attempt.TIMEOUT_S", 1.0)
    tries = tmp_path / "tries"
    script = (
        "import os, signal, sys, time; from devices import decoding\n"
        "if 'evil' in sys.argv[2]:\n"
        f" open({str(tries)!r}, 'a').write('1')\n"
        f" {evil}\n"
        "else: os._exit(decoding.main(sys.argv[1:]))\n"
    )
    async with storing(tmp_path, sys.executable, "-c", script) as store:
        store.want([wanted(wav, "evil"), wanted(wav, "good")])
        await until(lambda: store.bad and store.has("good"), 20.0)
        assert store.bad == {"evil": why}
        assert store.get("evil") is None
        assert store.fault == (
            f"track 'tune.wav' cannot be played: {why}; it is silent in its place, the next one plays; "
            "copy its file again or take it out"
        )
        assert tries.read_text() == "11"
        assert [path.name for path in (tmp_path / "pcm").iterdir()] == ["good.pcm"]


async def test_a_track_on_which_libvlc_crashes_is_decoded_by_ffmpeg(wav: Path, tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from devices import decoding\n"
        "if sys.argv[4:] != ['ffmpeg']: os.kill(os.getpid(), signal.SIGSEGV)\n"
        "os._exit(decoding.main(sys.argv[1:]))\n"
    )
    async with storing(tmp_path, sys.executable, "-c", script) as store:
        store.want([wanted(wav)])
        await until(lambda: store.has("tune"), 10.0)
        pcm = store.get("tune")
        assert pcm is not None
        assert pcm.length == round(LENGTH_S * RATE)
        assert store.fault is None


async def test_a_file_that_was_damaged_on_the_disk_is_no_bad_track(wav: Path, tmp_path: Path) -> None:
    cache = TrackCache(tmp_path / "tracks")
    track = sha256(wav)
    cache.path(track).write_bytes(b"this was music once")
    async with storing(tmp_path, shelf=Shelf(intact=cache.intact)) as store:
        store.want([wanted(cache.path(track), track)])
        await until(lambda: not cache.has(track), 10.0)
        shutil.copy(wav, cache.path(track))
        store.poke()
        await until(lambda: store.has(track), 10.0)
        assert not store.bad


async def test_a_track_longer_than_its_programme_says_is_cut_there(wav: Path, tmp_path: Path) -> None:
    async with storing(tmp_path) as store:
        store.want([wanted(wav, duration_s=2.0)])
        await until(lambda: store.has("tune"), 10.0)
        pcm = store.get("tune")
        assert pcm is not None
        assert pcm.length == round((2.0 + MARGIN_S) * RATE)


async def test_a_second_try_takes_nothing_away_from_what_sounds_already(wav: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    script = (
        "import os, sys, time\n"
        "first = not sys.argv[4:]\n"
        "open(sys.argv[2], 'wb').write(bytes([7]) * (44_100 * 4 if first else 4_000))\n"
        "if not first:\n"
        f"    open({str(again)!r}, 'w').close(); time.sleep(60)\n"
        "time.sleep(0.6); sys.exit(1)\n"
    )
    async with storing(tmp_path, sys.executable, "-c", script) as store:
        store.want([wanted(wav)])
        pcm = await until(lambda: store.get("tune"), 10.0)
        await until(again.exists, 10.0)
        assert pcm is not None
        assert (pcm.frames == 0x0707).all()
        later = store.get("tune")
        assert later is not None
        assert later.length == RATE


async def test_a_full_disk_is_told_and_blames_no_track(wav: Path, tmp_path: Path) -> None:
    script = f"import sys; sys.exit({decoding.NOT_WRITTEN})"
    async with storing(tmp_path, sys.executable, "-c", script) as store:
        store.want([wanted(wav)])
        await until(lambda: "disk of this speaker is full" in str(store.fault), 10.0)
        assert not store.bad


def test_memory_that_was_let_go_comes_back_when_it_is_read(tmp_path: Path) -> None:
    sound = bytes(range(256)) * 4_096
    (tmp_path / "tune.pcm").write_bytes(sound)
    pcm = open_pcm(tmp_path / "tune.pcm")
    pcm.spare_memory()
    assert pcm.frames.tobytes() == sound


async def test_a_track_is_heard_as_far_as_it_is_decoded(wav: Path, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = (
        "import os, sys, time, pathlib\n"
        "pathlib.Path(sys.argv[2]).write_bytes(bytes(44_100 * 4))\n"
        f"pathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    async with storing(tmp_path, sys.executable, "-c", script) as store:
        store.want([wanted(wav)])
        await until(pid.exists, 10.0)
        pcm = store.get("tune")
        assert pcm is not None
        assert pcm.length == RATE
        assert not store.has("tune")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), signal.SIGCONT)


async def test_a_track_that_is_due_first_need_not_wait_for_a_long_one(wav: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = (
        "import os, sys, time, pathlib; from devices import decoding\n"
        "if 'long' in sys.argv[2]:\n"
        f"    pathlib.Path({str(started)!r}).touch(); time.sleep(60)\n"
        "os._exit(decoding.main(sys.argv[1:]))\n"
    )
    async with storing(tmp_path, sys.executable, "-c", script) as store:
        store.want([wanted(wav, "long")])
        await until(started.exists, 10.0)
        store.want([wanted(wav, "pick"), wanted(wav, "long")])
        await until(lambda: store.has("pick"), 10.0)
        assert not store.bad


async def test_what_is_not_wanted_any_more_leaves_the_disk(wav: Path, tmp_path: Path) -> None:
    async with storing(tmp_path) as store:
        store.want([wanted(wav)])
        await until(lambda: store.has("tune"), 10.0)
        pcm = store.get("tune")
        store.want([])
        await until(lambda: not store.has("tune"), 5.0)
        assert pcm is not None
        assert pcm.frames[: RATE // 10].any()


def test_an_empty_file_of_frames_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nothing.pcm").touch()
    with pytest.raises(OSError, match="no frames"):
        open_pcm(tmp_path / "nothing.pcm")
