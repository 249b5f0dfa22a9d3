"""The whole house on one machine: the broker and the programs as children.

They are started in order, kept running, and ended in reverse.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from unmissable.places import Places
from unmissable.running import CHILD
from wire.errors import BrokerError
from wire.mosquitto import PrivateBroker
from wire.requests import Role

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 20.0
"""A program that ran for this long before it ended is started again at once."""
END_S = 8.0


@dataclasses.dataclass(frozen=True)
class Program:
    """A program of the house: its name, and the arguments of `unmissable` that run it."""

    name: str
    arguments: tuple[str, ...]


class _Keeper:
    """Keeps one program running: starts it again when it ends, after a pause that grows while it keeps failing."""

    def __init__(self, program: Program, log: Path, say: Callable[[str], None]) -> None:
        self._program = program
        self._log = log
        self._say = say
        self.process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start and keep running."""
        self._task = asyncio.create_task(self._keep(), name=f"keep {self._program.name}")

    async def stop(self) -> None:
        """End it and wait."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        process = self.process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(END_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while True:
            began, logged = loop.time(), _size(self._log)
            try:
                what = f"ended ({_how(await self._run_once())}){_last_words(self._log, logged)}"
            except OSError as wrong:
                what = f"cannot be started: {wrong.filename}: {wrong.strerror}"
            pause_s = FIRST_PAUSE_S if loop.time() - began > STEADY_S else min(pause_s * 2, LONGEST_PAUSE_S)
            self._say(f"{self._program.name} {what}; it starts again in {pause_s:g} s; see {self._log}")
            await asyncio.sleep(pause_s)

    async def _run_once(self) -> int:
        environment = {**os.environ, CHILD: str(os.getpid())}
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "unmissable",
                *self._program.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        return await self.process.wait()


def _how(status: int) -> str:
    return f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _last_words(log: Path, logged: int) -> str:
    """The line with which a program said why it ended, in what it logged behind the first `logged` bytes."""
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(logged)
        lines = file.read().decode(errors="replace").splitlines()
        words = [line.removeprefix("unmissable: ") for line in lines if line.startswith("unmissable: ")]
        return f": {words[-1]}" if words else ""
    return ""


class House:
    """Broker, office, scheduler and the speakers of this machine, from one config folder."""

    def __init__(self, places: Places, *, output: str, say: Callable[[str], None]) -> None:
        self._places = places
        self._say = say
        enrolment = places.enrolled()
        self.broker = PrivateBroker(places.broker, enrolment, secrets_folder=places.credentials)
        self._speakers = [one for one in enrolment.users if one.role is Role.SPEAKER and one.here]
        self._output = output
        self._site = enrolment.site
        self._keepers: list[_Keeper] = []
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the broker, then every program; raises BrokerError when the broker cannot be started."""
        self._places.logs.mkdir(parents=True, exist_ok=True)
        self.broker.start()
        self._watch = asyncio.create_task(self._watch_broker(), name="keep broker")
        for program in self._programs():
            keeper = _Keeper(program, self._places.logs / f"{program.name}.log", self._say)
            self._keepers.append(keeper)
            keeper.start()

    async def stop(self) -> None:
        """End every program in reverse order, then the broker."""
        for keeper in reversed(self._keepers):
            await keeper.stop()
        self._keepers.clear()
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await asyncio.to_thread(self.broker.stop)

    def _programs(self) -> list[Program]:
        def program(name: str, command: str, *more: str) -> Program:
            credentials = self._places.credentials_file(name)
            talk = ("--broker", str(self.broker.address), "--credentials", str(credentials))
            return Program(name, (command, *more, *talk))

        config = ("--config", str(self._places.config))
        return [
            program("office", "office", *config),
            program("scheduler", "scheduler", *config),
            *(
                program(
                    one.user,
                    "speaker",
                    "--id",
                    one.user,
                    "--zone",
                    one.zone or "",
                    "--site",
                    self._site,
                    "--state",
                    str(self._places.state_of(one.user)),
                    "--output",
                    self._output,
                )
                for one in self._speakers
            ),
        ]

    async def _watch_broker(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            if self.broker.running:
                continue
            self._say("the broker ended; it starts again")
            pause_s = FIRST_PAUSE_S
            while not self.broker.running:
                try:
                    await asyncio.to_thread(self.broker.start)
                except (BrokerError, OSError) as wrong:
                    pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                    self._say(f"the broker does not start: {wrong}; the next try is in {pause_s:g} s")
                    await asyncio.sleep(pause_s)
