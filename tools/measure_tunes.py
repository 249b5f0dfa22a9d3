"""Measures the demo's music as `unmissable music scan` does, and keeps what it found beside the music.

The demo takes these figures for files of the same content, so that its music starts without measuring it first.
Run it after `make_tunes.py`: python tools/measure_tunes.py
"""

import dataclasses
import json
import tempfile
from pathlib import Path

from scheduler.library_scan import scan
from scheduler.library_store import LibraryStore

DEMO_SCHOOL = Path(__file__).resolve().parent.parent / "unmissable" / "demo_school"


def main() -> None:
    """Scan music and bells, and write `measured.json`."""
    with tempfile.TemporaryDirectory() as folder:
        store = LibraryStore(Path(folder) / "library.sqlite")
        report = scan(store, DEMO_SCHOOL, ("music", "bells"))
        assert not report.bad, report.bad
        rows = [dataclasses.asdict(row) for row in store.files().values()]
    for row in rows:
        del row["mtime_ns"], row["bad"]
    text = json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
    (DEMO_SCHOOL / "measured.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
