"""Runs a kiosk for tests: `python -m tests.kiosk.terminal_kiosk STATE BROKER CREDENTIALS [FLAG …]`."""

from __future__ import annotations

import sys
from pathlib import Path

from kiosk.app import run
from kiosk.settings import KioskSettings
from tests.brokers import SITE
from wire.address import BrokerAddress, Credentials


def main(state: str, broker: str, credentials: str, *flags: str) -> int:
    """Run until ended; the flags are `leave` (with ctrl-C) and `typed` (cards)."""
    settings = KioskSettings(
        classroom="oak",
        site=SITE,
        user="kiosk-oak",
        state=Path(state),
        broker=BrokerAddress.parse(broker),
        credentials=Credentials.load(Path(credentials)),
        hint="type 1001 Enter: today's DJ · ctrl-C leaves",
        leave_with_ctrl_c="leave" in flags,
        typed_cards="typed" in flags,
    )
    return run(settings)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
