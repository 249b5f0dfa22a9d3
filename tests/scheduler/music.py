"""Real music files of every kind that the library reads, and of every kind that it must refuse, made once by ffmpeg."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

CODECS = {
    ".mp3": ("-c:a", "libmp3lame"),
    ".ogg": ("-c:a", "libvorbis"),
    ".opus": ("-c:a", "libopus"),
    ".flac": ("-c:a", "flac"),
    ".m4a": ("-c:a", "aac"),
    ".aac": ("-c:a", "aac"),
    ".wav": ("-c:a", "pcm_s16le"),
}


def make_tune(
    file: Path, *, duration_s: float = 3.0, tone_hz: int = 440, level_db: float = -12.0, options: tuple[str, ...] = ()
) -> Path:
    """A tone in the format that the file's suffix names; `options` go before the output, `-metadata` say."""
    file.parent.mkdir(parents=True, exist_ok=True)
    source = f"sine={tone_hz}:duration={duration_s}:sample_rate=44100"
    subprocess.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source),
            *("-af", f"volume={level_db + 18}dB", "-ac", "2", *CODECS[file.suffix.lower()], *options),
            f"file:{file}",
        ],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return file


def cut(source: Path, file: Path, part: float = 0.5) -> Path:
    """The first part of a file, as a copy that was broken off."""
    whole = source.read_bytes()
    file.write_bytes(whole[: int(len(whole) * part)])
    return file


def mark_explicit_by_itunes(file: Path) -> None:
    """Writes iTunes' `rtng` atom of 1 into an M4A whose moov stands at the end, as ffmpeg leaves it."""
    content = bytearray(file.read_bytes())
    data = struct.pack(">I4sII", 17, b"data", 21, 0) + b"\x01"
    atom = struct.pack(">I4s", 8 + len(data), b"rtng") + data
    places = [content.rindex(name) - 4 for name in (b"moov", b"udta", b"meta", b"ilst")]
    for place in places:
        (size,) = struct.unpack_from(">I", content, place)
        struct.pack_into(">I", content, place, size + len(atom))
    content[places[-1] + 8 : places[-1] + 8] = atom
    file.write_bytes(content)


GOOD: dict[str, tuple[str, str]] = {
    "ordinary.mp3": ("Sunrise", "Tidal Band"),
    "ordinary.ogg": ("Sunrise", "Tidal Band"),
    "ordinary.opus": ("Sunrise", "Tidal Band"),
    "ordinary.flac": ("Sunrise", "Tidal Band"),
    "ordinary.m4a": ("Sunrise", "Tidal Band"),
    "ordinary.wav": ("Sunrise", "Tidal Band"),
    "no tags.aac": ("no tags", ""),
    "no tags.mp3": ("no tags", ""),
    "Ünïcödé – 音楽.ogg": ("Ünïcödé – 音楽", ""),
    "-dash first.mp3": ("-dash first", ""),
    "100% of: it's \"odd\" [1] 'x'.flac": ("100% of: it's \"odd\" [1] 'x'", ""),
    "a\nnew line.ogg": ("a new line", ""),
    "UPPER.MP3": ("UPPER", ""),
    "hostile.ogg": ("[@click=app.quit]x[/] [31mred fin", "a b"),
    "endless.flac": ("x" * 300, ""),
    "tags in japanese.mp3": ("音楽の時間", "山"),
    "tag without text.flac": ("tag without text", ""),
    "old tags.mp3": ("Caf\u00e9", ""),
    "faststart.m4a": ("faststart", ""),
    "silence.flac": ("silence", ""),
    "blip.wav": ("blip", ""),
    "no length.mp3": ("no length", ""),
    "really a flac.mp3": ("Sunrise", "Tidal Band"),
    "deep/er/still.ogg": ("still", ""),
    "with cover.mp3": ("with cover", ""),
    "with cover.m4a": ("with cover", ""),
    "surround.flac": ("surround", ""),
    "high rate mono.wav": ("high rate mono", ""),
}
"""Each good file with the title and artist that it must get."""

BAD: dict[str, str] = {
    "text.mp3": "it is text, not music",
    "page.mp3": "it is a web page",
    "zero.ogg": "it is empty",
    "cut.mp3": "it is not whole: 1.",
    "cut.flac": "it is not whole: 1.",
    "cut.m4a": "it is not whole: its end is missing",
    "cut faststart.m4a": "it is not whole: 1.",
    "cut.ogg": "it is not whole: its end is missing",
    "cut.opus": "it is not whole: it breaks off",
    "cut.wav": "it is not whole: it breaks off",
    "cut.aac": "it is not whole: it breaks off",
    "noise.mp3": "it is not music that can be decoded",
    "zeroes.wav": "nothing but zero bytes",
    "film.m4a": "there is no sound in it",
    "photo.mp3": "it is none of MP3",
    "playlist.ogg": "it is text, not music",
    "broken link.ogg": "it is a link to a file that is not there",
    "windows.wma": ".wma is not played",
    "holes.mp3": "it is damaged",
}
"""Each bad file with words of the reason that must be given."""

