"""A speaker as a process of its own, for tests that kill it: `python -m tests.devices.speaker_process SETTINGS`.

SETTINGS is a JSON file with the fields of SpeakerSettings; the broker as mqtt://…, the credentials as a file. SIGUSR1
sets the process's wall clock an hour ahead.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from devices.speaker import SpeakerSettings, serve
from wire.address import BrokerAddress, Credentials
from wire.clock import live_by


def _steady_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


async def _main(settings: SpeakerSettings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, lambda: live_by(_steady_s, lambda: time.time() + 3_600.0))
    await serve(settings, stop, lambda: None)


def start(
    settings: SpeakerSettings, environment: Mapping[str, str] | None = None, *, terminal: int | None = None
) -> subprocess.Popen[bytes]:
    """Start a speaker, in a terminal if one is given; its log goes to `log` in its state folder."""
    settings.state.mkdir(parents=True, exist_ok=True)
    credentials = settings.state / "credentials.json"
    settings.credentials.save(credentials)
    told = settings.state / "settings.json"
    names = ("id", "zone", "site", "output", "delay_ms")
    fields = {name: getattr(settings, name) for name in names}
    fields |= {"state": str(settings.state), "broker": str(settings.broker), "credentials": str(credentials)}
    told.write_text(json.dumps(fields))
    command = [sys.executable, "-m", "tests.devices.speaker_process", str(told)]
    if terminal is not None:
        command = ["setsid", "--ctty", "--wait", *command]
    with (settings.state / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stderr=log,
            env={**os.environ, **(environment or {})},
        )


if __name__ == "__main__":
    fields = json.loads(Path(sys.argv[1]).read_text())
    fields["state"] = Path(fields["state"])
    fields["broker"] = BrokerAddress.parse(fields["broker"])
    fields["credentials"] = Credentials.load(Path(fields["credentials"]))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(_main(SpeakerSettings(**fields)))
