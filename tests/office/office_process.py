"""The office as a process of its own, for tests that kill it: `python -m tests.office.office_process JSON`."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from pathlib import Path

from office.service import OfficeSettings, serve
from wire.address import BrokerAddress, Credentials


async def run(state: Path, broker: str, credentials: Path, enrolment: Path, site: str) -> None:
    """Serve until SIGTERM; says `ready` on stdout."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = OfficeSettings(
        state=state,
        site=site,
        broker=BrokerAddress.parse(broker),
        credentials=Credentials.load(credentials),
        enrolment=enrolment,
    )
    await serve(settings, stop, lambda: print("ready", flush=True))  # noqa: T201


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    given = json.loads(sys.argv[1])
    asyncio.run(
        run(Path(given["state"]), given["broker"], Path(given["credentials"]), Path(given["enrolment"]), given["site"])
    )