TAGS = ("-metadata", "title=Sunrise", "-metadata", "artist=Tidal Band")


def make_music(folder: Path) -> None:
    """Makes every file of GOOD and BAD in a folder."""
    for suffix in (".mp3", ".ogg", ".opus", ".flac", ".m4a", ".wav"):
        make_tune(folder / f"ordinary{suffix}", options=TAGS)
    bare = ("-map_metadata", "-1")
    make_tune(folder / "no tags.aac", options=bare)
    make_tune(folder / "no tags.mp3", options=(*bare, "-id3v2_version", "0"))
    for name in ("Ünïcödé – 音楽.ogg", "-dash first.mp3", "100% of: it's \"odd\" [1] 'x'.flac", "a\nnew line.ogg"):
        make_tune(folder / name, options=bare)
    make_tune(folder / "UPPER.MP3", options=bare)
    hostile = ("-metadata", "title=[@click=app.quit]x[/]\n\x1b[31mred\u202e\x07 fin", "-metadata", "artist= a \t b ")
    make_tune(folder / "hostile.ogg", options=hostile)
    make_tune(folder / "endless.flac", options=("-metadata", "title=" + "x" * 5_000))
    japanese = ("-metadata", "title=音楽の時間", "-metadata", "artist=山", "-id3v2_version", "3")
    make_tune(folder / "tags in japanese.mp3", options=japanese)
    make_tune(folder / "tag without text.flac", options=("-metadata", "title=\u200b \u202e"))
    old = make_tune(folder / "old tags.mp3", options=(*bare, "-id3v2_version", "0"))
    old.write_bytes(old.read_bytes() + b"TAG" + "Café".encode("latin-1").ljust(30, b"\0") + b"\0" * 94 + b"\xff")
    make_tune(folder / "faststart.m4a", options=("-movflags", "+faststart"))
    make_tune(folder / "silence.flac", level_db=-200.0)
    make_tune(folder / "blip.wav", duration_s=0.2)
    make_tune(folder / "no length.mp3", options=(*bare, "-write_xing", "0"))
    shutil.copy(folder / "ordinary.flac", folder / "really a flac.mp3")
    make_tune(folder / "deep/er/still.ogg", options=bare)
    _make_odd_shapes(folder)
    _make_bad(folder)


def _make_odd_shapes(folder: Path) -> None:
    """Pictures beside the sound, and other channels and rates than usual."""
    for suffix in (".mp3", ".m4a"):
        picture = ("-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "color=red:s=64x64:d=0.04")
        sound = ("-i", folder / f"no tags{suffix}") if suffix == ".mp3" else ("-i", folder / "faststart.m4a")
        both = ("-map", "1:a", "-map", "0:v", "-c:a", "copy", "-c:v", "mjpeg", "-disposition:v", "attached_pic")
        subprocess.run(
            ["ffmpeg", *picture, *sound, *both, folder / f"with cover{suffix}"],
            check=True,
            stdin=subprocess.DEVNULL,
        )
    make_tune(folder / "surround.flac", options=("-ac", "6"))
    make_tune(folder / "high rate mono.wav", options=("-ac", "1", "-ar", "96000"))


def _make_bad(folder: Path) -> None:
    (folder / "text.mp3").write_text("Shopping list: apples, pears – and milk.\n" * 20)
    (folder / "page.mp3").write_text("<!DOCTYPE html><html><body>Not found</body></html>")
    (folder / "zero.ogg").write_bytes(b"")
    for suffix in (".mp3", ".flac", ".m4a", ".ogg", ".opus", ".wav"):
        cut(folder / f"ordinary{suffix}", folder / f"cut{suffix}")
    cut(folder / "no tags.aac", folder / "cut.aac")
    cut(folder / "faststart.m4a", folder / "cut faststart.m4a")
    (folder / "noise.mp3").write_bytes(bytes((7 * number * number + number // 3) % 251 for number in range(50_000)))
    (folder / "zeroes.wav").write_bytes(bytes(100_000))
    film = ("-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-an")
    subprocess.run(["ffmpeg", *film, folder / "film.m4a"], check=True, stdin=subprocess.DEVNULL)
    photo = ("-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-frames:v", "1")
    subprocess.run(["ffmpeg", *photo, folder / "photo.png"], check=True, stdin=subprocess.DEVNULL)
    (folder / "photo.png").rename(folder / "photo.mp3")
    (folder / "playlist.ogg").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nordinary.mp3\n#EXT-X-ENDLIST\n")
    (folder / "broken link.ogg").symlink_to("nowhere.ogg")
    (folder / "windows.wma").write_bytes(b"\x30\x26\xb2\x75")
    holes = bytearray((folder / "no length.mp3").read_bytes())
    for start in range(4_000, len(holes) - 4_000, 4_000):
        holes[start : start + 1_500] = bytes((13 * number) % 255 for number in range(1_500))
    (folder / "holes.mp3").write_bytes(holes)
    (folder / "cover.jpg").write_bytes(b"\xff\xd8")
    (folder / "._ordinary.mp3").write_bytes(b"\0\5\x16\7")
