"""Render the demo school's music and bell: `python tools/make_tunes.py [--out FOLDER] [--only NAME]`.

The tunes are composed and played by the code in `tools/tunes/`; this needs numpy, and ffmpeg with libvorbis.
"""

import argparse
from pathlib import Path

from tunes.bell import chime
from tunes.catalogue import TUNES
from tunes.encoding import encode
from tunes.rendering import render
from tunes.sound import RATE

DEMO_SCHOOL = Path(__file__).resolve().parent.parent / "unmissable" / "demo_school"
BELL = "chime"


def main() -> None:
    """Render all tunes and the bell, or only the one named."""
    parser = argparse.ArgumentParser(description="Render the demo school's music and bell.")
    parser.add_argument("--out", type=Path, default=DEMO_SCHOOL, help="folder for music/ and bells/")
    parser.add_argument("--only", choices=[*TUNES, BELL], help="render this one only")
    options = parser.parse_args()
    for slug, tune in TUNES.items():
        if options.only in (None, slug):
            sound = render(tune)
            file = options.out / "music" / tune.folder / f"{slug}.ogg"
            tags = {"TITLE": tune.title, "ARTIST": tune.artist, "GENRE": tune.genre, "MOOD": tune.mood}
            encode(sound, file, tags)
            print(f"{file.name}: {sound.shape[1] / RATE:.1f} s, {file.stat().st_size // 1024} KB")
    if options.only in (None, BELL):
        file = options.out / "bells" / f"{BELL}.ogg"
        encode(chime(), file, {"TITLE": "Chime", "ARTIST": "Tidal Band", "GENRE": "Bell"})
        print(f"{file.name}: {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
