"""A folder of music as schools have it: odd tags, odd names, broken files. The good plays, the bad is named."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.programs import Program, Ran, run
from tests.end_to_end.school import edit_for_now
from tests.sound import encode, music, write_wav
from tests.waiting import until_now

TRACK_S = 2.5
GOOD = {
    "Hopscotch.mp3": "Hopscotch Song",
    "Ünïcode – 音楽 🎵.ogg": "Ünïcode – 音楽 🎵",
    "no tags at all.flac": "no tags at all",
    "odd tags.m4a": "[@click=app.quit]Odd[/] and in two lines",
    "thin.mp3": "Thin & Small",
    "old/Spoken.wav": "Spoken",
}
"""The files that can be played, and the title that each is known by."""
BAD = {
    "cut.flac": "",
    "cut.m4a": "",
    "cut.ogg": "",
    "letter.mp3": "it is text, not music",
    "page.mp3": "it is a web page, not music: download it again",
    "empty.ogg": "it is empty (0 bytes): copy it again",
    "old/ancient.wma": ".wma is not played: save it as MP3, Ogg, FLAC, M4A or WAV",
}
"""The files that cannot be played, and what is said of them where it is the same for every such file."""
_TITLES: Mapping[str, tuple[str, ...]] = {
    "Hopscotch.mp3": ("-metadata", "title=Hopscotch Song", "-metadata", "artist=The Invented", "-id3v2_version", "3"),
    "odd tags.m4a": ("-metadata", "title=[@click=app.quit]Odd[/]\u200b and\nin two lines"),
    "thin.mp3": ("-metadata", "title=Thin & Small", "-ar", "22050", "-ac", "1", "-write_xing", "0", "-b:a", "32k"),
}


def make_music(folder: Path) -> None:
    """Every file of GOOD and BAD, and what lies about in such folders and is no music."""
    (folder / "old").mkdir(parents=True)
    wav = folder / "tune.wav"
    for seed, name in enumerate(GOOD, start=31):
        kind = Path(name).suffix[1:]
        write_wav(wav, music(seed, TRACK_S))
        made = encode(wav, kind, *_TITLES.get(name, ("-map_metadata", "-1")))
        made.rename(folder / name)
    for name, kind in (("cut.flac", "flac"), ("cut.m4a", "m4a"), ("cut.ogg", "ogg"), ("old/ancient.wma", "opus")):
        write_wav(wav, music(len(name), TRACK_S))
        made = encode(wav, kind)
        whole = made.read_bytes()
        made.unlink()
        (folder / name).write_bytes(whole[: len(whole) // 2] if name.startswith("cut") else whole)
    wav.unlink()
    (folder / "letter.mp3").write_text("Dear parents,\nplease find the music attached.\n")
    (folder / "page.mp3").write_text("<!DOCTYPE html><title>Sign in to download</title>")
    (folder / "empty.ogg").touch()
    (folder / "Thumbs.db").write_bytes(b"\0" * 100)
    (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "._Hopscotch.mp3").write_bytes(b"\0\5\x16\7")


@dataclasses.dataclass(frozen=True)
class Played:
    """What `init` said of the folder, and the as-run records once every good file was played."""

    init: Ran
    folder: Path
    config: Path
    records: tuple[dict[str, Any], ...]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A school with the folder, in a break in which each of its tracks has time to play."""
    place = tmp_path_factory.mktemp("real-music")
    folder, config = place / "Music – ours", place / "config"
    make_music(folder)
    flags = ("--school", "Hill End", "--classes", "oak", "--music", str(folder), "--pin-file", "-")
    init = run("init", str(config), *flags, answer="4711-invented\n")
    assert init.status == 0, init
    date = edit_for_now(config / "schedule.yaml", 4, 120)
    log = config / "state" / "as-run" / f"{date}.jsonl"

    def records() -> tuple[dict[str, Any], ...]:
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return tuple(json.loads(line) for line in lines)

    up = Program(place / "up.log", "up", "--config", str(config), "--output", "null")
    try:
        until_now(
            lambda: {one["title"] for one in records() if one["why"] == "ended"} >= set(GOOD.values()),
            4 + TRACK_S * len(GOOD) + 20,
            "an as-run record for each track",
        )
    except AssertionError as wrong:
        wrong.add_note(f"as-run: {records()}\nup: {up.said}")
        raise
    finally:
        up.end()
    return Played(init, folder, config, records())


def test_every_bad_file_is_named_with_its_reason_and_passed_over(played: Played) -> None:
    said = played.init.out.splitlines()
    named = [line for line in said if line.startswith("cannot be played: ")]
    assert len(named) == len(BAD), named
    for name, reason in BAD.items():
        (line,) = [line for line in named if line.startswith(f"cannot be played: {played.folder / name}: ")]
        assert line.endswith(reason)
        assert len(line) > len(f"cannot be played: {played.folder / name}: ") + 10
    assert f"{len(GOOD)} new, 0 changed, 0 unchanged, 0 gone, {len(BAD)} bad" in said
    assert f"approved by admin: {len(GOOD)}" in said


def test_every_good_file_is_played_to_its_end(played: Played) -> None:
    for title in GOOD.values():
        whole = [one for one in played.records if one["title"] == title and one["why"] == "ended"]
        assert whole, title
        assert all(one["zone"] == "playground" for one in whole)
    assert {one["title"] for one in played.records} == set(GOOD.values())
    assert not [one for one in played.records if one["why"] == "missing"]


def test_each_comes_once_and_without_a_gap_behind_the_one_before(played: Played) -> None:
    """As near as the speaker's looks at its own output tell it on a busy machine; a track left out is longer."""
    whole = sorted((one for one in played.records if one["why"] != "stopped"), key=lambda one: str(one["started_at"]))
    round_of_all = whole[: len(GOOD)]
    assert len({one["track"] for one in round_of_all}) == len(GOOD)
    for before, after in itertools.pairwise(round_of_all):
        gap = dt.datetime.fromisoformat(after["started_at"]) - dt.datetime.fromisoformat(before["ended_at"])
        assert abs(gap.total_seconds()) < TRACK_S / 2


def test_the_list_names_them_in_one_line_each(played: Played) -> None:
    listed = run("music", "list", "--config", str(played.config))
    assert listed.status == 0, listed
    lines = listed.out.splitlines()
    assert len(lines) == len(GOOD), listed
    for name, title in GOOD.items():
        assert [line for line in lines if line.startswith("approved") and title in line and name in line], name


def test_a_file_that_was_mended_is_found_by_the_next_scan(played: Played) -> None:
    made = encode(write_wav(played.folder / "letter.wav", music(99, TRACK_S)), "mp3")
    (played.folder / "letter.wav").unlink()
    assert made.name == "letter.mp3"
    scanned = run("music", "scan", "--config", str(played.config))
    assert scanned.status == 0, scanned
    assert f"0 new, 1 changed, {len(GOOD)} unchanged, 0 gone, {len(BAD) - 1} bad" in scanned.out, scanned
