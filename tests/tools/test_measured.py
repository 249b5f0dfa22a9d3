"""The measures that the demo takes over are those of its files."""

import hashlib
import json
from pathlib import Path

import pytest

from scheduler.probe import probe

DEMO_SCHOOL = Path(__file__).resolve().parents[2] / "unmissable" / "demo_school"
MEASURED = {one["path"]: one for one in json.loads((DEMO_SCHOOL / "measured.json").read_text(encoding="utf-8"))}


def test_every_file_was_measured_as_it_is() -> None:
    files = {file.relative_to(DEMO_SCHOOL).as_posix(): file for file in DEMO_SCHOOL.rglob("*.ogg")}
    assert MEASURED.keys() == files.keys()
    for path, file in files.items():
        assert MEASURED[path]["id"] == hashlib.sha256(file.read_bytes()).hexdigest(), path


@pytest.mark.parametrize("path", ["bells/chime.ogg", "music/lively/skipping-stones.ogg"])
def test_measuring_again_gives_the_same(path: str) -> None:
    sound = probe(DEMO_SCHOOL / path)
    assert sound.duration_s == pytest.approx(MEASURED[path]["duration_s"], abs=0.001)
    assert sound.gain_db == pytest.approx(MEASURED[path]["gain_db"], abs=0.1)
