"""What the kiosk loads."""

from __future__ import annotations

import subprocess
import sys

FOREIGN = (
    "apscheduler",
    "vlc",
    "sqlalchemy",
    "alembic",
    "numpy",
    "yaml",
    "sounddevice",
    "office",
    "scheduler",
    "devices",
)


def test_the_kiosk_loads_nothing_of_the_other_programs() -> None:
    ask = f"import sys, kiosk.app; print([name for name in {FOREIGN!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=30)
    assert ran.stdout.strip() == "[]"
