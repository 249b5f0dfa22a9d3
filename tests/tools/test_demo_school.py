"""The demo school's files: every tune and the bell play, are tagged and levelled; the roll is whole and invented."""

import csv
import re
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tinytag import TinyTag

DEMO_SCHOOL = Path(__file__).resolve().parents[2] / "unmissable" / "demo_school"
TUNES = sorted(DEMO_SCHOOL.glob("music/*/*.ogg"))
CHIME = DEMO_SCHOOL / "bells" / "chime.ogg"
RATE = 44100


def decoded(file: Path) -> NDArray[np.float32]:
    """The two channels of a file, shape (n, 2)."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(file), "-f", "f32le", "-ar", str(RATE), "-ac", "2", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, dtype="<f4").reshape(-1, 2)


def loudness(file: Path) -> tuple[float, float]:
    """The integrated loudness in LUFS and the true peak in dBTP, as ffmpeg measures them."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(file), "-af", "ebur128=peak=true", "-f", "null", "-"]
    report = subprocess.run(command, capture_output=True, check=True, text=True).stderr.rpartition("Summary:")[2]
    found = {name: float(value) for name, value in re.findall(r"(I|Peak):\s+(-?[\d.]+)", report)}
    return found["I"], found["Peak"]


def test_each_part_of_the_day_has_several_tunes() -> None:
    counted = Counter(file.parent.name for file in TUNES)
    assert set(counted) == {"morning", "lively", "calm"}
    assert min(counted.values()) >= 3
    assert len(TUNES) >= 10


@pytest.mark.parametrize("file", TUNES, ids=lambda file: file.stem)
def test_a_tune_is_tagged_and_small(file: Path) -> None:
    tags = TinyTag.get(file)
    assert tags.title
    assert tags.artist
    assert tags.genre
    assert tags.other["license"] == ["CC0-1.0"]
    assert file.stat().st_size < 700_000


@pytest.mark.parametrize("file", TUNES, ids=lambda file: file.stem)
def test_a_tune_plays_whole_without_clicks_or_long_silence(file: Path) -> None:
    sound = decoded(file)
    assert 30 <= len(sound) / RATE <= 60
    assert np.max(np.abs(sound)) < 0.9
    assert np.max(np.abs(sound.mean(axis=0))) < 0.001, "a constant offset"
    assert np.max(np.abs(np.diff(sound, axis=0))) < 0.35, "a click"
    assert np.max(np.abs(sound[:5])) < 0.01, "cut on"
    assert np.max(np.abs(sound[-5:])) < 0.01, "cut off"
    heard = np.flatnonzero(np.max(np.abs(sound), axis=1) > 0.001)
    assert heard[0] < RATE, "silence at the start"
    assert len(sound) - heard[-1] < RATE, "silence at the end"


@pytest.mark.parametrize("file", [*TUNES, CHIME], ids=lambda file: file.stem)
def test_what_sounds_is_levelled(file: Path) -> None:
    lufs, peak_dbtp = loudness(file)
    assert -19 <= lufs <= -17
    assert peak_dbtp <= -1


def test_the_chime_lasts_two_seconds() -> None:
    assert len(decoded(CHIME)) / RATE == pytest.approx(2.0, abs=0.02)


@pytest.fixture(scope="module")
def roll() -> list[dict[str, str]]:
    with (DEMO_SCHOOL / "roll.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_roll_has_a_hundred_pupils_in_four_classes(roll: list[dict[str, str]]) -> None:
    assert Counter(row["class"] for row in roll) == {"oak": 25, "acorn": 25, "elm": 25, "ash": 25}


def test_numbers_cards_and_first_names_are_unique(roll: list[dict[str, str]]) -> None:
    for column in ("upn", "card", "first_name", "last_name"):
        assert len({row[column] for row in roll}) == 100, column


def test_cards_count_up_from_1001_with_oak_first(roll: list[dict[str, str]]) -> None:
    assert [row["card"] for row in roll] == [str(card) for card in range(1001, 1101)]
    assert {row["class"] for row in roll[:25]} == {"oak"}


def test_first_names_are_short_and_easy_to_read(roll: list[dict[str, str]]) -> None:
    assert all(re.fullmatch(r"[A-Z][a-z]{1,8}", row["first_name"]) for row in roll)


def test_dates_of_birth_fit_the_classes_of_autumn_2026(roll: list[dict[str, str]]) -> None:
    first_day = {"acorn": date(2021, 9, 1), "elm": date(2019, 9, 1), "oak": date(2017, 9, 1), "ash": date(2015, 9, 1)}
    for row in roll:
        start = first_day[row["class"]]
        assert start <= date.fromisoformat(row["date_of_birth"]) < start.replace(year=start.year + 1), row["upn"]


def test_most_may_be_named_as_dj(roll: list[dict[str, str]]) -> None:
    assert Counter(row["dj_name_consent"] for row in roll) == {"yes": 90, "no": 10}
    oak = [row["dj_name_consent"] for row in roll[:25]]
    assert oak.count("no") == 2
    assert oak[0] == "yes"


def test_every_contact_number_is_reserved_for_drama(roll: list[dict[str, str]]) -> None:
    for row in roll:
        assert re.fullmatch(r"07700 900\d{3}", row["contact_phone"]), row["upn"]
        assert row["contact_name"], row["upn"]
